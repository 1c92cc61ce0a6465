"""One listing of the data directory."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from feeds import EVENTS

from exporter.discover.layout import date_within, is_upstream_file, partition_of
from exporter.discover.listing import list_directory
from exporter.model import Stage
from exporter.template import PathTemplate

DAY = date(2025, 3, 5)
NAMES = {
    Stage.RAW: "events_20250305.csv",
    Stage.CLEAN: "raw_clean/events_20250305_clean.csv",
    Stage.REJECTS: "raw_rejects/events_20250305_bad.csv",
}


def put(directory: Path, name: str, content: str = "x") -> Path:
    """Write a file, and its folder if missing."""
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_files_are_found_by_partition_and_stage(tmp_path: Path) -> None:
    """Each stage has its own folder and name."""
    paths = {stage: put(tmp_path, name) for stage, name in NAMES.items()}
    listing = list_directory(tmp_path, EVENTS)
    assert {key: source.path for key, source in listing.files.items()} == {
        (DAY, stage): path for stage, path in paths.items()
    }
    assert listing.problems == ()


@pytest.mark.parametrize(
    "name",
    [
        ".events_20250305.csv",
        "_events_20250305.csv",
        "events_20250305.csv.tmp",
        "events_20250305.csv.part",
        "events_20250305.csv~",
        "events_20250305_clean.csv",
        "events_2025035.csv",
        "orders_20250305.csv",
        "EVENTS_20250305.CSV",
        "raw_clean/events_20250305.csv",
    ],
)
def test_other_names_are_ignored_without_a_word(tmp_path: Path, name: str) -> None:
    """Files being written and unrelated files raise nothing."""
    put(tmp_path, name)
    listing = list_directory(tmp_path, EVENTS)
    assert (dict(listing.files), listing.problems) == ({}, ())


@pytest.mark.parametrize("digits", ["20250230", "20251301", "00000000", "99991231", "19691231"])
def test_an_impossible_date_is_a_problem_and_nothing_else(tmp_path: Path, digits: str) -> None:
    """The file is left out, and one line says which."""
    put(tmp_path, f"events_{digits}.csv")
    put(tmp_path, NAMES[Stage.RAW])
    listing = list_directory(tmp_path, EVENTS)
    assert list(listing.files) == [(DAY, Stage.RAW)]
    assert listing.problems == (f"events_{digits}.csv: the name contains an impossible date, file skipped",)


def test_a_directory_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """An empty listing would mean that every partition is missing."""
    with pytest.raises(FileNotFoundError):
        list_directory(tmp_path / "gone", EVENTS)


def test_a_folder_a_pipe_and_a_loop_of_links_cannot_be_read(tmp_path: Path) -> None:
    """They are present, and say why they cannot be read; opening a pipe would wait forever."""
    (tmp_path / "events_20250301.csv").mkdir()
    os.mkfifo(tmp_path / "events_20250302.csv")
    (tmp_path / "events_20250303.csv").symlink_to("events_20250303.csv")
    (tmp_path / "events_20250304.csv").symlink_to("nowhere.csv")
    faults = {
        source.partition.day: source.fault for source in list_directory(tmp_path, EVENTS).files.values()
    }
    assert faults == {
        1: "not a regular file",
        2: "not a regular file",
        3: "too many levels of symbolic links",
        4: "no such file or directory",
    }


def test_a_link_to_a_good_file_is_a_good_file(tmp_path: Path) -> None:
    """Many pipelines link to the real location of a file."""
    target = put(tmp_path, "elsewhere/file.csv", "12345")
    (tmp_path / "events_20250305.csv").symlink_to(target)
    source = list_directory(tmp_path, EVENTS).files[DAY, Stage.RAW]
    assert (source.fault, source.stamp.size) == (None, 5)


def test_a_replaced_file_has_another_stamp_even_with_the_same_size_and_time(tmp_path: Path) -> None:
    """Copying with preserved times must not hide new content."""
    path = put(tmp_path, NAMES[Stage.RAW], "aaaa")
    os.utime(path, ns=(1, 1))
    before = list_directory(tmp_path, EVENTS).files[DAY, Stage.RAW].stamp
    path.write_text("bbbb")
    os.utime(path, ns=(1, 1))
    after = list_directory(tmp_path, EVENTS).files[DAY, Stage.RAW].stamp
    assert (before.size, before.mtime_ns) == (after.size, after.mtime_ns)
    assert before != after


def test_reports_come_newest_first(tmp_path: Path) -> None:
    """The stamp in the name orders DQ summaries."""
    for stamp in ("20250305T060000Z", "20250307T060000Z", "20250306T060000Z"):
        put(tmp_path, f"dq_reports/dq_summary_{stamp}.csv")
    put(tmp_path, "dq_reports/dq_summary_latest.csv")
    names = [report.path.name[11:19] for report in list_directory(tmp_path, EVENTS).dq_summaries]
    assert names == ["20250307", "20250306", "20250305"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("events_2025-03-05.csv", DAY),
        ("events_20250305 (1).csv", DAY),
        ("events_20250305T060000Z.csv", DAY),
        ("events_202503050600.csv", DAY),
        ("events_05-03-2025.csv", DAY),
        ("events_05032025.csv", DAY),
        ("events_03-31-2025.csv", date(2025, 3, 31)),
        ("events_250305.csv", DAY),
        ("events_5mar2025.csv", DAY),
        ("events_2025_March_5.csv", DAY),
        ("events_2025-3-5.csv", DAY),
        ("batch_250305.csv", None),
        ("events_13-32-2025.csv", None),
        ("events.csv", None),
    ],
)
def test_the_day_that_a_name_speaks_of(name: str, day: date | None) -> None:
    """In any order and spelling; of two readings, the day before the month."""
    assert date_within(name, "events_") == day


def test_what_lies_beside_a_days_file_is_no_file_of_it(tmp_path: Path) -> None:
    """Checksums, manifests and markers contain no rows; an abandoned upload might."""
    for name in (
        "events_20250305.csv.md5",
        "manifest_20250305.json",
        "20250305.fertig",
        "b_20250305.csv.tmp",
    ):
        put(tmp_path, name)
    stuck = put(tmp_path, "events_20250305.csv.part")
    os.utime(stuck, (1, 1))
    listing = list_directory(tmp_path, EVENTS, marker="%Y%m%d.fertig")
    assert [found.shown for found in listing.unmatched] == ["events_20250305.csv.part"]


@pytest.mark.parametrize("stage", NAMES)
def test_a_compressed_file_counts_where_there_is_no_plain_one(tmp_path: Path, stage: Stage) -> None:
    """A plain one wins, and the other is then a file under another name."""
    path = put(tmp_path, f"{NAMES[stage]}.gz")
    listing = list_directory(tmp_path, EVENTS)
    assert {key: source.path for key, source in listing.files.items()} == {(DAY, stage): path}
    assert (listing.unmatched, listing.problems) == ((), ())
    plain = put(tmp_path, NAMES[stage])
    listing = list_directory(tmp_path, EVENTS)
    assert {key: source.path for key, source in listing.files.items()} == {(DAY, stage): plain}
    assert [(found.partition, found.stage, found.path) for found in listing.unmatched] == [(DAY, stage, path)]


@pytest.mark.parametrize(
    "name",
    ["events_20250305.csv.gz.tmp", ".events_20250305.csv.gz", "events_20250305.csv.gz.md5", "orders.csv.gz"],
)
def test_other_names_that_end_alike_are_ignored(tmp_path: Path, name: str) -> None:
    """As they are without the ending."""
    put(tmp_path, name)
    listing = list_directory(tmp_path, EVENTS)
    assert (dict(listing.files), listing.problems, listing.unmatched) == ({}, (), ())


@pytest.mark.parametrize("ending", ["7z", "GZ", "gz.gz"])
def test_other_forms_of_compression_are_other_names(tmp_path: Path, ending: str) -> None:
    """They are named and not read."""
    name = f"events_20250305.csv.{ending}"
    put(tmp_path, name)
    listing = list_directory(tmp_path, EVENTS)
    assert (dict(listing.files), [found.shown for found in listing.unmatched]) == ({}, [name])


def test_a_compressed_file_may_be_told_by_its_folder_or_by_the_contract(tmp_path: Path) -> None:
    """The day may stand in folders, and the path may end in .gz itself."""
    put(tmp_path, "dt=2025-03-05/events.csv.gz")
    put(tmp_path, "packed_20250305.csv.gz")
    put(tmp_path, "packed_20250306.csv")
    for text, name in [
        ("dt={date:%Y-%m-%d}/events.csv", "dt=2025-03-05/events.csv.gz"),
        ("packed_{date:%Y%m%d}.csv.gz", "packed_20250305.csv.gz"),
    ]:
        feed = replace(EVENTS, tables={Stage.RAW: replace(EVENTS.raw, path=PathTemplate(text))})
        files = list_directory(tmp_path, feed).files
        assert {key: source.path for key, source in files.items()} == {(DAY, Stage.RAW): tmp_path / name}


def test_a_compressed_file_of_another_table_in_the_same_folder_is_that_tables(tmp_path: Path) -> None:
    """Neither reports its name as a problem."""
    path = put(tmp_path, "events_20250305_clean.csv.gz")
    clean = replace(EVENTS.table(Stage.CLEAN), path=PathTemplate("events_{date:%Y%m%d}_clean.csv"))
    feed = replace(EVENTS, tables={Stage.RAW: EVENTS.raw, Stage.CLEAN: clean})
    listing = list_directory(tmp_path, feed)
    assert {key: source.path for key, source in listing.files.items()} == {(DAY, Stage.CLEAN): path}
    assert listing.unmatched == ()
    named = replace(clean, path=PathTemplate("events_{date:%Y%m%d}.csv.gz"))
    feed = replace(EVENTS, tables={Stage.RAW: EVENTS.raw, Stage.CLEAN: named})
    put(tmp_path, "events_20250306.csv.gz")
    assert [stage for _, stage in list_directory(tmp_path, feed).files] == [Stage.CLEAN]


def test_a_compressed_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    """Like a plain one."""
    secret = put(tmp_path, "secret")
    data = tmp_path / "data"
    data.mkdir()
    (data / "events_20250305.csv.gz").symlink_to(secret)
    fault = list_directory(data, EVENTS).files[DAY, Stage.RAW].fault
    assert fault is not None
    assert "link to outside the data directory" in fault


def test_an_impossible_date_of_a_compressed_file_is_a_problem(tmp_path: Path) -> None:
    """And nothing else."""
    put(tmp_path, "events_20250230.csv.gz")
    listing = list_directory(tmp_path, EVENTS)
    assert (dict(listing.files), len(listing.problems)) == ({}, 1)


def test_a_compressed_file_is_news_and_a_report_may_name_it() -> None:
    """Watchers check again; upstream uses the file's actual name."""
    assert is_upstream_file(Path("events_20250305.csv.gz"), EVENTS)
    assert is_upstream_file(Path("raw_clean/events_20250305_clean.csv.gz"), EVENTS)
    assert not is_upstream_file(Path("events_20250305.csv.gz.tmp"), EVENTS)
    assert not is_upstream_file(Path("events_20250305.csv.7z"), EVENTS)
    for name in ("events_20250305", "events_20250305_001.csv", "events_20250305.parquet"):
        assert is_upstream_file(Path(name), EVENTS)
        assert partition_of(EVENTS.raw, name) == DAY
    assert partition_of(EVENTS.raw, "some/folder/events_20250305.csv.gz") == DAY
    assert partition_of(EVENTS.raw, "events_20250305.csv.7z") is None


