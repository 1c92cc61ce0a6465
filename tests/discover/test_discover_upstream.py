"""Upstream's own reports, and how broken ones are handled."""

import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from feeds import EVENTS, RAW

from exporter.discover.listing import list_directory
from exporter.discover.upstream import (
    BrokenReportError,
    ReportCache,
    latest_runs,
    newest_claims,
    parse_dq_summary,
    parse_task_run,
)
from exporter.model import DqClaim, TaskRun

HEADER = "file,raw_rows,clean_rows,reject_rows,reject_pct,dq_reasons_sample"
DAY = date(2025, 3, 5)


def summary(tmp_path: Path, text: str, stamp: str = "20250306T060000Z") -> Path:
    """Write one DQ summary."""
    folder = tmp_path / "dq_reports"
    folder.mkdir(exist_ok=True)
    path = folder / f"dq_summary_{stamp}.csv"
    path.write_text(text)
    return path


def record(tmp_path: Path, content: str, name: str = "run.json") -> Path:
    """Write one task record."""
    folder = tmp_path / "task_runs"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content)
    return path


def test_a_summary_is_read_by_partition(tmp_path: Path) -> None:
    """Path and reasons do not matter, the three counts do."""
    path = summary(tmp_path, f"{HEADER}\n/upstream/events_20250305.csv,10,8,2,20.0,\"['a|b']\"")
    assert parse_dq_summary(RAW, path) == ({DAY: DqClaim(10, 8, 2)}, ())


@pytest.mark.parametrize(
    "row",
    [
        "events_20250305.csv,10,8",
        "events_20250305.csv,ten,8,2,,",
        "events_20250305.csv,10.5,8,2,,",
        "events_20250305.csv,-1,8,2,,",
        "events_20250305.csv,99999999999999999999999999,8,2,,",
        "notes.txt,10,8,2,,",
        "events_20250231.csv,10,8,2,,",
        ",,,,,",
    ],
)
def test_a_row_that_makes_no_sense_costs_only_itself(tmp_path: Path, row: str) -> None:
    """The other rows count, and a line says which row did not."""
    path = summary(tmp_path, f"{HEADER}\n{row}\nevents_20250304.csv,5,5,0,0,[]\n")
    claims, odd = parse_dq_summary(RAW, path)
    assert {day: claim for day, claim in claims.items() if claim} == {date(2025, 3, 4): DqClaim(5, 5, 0)}
    assert len(odd) == 1
    assert odd[0].startswith(f"dq_reports/{path.name}: line 2")


@pytest.mark.parametrize("counts", ["10.0,8.0,2.0", "10.,8,2.000", " 10 , 8.0,2"])
def test_counts_that_pandas_wrote_are_whole_numbers(tmp_path: Path, counts: str) -> None:
    """It writes floats if a column has gaps."""
    path = summary(tmp_path, f"{HEADER}\nevents_20250305.csv,{counts},,\n")
    assert parse_dq_summary(RAW, path) == ({DAY: DqClaim(10, 8, 2)}, ())


def test_a_claim_that_cannot_be_read_makes_no_older_one_win(tmp_path: Path) -> None:
    """A newer summary covers the day, so an older claim is out of date; a line reports the error."""
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,1,1,0,,\n", "20250305T060000Z")
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,about 2,2,,,\n", "20250306T060000Z")
    problems: list[str] = []
    cache = ReportCache(partial(parse_dq_summary, RAW))
    assert newest_claims(cache.read(list_directory(tmp_path, EVENTS).dq_summaries, problems), problems) == {}
    (problem,) = problems
    assert problem.startswith("dq_reports/dq_summary_20250306T060000Z.csv: line 2, ")
    assert "raw_rows is about 2, not a whole number; reject_rows is empty, not a whole number" in problem


def test_a_long_field_is_read(tmp_path: Path) -> None:
    """A sample of reasons may be longer than the csv module allows by itself."""
    path = summary(tmp_path, f"{HEADER}\nevents_20250305.csv,10,8,2,20.0,{'r' * 200_000}\n")
    assert parse_dq_summary(RAW, path) == ({DAY: DqClaim(10, 8, 2)}, ())


