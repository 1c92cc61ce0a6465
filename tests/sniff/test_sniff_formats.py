"""``init`` recognises file formats, compression, and several files per day."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from packing import PACK
from pyarrow import parquet as pq
from sniff_files import days, orders

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.discover.listing import list_directory
from exporter.feed import Form
from exporter.model import Stage
from exporter.sniff.sniff import Proposal, sniff

Write = Callable[[str], bytes]


def records(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def as_parquet(text: str) -> bytes:
    """Write rows as Parquet."""
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(records(text)), out)
    return out.getvalue().to_pybytes()


def as_ndjson(text: str) -> bytes:
    """Write rows as NDJSON."""
    return "".join(json.dumps(row) + "\n" for row in records(text)).encode()


def proposed(folder: Path, pattern: str, write: Write, *, parts: int = 1) -> Proposal:
    """Write some days of orders and return the proposal for them."""
    for day in days(8):
        header, *rows = orders(day).splitlines(keepends=True)
        for part in range(parts):
            path = folder / f"{day:{pattern}}".replace("#", f"{part:03}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write(header + "".join(rows[part::parts])))
    return sniff([folder])


@pytest.fixture
def usual(tmp_path: Path) -> Proposal:
    """Provide the proposal for plain CSV files."""
    return proposed(tmp_path / "usual", "orders_%Y-%m-%d.csv", str.encode)


@dataclass(frozen=True)
class Written:
    """How the days are written, and what should be proposed."""

    pattern: str
    write: Write
    form: str
    path: str
    parts: int = 1


def packed(text: str) -> bytes:
    """Write rows as gzipped CSV."""
    return gzip.compress(text.encode())


CASES = [
    Written("orders_%Y-%m-%d.csv.gz", packed, "csv", "orders_{date:%Y-%m-%d}.csv"),
    Written(
        "orders_%Y-%m-%d.csv.zst",
        lambda text: PACK[".zst"](text.encode()),
        "csv",
        "orders_{date:%Y-%m-%d}.csv",
    ),
    Written(
        "orders_%Y-%m-%d.csv.zip",
        lambda text: PACK[".zip"](text.encode()),
        "csv",
        "orders_{date:%Y-%m-%d}.csv",
    ),
    Written("orders_%Y-%m-%d.parquet", as_parquet, "parquet", "orders_{date:%Y-%m-%d}.parquet"),
    Written("orders_%Y-%m-%d.jsonl", as_ndjson, "ndjson", "orders_{date:%Y-%m-%d}.jsonl"),
    Written(
        "orders_%Y-%m-%d.ndjson.gz",
        lambda text: gzip.compress(as_ndjson(text)),
        "ndjson",
        "orders_{date:%Y-%m-%d}.ndjson",
    ),
    Written("orders_%Y-%m-%d/part-#.csv", str.encode, "csv", "orders_{date:%Y-%m-%d}/part-*.csv", 3),
    Written("orders_%Y-%m-%d_#.parquet", as_parquet, "parquet", "orders_{date:%Y-%m-%d}_*.parquet", 2),
]


@pytest.mark.parametrize("how", CASES, ids=[case.pattern for case in CASES])
def test_the_proposal_differs_from_plain_files_only_in_path_and_format(
    tmp_path: Path, usual: Proposal, how: Written
) -> None:
    """The written contract can be loaded, and finds every day."""
    found = proposed(tmp_path / "data", how.pattern, how.write, parts=how.parts)
    table, plain = found.feed.raw, usual.feed.raw
    assert (table.path.text, table.form) == (how.path, Form(how.form))
    assert table.columns == plain.columns
    assert (table.key, found.feed.id) == (plain.key, usual.feed.id)
    assert (found.looked.days, found.looked.rows) == (usual.looked.days, usual.looked.rows)
    feed = parse_feed(contract_text(found.feed, found.notes), "x.yaml").feed
    assert feed.raw == table
    listed = list_directory(tmp_path / "data", feed).files
    assert len(listed) == 8
    assert all(source.fault is None for source in listed.values())


def test_plain_and_compressed_days_are_one_feed(tmp_path: Path) -> None:
    """Older days are often compressed."""
    for day in days(8):
        data = orders(day).encode()
        old = day < date(2025, 3, 7)
        (tmp_path / f"orders_{day}.csv{'.gz' if old else ''}").write_bytes(
            gzip.compress(data) if old else data
        )
    found = sniff([tmp_path])
    assert (found.feed.raw.path.text, found.looked.days, found.hints) == ("orders_{date:%Y-%m-%d}.csv", 8, ())


def test_a_success_file_in_each_folder_is_required(tmp_path: Path) -> None:
    """It is not required if some folders have none."""
    proposed(tmp_path, "orders_%Y-%m-%d/part-#.csv", str.encode, parts=2)
    assert sniff([tmp_path]).feed.raw.success_file == ""
    for day in days(8):
        (tmp_path / f"orders_{day}/_SUCCESS").touch()
    found = sniff([tmp_path])
    assert found.feed.raw.success_file == "_SUCCESS"
    feed = parse_feed(contract_text(found.feed, found.notes), "x.yaml").feed
    listed = list_directory(tmp_path, feed).files[days(8)[0], Stage.RAW]
    assert (listed.awaits, len(listed.parts)) == (None, 2)
