"""One bad day is skipped; if most are bad, there is nothing to propose."""

import gzip
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from sniff_files import FIRST, days, orders, write, write_days

from exporter.contract.write import contract_text
from exporter.errors import UserError
from exporter.model import Stage
from exporter.sniff.sniff import Proposal, sniff

ODD = [
    ("gzip", b"\x1f\x8b\x08abc", "compressed (gzip)"),
    ("UTF-16", orders(FIRST).encode("utf-16"), "UTF-16: init reads only UTF-8"),
    ("HTML", b"<html>Bad gateway</html>", "HTML or XML"),
    ("semicolons", orders(FIRST).replace(",", ";").encode(), "separated by semicolons, most files by commas"),
    (
        "no header",
        orders(FIRST).partition("\n")[2].encode(),
        "its header has none of the other files' columns",
    ),
]


def odd(folder: Path, content: bytes, count: int) -> Proposal:
    """Return the proposal for eight days of which the last ``count`` have odd content."""
    write_days(folder, 8)
    return sniff([write(folder, {f"orders_{day}.csv": content for day in days(8)[-count:]})])


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_day_is_left_out_and_named(tmp_path: Path, content: bytes, said: str) -> None:
    """The columns are derived from the other days."""
    proposal = odd(tmp_path, content, 1)
    assert [column.name for column in proposal.feed.raw.columns] == [
        "order_id",
        "ordered_at",
        "country",
        "amount",
        "email",
    ]
    assert proposal.feed.raw.key == ("order_id",)
    assert proposal.looked.files == 7
    assert any(
        guess.startswith("raw: orders_2025-03-10.csv: ") and said in guess
        for guess in proposal.looked.guesses
    )


@pytest.mark.parametrize(("content", "said"), [row[1:] for row in ODD[:3]], ids=[row[0] for row in ODD[:3]])
def test_odd_days_in_the_majority_are_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    """The message says what to do about them."""
    with pytest.raises(UserError) as error:
        odd(tmp_path, content, 5)
    assert said in str(error.value)


def test_empty_days_are_days_without_rows(tmp_path: Path) -> None:
    """The other days are not affected."""
    proposal = odd(tmp_path, b"", 2)
    assert (proposal.looked.files, proposal.looked.rows) == (8, 240)


def test_a_day_whose_rows_all_miss_the_header_is_counted_as_malformed(tmp_path: Path) -> None:
    """The header is right, so the columns are known."""
    proposal = odd(tmp_path, orders(FIRST).replace("example.org", "example.org,").encode(), 1)
    assert "raw: rows with a different number of fields than the header: 40" in proposal.looked.guesses


COLUMNS = ["order_id", "ordered_at", "country", "amount", "email"]
ROWS = 4000  # a cut is beyond the first 64 kB
DENIED = "permission denied"


def as_parquet(text: str) -> bytes:
    """Write rows as Parquet."""
    header, *rows = (line.split(",") for line in text.splitlines())
    out = pa.BufferOutputStream()
    pq.write_table(pa.table([pa.array(column) for column in zip(*rows, strict=True)], header), out)
    return out.getvalue().to_pybytes()


def packed(text: str) -> bytes:
    """Write rows as gzipped CSV."""
    return gzip.compress(text.encode())