@pytest.mark.parametrize("text", ["", "file,rows\n", "\x00\x01", "{}"])
def test_a_file_that_is_no_summary_is_refused_whole(tmp_path: Path, text: str) -> None:
    """The missing columns are named."""
    with pytest.raises(BrokenReportError, match="no column"):
        parse_dq_summary(RAW, summary(tmp_path, text))


def test_the_newest_summary_wins_per_partition(tmp_path: Path) -> None:
    """An older summary still counts for a partition that newer ones omit."""
    summary(
        tmp_path, f"{HEADER}\nevents_20250304.csv,1,1,0,,\nevents_20250305.csv,1,1,0,,\n", "20250305T060000Z"
    )
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,2,2,0,,\n", "20250306T060000Z")
    problems: list[str] = []
    cache = ReportCache(partial(parse_dq_summary, RAW))
    claims = newest_claims(cache.read(list_directory(tmp_path, EVENTS).dq_summaries, problems), problems)
    assert claims == {date(2025, 3, 4): DqClaim(1, 1, 0), DAY: DqClaim(2, 2, 0)}
    assert problems == []


def test_a_broken_report_is_one_line_and_the_others_count(tmp_path: Path) -> None:
    """The line names the file and the reason."""
    summary(tmp_path, "nonsense", "20250306T060000Z")
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,2,2,0,,\n", "20250305T060000Z")
    problems: list[str] = []
    contents = ReportCache(partial(parse_dq_summary, RAW)).read(
        list_directory(tmp_path, EVENTS).dq_summaries, problems
    )
    assert newest_claims(contents, problems) == {DAY: DqClaim(2, 2, 0)}
    assert len(problems) == 1
    assert problems[0].startswith("dq_reports/dq_summary_20250306T060000Z.csv: no column")


def test_an_unchanged_report_is_not_read_again(tmp_path: Path) -> None:
    """Only a new stamp makes the cache open the file."""
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,2,2,0,,\n")
    read: list[Path] = []

    def parse(path: Path) -> int:
        read.append(path)
        return 1

    cache = ReportCache(parse)
    for _ in range(3):
        cache.read(list_directory(tmp_path, EVENTS).dq_summaries, [])
    assert len(read) == 1
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,22,22,0,,\n")
    cache.read(list_directory(tmp_path, EVENTS).dq_summaries, [])
    assert len(read) == 2


def test_a_task_record_is_read(tmp_path: Path) -> None:
    """Instants may carry any offset."""
    content = {
        "task": "load",
        "partition": "2025-03-05",
        "started_at": "2025-03-06T06:00:00Z",
        "ended_at": "2025-03-06T08:01:00+02:00",
        "exit_code": 3,
    }
    run = TaskRun("load", datetime(2025, 3, 6, 6, tzinfo=UTC), datetime(2025, 3, 6, 6, 1, tzinfo=UTC), 3)
    assert parse_task_run(record(tmp_path, json.dumps(content))) == (DAY, run)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "3",
        '{"task": "load"}',
        '{"task": "", "partition": "2025-03-05", "started_at": "2025-03-06T06:00:00Z"}',
        '{"task": "load", "partition": "5 March", "started_at": "2025-03-06T06:00:00Z"}',
        '{"task": "load", "partition": "2025-03-05", "started_at": 7}',
        '{"task": "load", "partition": "2025-03-05", "started_at": "2025-03-06T06:00:00Z", "exit_code": "x"}',
        "[" * 100_000,
        *(
            f'{{"task": "t", "partition": "2025-03-05", "started_at": "2025-03-06", "exit_code": {code}}}'
            for code in ("true", "1.5", '"0"', "1e999", "-1e999", "[0]", "99999999999999999999", "NaN")
        ),
        '{"task": "load", "partition": "2025-03-05", "started_at": "0001-01-01T00:00:00+14:00"}',
    ],
)
def test_a_broken_task_record_is_refused(tmp_path: Path, content: str) -> None:
    """Whatever is in it, it is one kind of error."""
    with pytest.raises(BrokenReportError):
        parse_task_run(record(tmp_path, content))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"started_at": "2126-03-06T06:00:00Z"}, "starts in the future"),
        (
            {"started_at": "2025-03-06T06:00:00Z", "ended_at": "2025-03-06T05:00:00Z", "exit_code": 0},
            "ends before it starts",
        ),
        (
            {"started_at": "2025-03-06T06:00:00Z", "ended_at": "2025-03-06T07:00:00Z"},
            "has ended without an exit_code",
        ),
    ],
)
def test_a_run_that_cannot_be_is_refused(tmp_path: Path, times: dict[str, object], words: str) -> None:
    """It would hide the real ones, or count as neither failed nor running."""
    content = json.dumps({"task": "load", "partition": "2025-03-05", **times})
    with pytest.raises(BrokenReportError, match=words):
        parse_task_run(record(tmp_path, content))


