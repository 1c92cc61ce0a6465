"""A day on object storage has the same figures as on disk, and no more of it is read than needed."""

import contextlib
import io
import itertools
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pytest
from feeds import EVENTS
from made import DAY
from object_storage import Proxy, Storage
from packing import PACK
from pyarrow import csv as pacsv
from pyarrow import parquet as pq
from written import content

from exporter.discover.calendar import Calendar
from exporter.discover.listing import list_directory
from exporter.model import Place, Profile, SourceFile, Stage
from exporter.places import ahead
from exporter.places.opening import opened
from exporter.places.readable import PlaceError
from exporter.places.settings import use
from exporter.profiling.records import Sizes
from exporter.profiling.run import FileChanged, open_rows, profile_file
from exporter.triage.records import read_source

NAME = f"events_{DAY:%Y%m%d}"
NUMBERS = itertools.count()
ROWS = 400
TABLE = EVENTS.raw


def as_parquet(data: bytes, group: int = 150) -> bytes:
    """Write CSV as Parquet."""
    out = io.BytesIO()
    read = pacsv.read_csv(io.BytesIO(data), parse_options=pacsv.ParseOptions(newlines_in_values=True))
    table = pa.table({name: read.column(name).cast(pa.string()) for name in read.column_names})
    pq.write_table(
        table.append_column("unread", pa.array(["x" * 4000 + str(n) for n in range(len(table))])),
        out,
        row_group_size=group,
        compression="none",
    )
    return out.getvalue()


def as_ndjson(data: bytes) -> bytes:
    """Write CSV as NDJSON."""
    frame = pacsv.read_csv(io.BytesIO(data)).to_pandas().astype(str)
    return frame.to_json(orient="records", lines=True).encode()


TEXT = content(DAY, ROWS).encode()
LINES = TEXT.splitlines(keepends=True)
FORMS = {
    "csv": {f"{NAME}.csv": TEXT},
    "gz": {f"{NAME}.csv.gz": PACK[".gz"](TEXT)},
    "zst": {f"{NAME}.csv.zst": PACK[".zst"](TEXT)},
    "zip": {f"{NAME}.csv.zip": PACK[".zip"](TEXT)},
    "ndjson": {f"{NAME}.ndjson": as_ndjson(TEXT)},
    "parquet": {f"{NAME}.parquet": as_parquet(TEXT)},
    "folder": {
        f"{NAME}.csv/part-{number}.csv": b"".join([LINES[0], *LINES[1 + number :: 3]]) for number in range(3)
    },
}


def laid(tmp_path: Path, storage: Storage, files: dict[str, bytes]) -> tuple[Path, Path]:
    """Write files to disk and to a new bucket; return both directories."""
    folder, bucket = tmp_path / "data", f"bucket-{next(NUMBERS)}"
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    storage.upload(folder, bucket, "shop/")
    return folder, Path(f"s3://{bucket}/shop")


def found_in(directory: Path) -> SourceFile:
    """Return the day's raw file."""
    return list_directory(directory, EVENTS).files[DAY, Stage.RAW]


def profile(source: SourceFile, sizes: Sizes | None = None) -> Profile:
    """Profile a file."""
    return profile_file(source, Calendar().day(DAY), table=TABLE, threads=2, sizes=sizes)


