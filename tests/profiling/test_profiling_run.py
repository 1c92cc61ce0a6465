"""The profile of a file equals the reference's, however the file is cut and read."""

import dataclasses
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, tzinfo
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dirt import ALIASES, SOUP, files
from feeds import PLAIN_RAW, RAW, TABLES, orders
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import day_of, may_be_refused
from reference import profile as refer

from exporter.model import Profile, SourceFile, Stage, Stamp
from exporter.places.local import LocalFile
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.plan import Scan, plan
from exporter.profiling.records import Sizes
from exporter.profiling.run import FileChanged, begin_scan, open_part, profile_file, tally_range
from exporter.profiling.tally import Tally
from exporter.profiling.window import Span

PARTITION = date(2025, 3, 30)
DAY = day_of(PARTITION)
HEADER = b"client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n"
ROW = b"id-%06d,/p,,2025-03-30T%02d:00:00Z,page_viewed,,agent\n"
ZONES = st.sampled_from([UTC, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
SIZES = st.builds(
    Sizes,
    span=st.sampled_from([1 << 20, 40, 150, 600]),
    block=st.sampled_from([1 << 20, 7, 60, 300]),
    parse=st.sampled_from([1 << 19, 8, 64, 200]),
)
STAGES = st.sampled_from([Stage.RAW, Stage.CLEAN, Stage.REJECTS])
numbers = itertools.count()


def find(path: Path, stage: Stage = Stage.RAW) -> SourceFile:
    """Describe a file like a listing does."""
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return SourceFile(PARTITION, stage, path, stamp)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the files of many examples in one place."""
    return tmp_path_factory.mktemp("dirt")


def write(folder: Path, data: bytes) -> Path:
    """Write a file over one of the last few."""
    path = folder / f"{next(numbers) % 8}.csv"
    path.write_bytes(data)
    return path


def plain(profile: Profile) -> dict[str, object]:
    """Return all but the fingerprint, which the reference does not know."""
    return dataclasses.asdict(dataclasses.replace(profile, fingerprint=""))


def rows(count: int) -> bytes:
    """Make a clean file."""
    return HEADER + b"".join(ROW % (number, number % 24) for number in range(count))


@settings(max_examples=400)
@given(data=files(), zone=ZONES, sizes=SIZES, how=st.tuples(STAGES, st.sampled_from([1, 2])))
def test_every_figure_of_a_dirty_file_is_the_references(
    folder: Path, data: bytes, zone: tzinfo, sizes: Sizes, how: tuple[Stage, int]
) -> None:
    """Whatever is wrong with a file, both ways of reading it agree, at any size of block and range."""
    stage, threads = how
    day = day_of(PARTITION, zone)
    wanted = refer(data, day, stage, ALIASES)
    try:
        found = profile_file(
            find(write(folder, data), stage), day, table=TABLES[stage], threads=threads, sizes=sizes
        )
    except NotCsvError:
        assert may_be_refused(data, wanted, stage)
    else:
        assert plain(found) == plain(wanted)


@settings(max_examples=300)
@given(
    header=st.sampled_from(
        [
            b"client_id\n",
            b"a,timestamp\n",
            b"timestamp\n",
            b"event_name,b\r\n",
            b'"event_name","client_id",timestamp\n',
        ]
    ),
    data=SOUP,
    sizes=SIZES,
    longest=st.sampled_from([1 << 25, 1 << 25, 25, 60]),
)
def test_soup_of_separators_and_quotes_is_split_like_the_reference_does(
    folder: Path, header: bytes, data: bytes, sizes: Sizes, longest: int
) -> None:
    """Records begin and end where the csv module and the proofs say, also beyond the longest record."""
    proof = min(longest, 1 << 16)
    sizes = dataclasses.replace(sizes, record=longest, proof=proof)
    found = profile_file(find(write(folder, header + data)), DAY, table=RAW, sizes=sizes)
    assert plain(found) == plain(
        refer(header + data, DAY, Stage.RAW, ALIASES, longest=longest, longest_proof=proof)
    )


@pytest.mark.parametrize("place", [b"id-000500,", b"/p", b"agent", b"page_viewed"])
@pytest.mark.parametrize("sizes", [Sizes(), Sizes(span=4000, block=900, parse=300)])
def test_an_unclosed_quote_costs_one_record(tmp_path: Path, place: bytes, sizes: Sizes) -> None:
    """The record that it stands in is malformed; every one after it is counted."""
    before, victim, after = rows(1000).partition(ROW % (500, 500 % 24))
    path = write(tmp_path, before + victim.replace(place, b'"' + place) + after)
    found = profile_file(find(path), DAY, table=PLAIN_RAW, sizes=sizes)
    assert (found.rows, found.malformed_rows, orders(found).events["page_viewed"]) == (1000, 1, 999)


def test_a_quoted_line_break_costs_nothing(tmp_path: Path) -> None:
    """A record over two lines is one good record, in whatever block its halves are."""
    path = write(tmp_path, rows(1000).replace(b",agent", b',"two\nlines"'))
    found = profile_file(find(path), DAY, table=PLAIN_RAW, sizes=Sizes(span=4000, block=900, parse=300))
    assert (found.rows, found.malformed_rows, orders(found).events["page_viewed"]) == (1000, 0, 1000)


def test_a_record_longer_than_a_block_is_read(tmp_path: Path) -> None:
    """Blocks grow with a long record, and its neighbours are not disturbed."""
    path = write(tmp_path, rows(10).replace(b"/p", b"/" + b"p" * 5000, 1))
    found = profile_file(find(path), DAY, table=PLAIN_RAW, sizes=Sizes(span=1000, block=100, parse=100))
    assert (found.rows, found.malformed_rows, orders(found).events["page_viewed"]) == (10, 0, 10)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("more", [0, 1])
def test_the_longest_record_is_read_however_its_line_ends(tmp_path: Path, end: bytes, more: int) -> None:
    """Its line end does not count. After a longer one, only a line with a time could prove to be a record."""
    longest = 25
    lines = [b"event_name,b", b"x," + b"y" * (longest + more - 2), b"z,1", b""]
    path = write(tmp_path, end.join(lines))
    for block in range(1, 40):
        found = profile_file(
            find(path), DAY, table=RAW, sizes=Sizes(block=block, record=longest, proof=longest)
        )
        assert (found.rows, found.malformed_rows) == ((1, 1) if more else (2, 0)), block


def test_who_reads_does_not_change_the_profile(tmp_path: Path) -> None:
    """One thread or four, the profile is the same to the last letter of its fingerprint."""
    source = find(write(tmp_path, rows(500)))
    sizes = Sizes(span=3000, block=700)
    assert (
        len({repr(profile_file(source, DAY, table=PLAIN_RAW, threads=n, sizes=sizes)) for n in (1, 2, 4)})
        == 1
    )


def test_the_fingerprint_tells_contents_apart_and_equal_ones_not(tmp_path: Path) -> None:
    """Equal bytes have equal fingerprints under any name; a swap of two rows has another."""
    data = rows(3)
    lines = data.splitlines(keepends=True)
    contents = [
        data,
        data,
        b"".join([lines[0], lines[2], lines[1], *lines[3:]]),
        data[:-1],
        data + b"\n",
        b"",
        b"\n",
    ]
    prints = [
        profile_file(find(write(tmp_path, content)), DAY, table=PLAIN_RAW).fingerprint for content in contents
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == len(contents) - 1


@pytest.mark.parametrize(
    ("span", "fingerprint"),
    [(Sizes().span, "ac3e103bb684202269da4fe91d34a260"), (3000, "74c827d03ed9b1eac0bf7b5bfd780b80")],
)
def test_a_fingerprint_keeps_its_meaning_between_releases(
    tmp_path: Path, span: int, fingerprint: str
) -> None:
    """Stored fingerprints stay comparable: another definition would call every partition backfilled."""
    source = find(write(tmp_path, rows(500)))
    assert profile_file(source, DAY, table=PLAIN_RAW, sizes=Sizes(span=span)).fingerprint == fingerprint
    assert Sizes().span == 32 << 20


def test_ranges_can_be_counted_by_other_processes(tmp_path: Path) -> None:
    """Scans and tallies travel; a range counted elsewhere is the range counted here."""
    source = find(write(tmp_path, rows(500)))
    with open_part(source.files[0]) as file:
        scan = begin_scan(file, DAY, PLAIN_RAW, sizes=Sizes(span=5000))
        spans = plan(file, source.stamp.size, scan)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        total = Tally().merge(*pool.map(partial(tally_elsewhere, source, scan), reversed(spans)))
    here = profile_file(source, DAY, table=PLAIN_RAW, sizes=Sizes(span=5000))
    assert total.seal(scan.header.columns, PLAIN_RAW, DAY) == here


def tally_elsewhere(source: SourceFile, scan: Scan, span: Span) -> Tally:
    """Open the same file again and count one range."""
    with open_part(source.files[0]) as file:
        return tally_range(file, scan, span)


def append(path: Path) -> None:
    """Let the file grow."""
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    """Put another file of the same size and times in its place."""
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


CHANGES = [
    append,
    replace,
    lambda path: os.truncate(path, 10),
    lambda path: path.write_bytes(path.read_bytes()),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_before_it_was_read_has_no_profile(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """The file must still be the one that was found."""
    path = write(tmp_path, rows(10))
    source = find(path)
    change(path)
    with pytest.raises(FileChanged):
        profile_file(source, DAY, table=PLAIN_RAW)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_has_no_profile(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """Growing, shrinking, rewriting and replacing are all noticed at the end."""
    path = write(tmp_path, rows(10))
    with pytest.raises(FileChanged), open_part(find(path).files[0]):
        change(path)


def test_a_file_that_ends_early_is_noticed_at_once(tmp_path: Path) -> None:
    """A range that is not there any more is no range of zeros."""
    path = write(tmp_path, rows(10))
    source = find(path)
    with path.open("rb") as file:
        scan = begin_scan(LocalFile(file.fileno()), DAY, PLAIN_RAW)
        os.truncate(path, len(HEADER) + 5)
        with pytest.raises(FileChanged):
            tally_range(LocalFile(file.fileno()), scan, Span(0, source.stamp.size))


def test_what_cannot_be_read_raises_what_the_system_says(tmp_path: Path) -> None:
    """Folders, absent files, and lines without an end are OSErrors of their kind."""
    with pytest.raises(IsADirectoryError):
        profile_file(find(tmp_path), DAY, table=PLAIN_RAW)
    source = find(write(tmp_path, b"x" * (1 << 21)))
    with pytest.raises(NotCsvError):
        profile_file(source, DAY, table=PLAIN_RAW)
    source.path.unlink()
    with pytest.raises(FileNotFoundError):
        profile_file(source, DAY, table=PLAIN_RAW)


def test_a_file_without_permission_raises_permission_error(tmp_path: Path) -> None:
    """The mode of a file is respected and reported, also in a test that root runs."""
    path = write(tmp_path, rows(1))
    path.chmod(0)
    source, user = find(path), os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        with pytest.raises(PermissionError):
            profile_file(source, DAY, table=PLAIN_RAW)
    finally:
        os.seteuid(user)


SCRIPT = """
import datetime, os, pathlib, re, sys
from exporter.feed import Column, Table
from exporter.model import Day, SourceFile, Stage, Stamp
from exporter.profiling.run import profile_file
from exporter.template import PathTemplate

required = {"client_id", "timestamp", "event_name"}
names = "client_id page_url referrer timestamp event_name event_data user_agent".split()
columns = [Column(name, required=name in required, event_time=name == "timestamp") for name in names]
path = PathTemplate("events_{date:%Y%m%d}.csv")
table = Table("raw", Stage.RAW, path, tuple(columns), packs=("web-orders",))
status = os.stat(sys.argv[1])
stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
day = Day(datetime.date(2025, 3, 30), 0, 10**9)
source = SourceFile(day.partition, Stage.RAW, pathlib.Path(sys.argv[1]), stamp)
profile = profile_file(source, day, table=table, threads=2)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]
print(profile.rows, "pandas" in sys.modules, int(peak) >> 10)
"""


def test_a_large_file_takes_no_more_memory_and_never_imports_pandas(tmp_path: Path) -> None:
    """Three times the bytes are read in about the same memory, by a process that never loads pandas.

    Both are long enough for every thread to have had its largest blocks at the same time as the other one.
    """
    megabytes = []
    for repeat in (5, 15):
        path = write(tmp_path, HEADER + rows(200_000)[len(HEADER) :] * repeat)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path)], check=True, capture_output=True, text=True
        )
        count, pandas, used = done.stdout.split()
        assert (int(count), pandas) == (200_000 * repeat, "False")
        megabytes.append(int(used))
    assert megabytes[1] < min(350, megabytes[0] + 60)
