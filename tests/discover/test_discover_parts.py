"""A day in several files is found as one, and is complete before it counts."""

import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from feeds import EVENTS

from exporter.discover.listing import Listing, list_directory
from exporter.discover.parts import in_order
from exporter.feed import Feed, Form
from exporter.model import Stage
from exporter.template import PathTemplate

DAY = date(2025, 3, 5)
KEY = (DAY, Stage.RAW)


def put(folder: Path, name: str, text: str = "x", mtime: float = 1_700_000_000) -> Path:
    """Write a file that is old."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (mtime, mtime))
    return path


def feed(path: str = "events_{date:%Y%m%d}.csv", **changes: str) -> Feed:
    """Return the events with another path, or another format."""
    form = Form(format=changes.pop("format", ""))
    raw = replace(EVENTS.raw, path=PathTemplate(path), form=form, **changes)  # type: ignore[arg-type]
    return replace(EVENTS, tables={Stage.RAW: raw})


def names(listing: Listing) -> list[str]:
    """Return the names of the files read for the day, in order."""
    return [part.path.name for part in listing.files[KEY].files] if KEY in listing.files else []


def aside(listing: Listing) -> list[str]:
    """Return files with the day in their name that are not read."""
    return [found.shown for found in listing.unmatched]


@pytest.mark.parametrize("folder", ["events_20250305", "events_20250305.csv"])
def test_a_folder_of_parts_is_a_days_file(tmp_path: Path, folder: str) -> None:
    """By its name with or without the ending; Spark's other files are not parts."""
    for name, text in (("part-2.csv", "ab"), ("part-10.csv.gz", "c"), ("part-0.csv", "")):
        put(tmp_path, f"{folder}/{name}", text)
    newest = put(tmp_path, f"{folder}/part-1", "d", 1_700_000_100)
    for name in ("_SUCCESS", ".part-2.csv.crc", "_committed_1", "part-2.csv.md5"):
        put(tmp_path, f"{folder}/{name}")
    listing = list_directory(tmp_path, feed())
    source = listing.files[KEY]
    assert names(listing) == ["part-0.csv", "part-1", "part-2.csv", "part-10.csv.gz"]
    assert (source.stamp.size, source.stamp.mtime_ns) == (4, newest.stat().st_mtime_ns)
    assert (source.awaits, source.fault, aside(listing), listing.problems) == (None, None, [], ())


def test_any_change_of_a_part_is_another_stamp(tmp_path: Path) -> None:
    """Even a removed empty part, or one with the same size and time."""
    one, other = (put(tmp_path, f"events_20250305/part-{number}.csv") for number in (0, 1))
    empty = put(tmp_path, "events_20250305/part-2.csv", "")
    stamps = [list_directory(tmp_path, feed()).files[KEY].stamp]
    empty.unlink()
    stamps.append(list_directory(tmp_path, feed()).files[KEY].stamp)
    other.unlink()
    put(tmp_path, other.relative_to(tmp_path).as_posix(), "y")
    stamps.append(list_directory(tmp_path, feed()).files[KEY].stamp)
    one.rename(one.with_name("part-9.csv"))
    stamps.append(list_directory(tmp_path, feed()).files[KEY].stamp)
    assert len(set(stamps)) == 4


@pytest.mark.parametrize("name", ["_temporary/0/part-1.csv", "part-1.csv.tmp", "part-1.csv.part"])
def test_a_folder_that_is_being_filled_is_awaited(tmp_path: Path, name: str) -> None:
    """Until the writer has given up."""
    put(tmp_path, "events_20250305/part-0.csv")
    path = put(tmp_path, f"events_20250305/{name}", mtime=time.time())
    assert list_directory(tmp_path, feed()).files[KEY].awaits == "its parts are still being written"
    if path.name.endswith((".tmp", ".part")):
        os.utime(path, (1, 1))
        assert list_directory(tmp_path, feed()).files[KEY].awaits is None


def test_the_file_that_says_that_all_is_there_is_awaited_where_it_is_asked_for(tmp_path: Path) -> None:
    """A day in one file needs none."""
    put(tmp_path, "events_20250305/part-0.csv")
    put(tmp_path, "events_20250306.csv")
    asking = feed(success_file="_SUCCESS")
    listing = list_directory(tmp_path, asking)
    assert listing.files[KEY].awaits == "its _SUCCESS does not exist yet"
    assert listing.files[date(2025, 3, 6), Stage.RAW].awaits is None
    put(tmp_path, "events_20250305/_SUCCESS")
    assert list_directory(tmp_path, asking).files[KEY].awaits is None
    (tmp_path / "events_20250307").mkdir()
    empty = list_directory(tmp_path, asking).files[date(2025, 3, 7), Stage.RAW]
    assert (empty.awaits, empty.parts) == ("its _SUCCESS does not exist yet", ())


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("form", ["events_20250305_%03d.csv", "events_20250305-part%d.csv.gz"])
def test_numbered_parts_are_one_file_where_none_is_missing(tmp_path: Path, first: int, form: str) -> None:
    """In the order of their numbers; a gap is reported, and a single one may be a copy."""
    paths = [put(tmp_path, form % number) for number in range(first, first + 12)]
    listing = list_directory(tmp_path, feed())
    assert names(listing) == [path.name for path in paths]
    assert (aside(listing), listing.problems) == ([], ())
    paths[5].unlink()
    listing = list_directory(tmp_path, feed())
    assert (names(listing), len(aside(listing))) == ([], 11)
    assert "one is missing or duplicated, so none is read" in listing.problems[0]
    for path in paths[2:5] + paths[6:]:
        path.unlink()
    paths[first and 1].unlink()
    listing = list_directory(tmp_path, feed())
    assert (names(listing), len(aside(listing)), listing.problems) == ([], 1, ())