@pytest.mark.parametrize("form", FORMS)
def test_the_figures_are_those_of_the_file_on_disk(
    tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """In every format, compressed and in parts, with blocks far smaller than the file."""
    use(Place(endpoint=storage.endpoint))
    monkeypatch.setattr(ahead, "BLOCK", 10_000)
    local, remote = (found_in(directory) for directory in laid(tmp_path, storage, FORMS[form]))
    small = Sizes(span=20_000, block=4000, parse=3000)
    here, there = profile(local, small), profile(remote, small)
    assert here.rows == ROWS
    aside = (
        {"fingerprint": None} if form == "parquet" else {}
    )  # a remote file is not read in full for its fingerprint
    assert asdict(there) | aside == asdict(here) | aside
    assert profile(remote, small) == there
    shown = [record.cells for record in itertools.islice(read_source(remote, TABLE), 5)]
    assert shown == [record.cells for record in itertools.islice(read_source(local, TABLE), 5)]
    with open_rows(local) as here_rows, open_rows(remote) as there_rows:
        assert there_rows.file.read(5000, 0) == here_rows.file.read(5000, 0)


def test_a_listing_reads_nothing_and_a_profile_reads_once(tmp_path: Path, proxy: Proxy) -> None:
    """Listing again requests only names; each byte of a CSV file is read once."""
    use(Place(endpoint=proxy.endpoint))
    _, directory = laid(tmp_path, proxy.storage, FORMS["csv"])
    source = found_in(directory)
    assert found_in(directory) == source
    assert all(one.lists for one in proxy.asked)
    profile(source)
    assert len(TEXT) <= proxy.read <= len(TEXT) + 140_000  # the header is read separately


def test_only_the_parquet_columns_that_figures_need_are_read(tmp_path: Path, proxy: Proxy) -> None:
    """Most of this file is a column that no figure needs."""
    use(Place(endpoint=proxy.endpoint))
    _, directory = laid(tmp_path, proxy.storage, FORMS["parquet"])
    whole = len(FORMS["parquet"][f"{NAME}.parquet"])
    source = found_in(directory)
    before = profile(source).fingerprint
    assert 0 < proxy.read < 250_000 < ROWS * 4000 < whole
    other = as_parquet(content(DAY, ROWS + 1).encode())
    bucket, *key = PurePosixPath(source.path).parts[1:]
    proxy.storage.client.put_object(Bucket=bucket, Key="/".join(key), Body=other)
    assert profile(found_in(directory)).fingerprint != before


def test_a_replaced_file_is_not_taken_for_the_one_that_was_listed(tmp_path: Path, storage: Storage) -> None:
    """It is recognised by its size, its modification time or, within a second, its ETag."""
    use(Place(endpoint=storage.endpoint))
    _, directory = laid(tmp_path, storage, FORMS["csv"])
    source = found_in(directory)
    bucket, *key = PurePosixPath(source.path).parts[1:]
    with opened(source.files[0]) as file:
        assert file.stamp() == source.stamp
        storage.client.put_object(Bucket=bucket, Key="/".join(key), Body=TEXT[::-1])
        with contextlib.suppress(FileChanged):
            assert file.stamp() != source.stamp
    with pytest.raises(FileChanged):
        profile(replace(source, stamp=replace(source.stamp, size=1)))
    storage.client.delete_object(Bucket=bucket, Key="/".join(key))
    with pytest.raises(FileNotFoundError):
        profile(source)


@pytest.mark.parametrize("trouble", ["cut", "deny", "wait"])
@pytest.mark.parametrize("lists", [True, False])
def test_an_unavailable_file_is_not_a_bad_file(
    tmp_path: Path, proxy: Proxy, trouble: str, *, lists: bool
) -> None:
    """A broken connection, an expired credential, a slow server: reported within time limits."""
    use(Place(endpoint=proxy.endpoint, timeout=1, connect_timeout=1, attempts=2))
    _, directory = laid(tmp_path, proxy.storage, FORMS["gz"])
    source = found_in(directory)
    proxy.trouble = lambda _, path: trouble if ("list-type" in path) is lists else "pass"
    begun = time.monotonic()
    with pytest.raises(PlaceError) as caught:
        found_in(directory) if lists else profile(source)
    assert time.monotonic() - begun < 25
    assert (trouble == "deny") == any(word in str(caught.value).lower() for word in ("expired", "denied"))
    proxy.trouble = lambda *_: "pass"
    assert profile(found_in(directory)).rows == ROWS


def listed(names: Sequence[str], storage: Storage) -> Path:
    """Put empty objects into a new bucket; return its address."""
    bucket = f"bucket-{next(NUMBERS)}"
    storage.client.create_bucket(Bucket=bucket)
    for name in names:
        storage.client.put_object(Bucket=bucket, Key=name, Body=b"")
    return Path(f"s3://{bucket}")


def test_folders_of_parts_are_listed_together(proxy: Proxy) -> None:
    """Not one request per folder, whether the date spans several folders or is in one folder's name."""
    use(Place(endpoint=proxy.endpoint))
    days = [f"events_202503{day:02}.csv/part-{part}.csv" for day in range(1, 29) for part in range(2)]
    directory = listed(days, proxy.storage)
    assert len(list_directory(directory, EVENTS).files) == 28
    assert len([one for one in proxy.asked if one.lists]) <= 8