def test_a_file_that_is_as_it_was_is_the_same_object_and_one_that_is_not_is_looked_at_anew(
    tmp_path: Path,
) -> None:
    """Changed, gone, or a folder in its place: never what it was before."""
    paths = {stage: put(tmp_path, name) for stage, name in NAMES.items()}
    before = list_directory(tmp_path, EVENTS).files
    again = list_directory(tmp_path, EVENTS, known=before.values()).files
    assert all(again[key] is before[key] for key in before)
    paths[Stage.RAW].write_text("other")
    paths[Stage.CLEAN].unlink()
    paths[Stage.REJECTS].unlink()
    paths[Stage.REJECTS].mkdir()
    after = list_directory(tmp_path, EVENTS, known=before.values()).files
    assert after == list_directory(tmp_path, EVENTS).files
    assert after[DAY, Stage.RAW].stamp.size == 5
    assert after[DAY, Stage.REJECTS].fault == "not a regular file"


def test_where_a_known_link_leads_is_asked_each_time(tmp_path: Path) -> None:
    """It may lead to the same file by a path that is rejected now."""
    outside = put(tmp_path, "outside/file.csv")
    data = tmp_path / "data"
    data.mkdir()
    (data / NAMES[Stage.RAW]).symlink_to(outside)
    known = list_directory(data, EVENTS, outside=True).files.values()
    assert [source.fault for source in known] == [None]
    refused = list_directory(data, EVENTS, known=known).files[DAY, Stage.RAW]
    assert "link to outside the data directory" in (refused.fault or "")


def test_below_a_linked_folder_that_leads_outside_nothing_is_read(tmp_path: Path) -> None:
    """Neither a stage's folder nor a day's, unless allowed; a folder within may be a link."""
    data, away = tmp_path / "data", tmp_path / "away"
    put(away, "clean/events_20250305_clean.csv")
    put(away, "day/part-0.csv")
    put(data, "inside/events_20250305_bad.csv")
    for name, target in (
        ("raw_clean", away / "clean"),
        ("events_20250305", away / "day"),
        ("raw_rejects", data / "inside"),
    ):
        (data / name).symlink_to(target)
    faults = {stage: source.fault for (_, stage), source in list_directory(data, EVENTS).files.items()}
    assert "a link to outside" in (faults[Stage.CLEAN] or "")
    assert (faults[Stage.RAW] or "").startswith("part-0.csv: a link to outside")
    assert faults[Stage.REJECTS] is None
    files = list_directory(data, EVENTS, outside=True).files.values()
    assert [source.fault for source in files] == [None, None, None]