def test_parts_that_say_how_many_they_are_are_awaited(tmp_path: Path) -> None:
    """Three of four are a gap."""
    for number in (1, 2, 3):
        put(tmp_path, f"events_20250305_{number}_of_4.csv")
    assert names(list_directory(tmp_path, feed())) == []
    put(tmp_path, "events_20250305_4_of_4.csv")
    assert len(names(list_directory(tmp_path, feed()))) == 4


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("events_{date:%Y%m%d}_*.csv", ("events_20250305_a.csv", "events_20250305_b.csv.gz")),
        ("dt={date:%Y-%m-%d}/part-*.csv", ("dt=2025-03-05/part-0.csv", "dt=2025-03-05/part-7.csv")),
        ("dt={date:%Y-%m-%d}/*", ("dt=2025-03-05/000000_0", "dt=2025-03-05/000001_0")),
    ],
)
def test_a_path_with_a_star_names_parts(tmp_path: Path, path: str, files: tuple[str, ...]) -> None:
    """In the day's own folder or next to those of other days; there may be only one."""
    put(tmp_path, files[0])
    assert names(list_directory(tmp_path, feed(path))) == [files[0].rpartition("/")[2]]
    put(tmp_path, files[1])
    assert names(list_directory(tmp_path, feed(path))) == [name.rpartition("/")[2] for name in files]


def test_what_is_no_part_is_named(tmp_path: Path) -> None:
    """A folder without parts is not a file; other files in it are reported."""
    put(tmp_path, "events_20250305/part-0.orc")
    listing = list_directory(tmp_path, feed())
    assert (names(listing), aside(listing)) == ([], ["events_20250305"])
    put(tmp_path, "events_20250305/part-1.csv")
    put(tmp_path, "events_20250305/part-1.csv.gz")
    put(tmp_path, "events_20250305/deeper/part-2.csv")
    listing = list_directory(tmp_path, feed())
    assert names(listing) == ["part-1.csv"]
    wanted = ["events_20250305/deeper", "events_20250305/part-0.orc", "events_20250305/part-1.csv.gz"]
    assert aside(listing) == wanted


def test_of_two_formats_the_newest_is_read_and_both_are_named(tmp_path: Path) -> None:
    """Within a format the simplest way; if the contract names a format, no other one is read."""
    put(tmp_path, "events_20250305.csv")
    put(tmp_path, "events_20250305.parquet", mtime=1_700_000_900)
    listing = list_directory(tmp_path, feed())
    assert (names(listing), aside(listing)) == (["events_20250305.parquet"], ["events_20250305.csv"])
    said = "raw file of 2025-03-05 exists as csv and parquet: the newest is read, events_20250305.parquet"
    assert listing.problems == (said,)
    listing = list_directory(tmp_path, feed(format="csv"))
    assert (names(listing), aside(listing)) == (["events_20250305.csv"], ["events_20250305.parquet"])
    put(tmp_path, "events_20250306/part-0.csv")
    put(tmp_path, "events_20250306/part-1.jsonl", mtime=1_700_000_900)
    listing = list_directory(tmp_path, feed())
    found = listing.files[date(2025, 3, 6), Stage.RAW]
    assert [part.path.name for part in found.parts] == ["part-1.jsonl"]
    assert "events_20250306/part-0.csv" in aside(listing)


def test_a_note_beside_the_files_is_not_taken_for_one_of_another_format(tmp_path: Path) -> None:
    """However new it is; if it is the only file in a folder it may contain the rows."""
    for name in ("events_20250305.csv", "events_20250306/part-0.csv", "events_20250307/part-0.json"):
        put(tmp_path, name)
    for name in ("events_20250305.json", "events_20250305.txt", "events_20250306/schema.json"):
        put(tmp_path, name, mtime=1_700_000_900)
    listing = list_directory(tmp_path, feed())
    found = [part.path.name for source in listing.files.values() for part in source.files]
    assert sorted(found) == ["events_20250305.csv", "part-0.csv", "part-0.json"]
    wanted = ["events_20250305.json", "events_20250305.txt", "events_20250306/schema.json"]
    assert (aside(listing), listing.problems) == (wanted, ())


def test_one_file_wins_over_parts(tmp_path: Path) -> None:
    """They are reported."""
    for name in ("events_20250305.csv", "events_20250305/part-0.csv", "events_20250305_1.csv"):
        put(tmp_path, name)
    put(tmp_path, "events_20250305_2.csv")
    listing = list_directory(tmp_path, feed())
    assert names(listing) == ["events_20250305.csv"]
    wanted = ["events_20250305/part-0.csv", "events_20250305_1.csv", "events_20250305_2.csv"]
    assert aside(listing) == wanted


def test_a_part_that_leads_outside_is_the_fault_of_all(tmp_path: Path) -> None:
    """It could show any file of the machine."""
    secret = put(tmp_path, "secret")
    put(tmp_path, "data/events_20250305/part-0.csv")
    (tmp_path / "data/events_20250305/part-1.csv").symlink_to(secret)
    fault = list_directory(tmp_path / "data", feed()).files[KEY].fault
    assert fault is not None
    assert fault.startswith("part-1.csv: a link to outside")


def test_numbers_sort_as_numbers() -> None:
    """Whatever surrounds them."""
    wanted = ["a-2-x.csv", "a-10-b.csv", "b-1.csv"]
    assert sorted([wanted[1], wanted[2], wanted[0]], key=in_order) == wanted