def cut(data: bytes) -> bytes:
    """Return the first two thirds of a file."""
    return data[: len(data) * 2 // 3]


UNREADABLE = {
    "cut gzip": ("csv.gz", packed, 40, cut, "gzip file is cut off after"),
    "gzip cut after its sample": ("csv.gz", packed, ROWS, cut, "gzip file is cut off after"),
    "random bytes": (
        "csv.gz",
        packed,
        40,
        lambda _: random.Random(1).randbytes(500),
        "not a gzip file, although its name ends in .gz",
    ),
    "cut Parquet": ("parquet", as_parquet, 40, cut, "Parquet file is cut off after"),
    "no permission": ("csv", str.encode, 40, None, DENIED),
}
PLACES = {"newest": -1, "middle": -3, "oldest": 0, "further": 5}


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Provide the files that cannot be opened; permissions do not hold for root."""
    paths: set[Path] = set()
    opened = Path.open

    def refusing(path: Path, *rest: object, **named: object) -> object:
        if path in paths:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest, **named)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(Path, "open", refusing)
    return paths


def damaged(folder: Path, how: str, places: list[int], locked: set[Path], count: int = 15) -> Proposal:
    """Return the proposal for days of which those at ``places`` cannot be read."""
    ending, written, rows, damage, _ = UNREADABLE[how]
    for place, day in enumerate(days(count)):
        path = folder / f"orders_{day}.{ending}"
        data = written(orders(day, rows))
        bad = place in places or place - count in places
        path.write_bytes(damage(data) if bad and damage is not None else data)
        if bad and damage is None:
            locked.add(path)
    return sniff([folder])


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("how", UNREADABLE)
def test_a_day_that_cannot_be_read_is_left_out_and_named(
    tmp_path: Path, locked: set[Path], how: str, where: str
) -> None:
    """Whichever of its bytes is read first, and whichever day it is; also in the contract's comments."""
    ending, *_, said = UNREADABLE[how]
    proposal = damaged(tmp_path, how, [PLACES[where]], locked)
    assert [column.name for column in proposal.feed.raw.columns] == COLUMNS
    assert (proposal.feed.raw.key, proposal.feed.raw.required) == (("order_id",), tuple(COLUMNS))
    assert (proposal.looked.days, proposal.looked.files) == (15, 8 if where == "further" else 7)
    expected = f"orders_{days(15)[PLACES[where]]}.{ending}: {said}"
    assert any(guess.startswith(f"raw: {expected}") for guess in proposal.looked.guesses)
    assert f"# {expected}" in contract_text(proposal.feed, proposal.notes)


def test_readable_days_are_not_named(tmp_path: Path, locked: set[Path]) -> None:
    """Neither among the guesses nor in a comment."""
    proposal = damaged(tmp_path, "cut gzip", [], locked)
    assert not any(guess.startswith("raw: ") for guess in proposal.looked.guesses)
    assert "orders_2025" not in contract_text(proposal.feed, proposal.notes)


@pytest.mark.parametrize("how", UNREADABLE)
def test_days_that_cannot_be_read_are_an_error_if_they_are_most(
    tmp_path: Path, locked: set[Path], how: str
) -> None:
    """Of eight days, four are not."""
    (tmp_path / "some").mkdir()
    assert damaged(tmp_path / "some", how, [1, 3, 5, 7], locked, 8).looked.files == 4
    (tmp_path / "most").mkdir()
    with pytest.raises(UserError, match=UNREADABLE[how][-1]):
        damaged(tmp_path / "most", how, [1, 3, 4, 5, 7], locked, 8)


def test_many_days_that_cannot_be_read_are_named_in_one_line(tmp_path: Path, locked: set[Path]) -> None:
    """The newest with their reasons, further ones among them."""
    proposal = damaged(tmp_path, "cut gzip", [0, 2, 4, 6, 10, 14], locked)
    said = [guess for guess in proposal.looked.guesses if guess.startswith("raw: ")]
    assert [guess.partition(": ")[2].partition(":")[0] for guess in said[:3]] == [
        f"orders_{days(15)[place]}.csv.gz" for place in (14, 10, 6)
    ]
    names = ", ".join(f"orders_{days(15)[place]}.csv.gz" for place in (4, 2, 0))
    assert said[3:] == [f"raw: left out as well: {names}"]


def test_a_day_that_disappears_meanwhile_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its sample and its first part were read."""
    for day in days(9):
        for part in range(2):
            write(tmp_path, {f"orders_{day}/part-{part}.csv": orders(day)})
    opened, seen = Path.open, []

    def vanishing(path: Path, *rest: object, **named: object) -> object:
        file = opened(path, *rest, **named)  # type: ignore[call-overload]  # passed on as it came
        seen.append(path)
        if path.parent.name == "orders_2025-03-10" and seen.count(path) > 1:
            shutil.rmtree(path.parent)
        return file

    monkeypatch.setattr(Path, "open", vanishing)
    proposal = sniff([tmp_path])
    assert proposal.looked.files == 7
    assert "raw: orders_2025-03-10/part-*.csv: no such file or directory" in proposal.looked.guesses


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08abc", None])
def test_a_bad_day_among_empty_rejects_does_not_matter(
    tmp_path: Path, locked: set[Path], content: bytes | None
) -> None:
    """Nothing was rejected on the others; the raw files are described."""
    write(tmp_path, {f"orders/{day}.csv": orders(day) for day in days(8)})
    write(tmp_path, {f"orders_rejected/{day}.csv": content or b"" for day in days(8)[-1:]})
    write(tmp_path, {f"orders_rejected/{day}.csv": b"" for day in days(7)})
    if content is None:
        locked.add(tmp_path / f"orders_rejected/{days(8)[-1]}.csv")
    proposal = sniff([tmp_path])
    assert proposal.feed.stages == (Stage.RAW,)
    assert proposal.hints[0].startswith("also found: 8 files")