def test_lines_that_contradict_each_other_make_no_claim(tmp_path: Path) -> None:
    """It is unknown which is right; identical lines are one claim."""
    row = "events_20250305.csv,10,{},2,,"
    path = summary(tmp_path, "\n".join([HEADER, row.format(8), row.format(8)]))
    assert parse_dq_summary(RAW, path) == ({DAY: DqClaim(10, 8, 2)}, ())
    claims, odd = parse_dq_summary(RAW, summary(tmp_path, "\n".join([HEADER, row.format(8), row.format(7)])))
    assert (claims, [line.partition(": ")[2] for line in odd]) == (
        {DAY: None},
        ["line 3 contradicts another line of the same day"],
    )


def test_one_odd_summary_leaves_room_for_other_problems(tmp_path: Path) -> None:
    """A few of its lines are reported, and the number of others."""
    _, odd = parse_dq_summary(RAW, summary(tmp_path, "\n".join([HEADER, *["nonsense,1,1,0,,"] * 60])))
    assert (len(odd), odd[-1].partition(": ")[2]) == (6, "and 55 more lines")


@pytest.mark.parametrize(
    ("stamp", "words"),
    [("99999999T999999Z", "the name contains an impossible time"), ("21260101T000000Z", "is in the future")],
)
def test_a_summary_that_cannot_be_the_newest_is_not_used(tmp_path: Path, stamp: str, words: str) -> None:
    """By its name it would be the newest forever."""
    summary(tmp_path, HEADER)
    summary(tmp_path, HEADER, stamp)
    listing = list_directory(tmp_path, EVENTS)
    assert [report.path.name for report in listing.dq_summaries] == ["dq_summary_20250306T060000Z.csv"]
    (problem,) = listing.problems
    assert words in problem


def test_a_record_that_is_a_link_to_elsewhere_is_not_read(tmp_path: Path) -> None:
    """As with event files, unless allowed."""
    (tmp_path / "data" / "task_runs").mkdir(parents=True)
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "data" / "task_runs" / "a.json").symlink_to(tmp_path / "secret.json")
    listing = list_directory(tmp_path / "data", EVENTS)
    assert (listing.task_runs, ["link to outside" in problem for problem in listing.problems]) == ((), [True])
    assert len(list_directory(tmp_path / "data", EVENTS, outside=True).task_runs) == 1


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """A directory named like a record is not read, but reported."""
    (tmp_path / "task_runs" / "a.json").mkdir(parents=True)
    assert list_directory(tmp_path, EVENTS).problems == ("task_runs/a.json: not a regular file",)


def test_the_run_that_started_last_counts() -> None:
    """A rerun replaces the earlier failure, in whatever order files are listed."""
    failed = TaskRun("dq", datetime(2025, 3, 6, 6, tzinfo=UTC), None, 1)
    rerun = TaskRun("dq", datetime(2025, 3, 6, 7, tzinfo=UTC), None, 0)
    assert latest_runs([(DAY, failed), (DAY, rerun)]) == latest_runs([(DAY, rerun), (DAY, failed)])
    assert latest_runs([(DAY, rerun), (DAY, failed)]) == {DAY: {"dq": rerun}}
