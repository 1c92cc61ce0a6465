"""What upstream says about itself, and what becomes of broken reports."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

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
    assert parse_dq_summary(path) == ({DAY: DqClaim(10, 8, 2)}, ())


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
    claims, odd = parse_dq_summary(path)
    assert {day: claim for day, claim in claims.items() if claim} == {date(2025, 3, 4): DqClaim(5, 5, 0)}
    assert len(odd) == 1
    assert odd[0].startswith(f"dq_reports/{path.name}: line 2")


def test_a_broken_row_leaves_no_older_claim(tmp_path: Path) -> None:
    """The newest summary has superseded it; what it says of that day is unknown, and a line says so."""
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,1,1,0,,\n", "20250305T060000Z")
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,ten,1,0,,\n", "20250306T060000Z")
    problems: list[str] = []
    cache = ReportCache(parse_dq_summary)
    assert newest_claims(cache.read(list_directory(tmp_path).dq_summaries, problems), problems) == {}
    where = "dq_reports/dq_summary_20250306T060000Z.csv: line 2"
    unread = "the counts of 2025-03-05 cannot be read, so nothing is claimed for that day"
    assert problems == [f"{where}: {unread}"]


@pytest.mark.parametrize("count", ["28", "28.0", "28.", " 28.00 "])
def test_a_count_that_pandas_wrote_as_a_float_is_a_count(tmp_path: Path, count: str) -> None:
    """A column with a gap becomes floats; the number is the same."""
    path = summary(tmp_path, f"{HEADER}\nevents_20250305.csv,{count},8,2,,\n")
    assert parse_dq_summary(path) == ({DAY: DqClaim(28, 8, 2)}, ())


@pytest.mark.parametrize("count", ["1e3", "28.5", "nan", "inf", "-0.0", "1_000", "٢٨", "0x1c", ".0"])
def test_what_is_no_plain_count_is_not_guessed(tmp_path: Path, count: str) -> None:
    """A rounded or abbreviated figure cannot be compared with counted rows."""
    claims, odd = parse_dq_summary(summary(tmp_path, f"{HEADER}\nevents_20250305.csv,{count},8,2,,\n"))
    assert claims == {DAY: None}
    assert len(odd) == 1


def test_a_summary_with_a_field_of_200_kb_is_read(tmp_path: Path) -> None:
    """The sample of reasons can be long."""
    path = summary(tmp_path, f"{HEADER}\nevents_20250305.csv,10,8,2,20.0,{'x' * 200_000}\n")
    assert parse_dq_summary(path) == ({DAY: DqClaim(10, 8, 2)}, ())


@pytest.mark.parametrize("text", ["", "file,rows\n", "\x00\x01", "{}"])
def test_a_file_that_is_no_summary_is_refused_whole(tmp_path: Path, text: str) -> None:
    """It lacks the columns, and says which."""
    with pytest.raises(BrokenReportError, match="no column"):
        parse_dq_summary(summary(tmp_path, text))


def test_the_newest_summary_wins_per_partition(tmp_path: Path) -> None:
    """An older summary still speaks for a partition that newer ones leave out."""
    summary(
        tmp_path, f"{HEADER}\nevents_20250304.csv,1,1,0,,\nevents_20250305.csv,1,1,0,,\n", "20250305T060000Z"
    )
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,2,2,0,,\n", "20250306T060000Z")
    problems: list[str] = []
    cache = ReportCache(parse_dq_summary)
    claims = newest_claims(cache.read(list_directory(tmp_path).dq_summaries, problems), problems)
    assert claims == {date(2025, 3, 4): DqClaim(1, 1, 0), DAY: DqClaim(2, 2, 0)}
    assert problems == []


def test_a_broken_report_is_one_line_and_the_others_count(tmp_path: Path) -> None:
    """The line names the file and the reason."""
    summary(tmp_path, "nonsense", "20250306T060000Z")
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,2,2,0,,\n", "20250305T060000Z")
    problems: list[str] = []
    contents = ReportCache(parse_dq_summary).read(list_directory(tmp_path).dq_summaries, problems)
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
        cache.read(list_directory(tmp_path).dq_summaries, [])
    assert len(read) == 1
    summary(tmp_path, f"{HEADER}\nevents_20250305.csv,22,22,0,,\n")
    cache.read(list_directory(tmp_path).dq_summaries, [])
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
            '{"task": "load", "partition": "2025-03-05", "started_at": "2025-03-06T06:00:00Z", '
            f'"exit_code": {code}}}'
            for code in ("true", "1.5", '"0"', "1e999", "NaN", "1" * 5000, "99999999999", "[]")
        ),
        '{"task": "load", "partition": "2025-03-05", "started_at": "0001-01-01T00:00:00+14:00"}',
    ],
)
def test_a_broken_task_record_is_refused(tmp_path: Path, content: str) -> None:
    """Whatever stands in it, it is one kind of error."""
    with pytest.raises(BrokenReportError):
        parse_task_run(record(tmp_path, content))


def test_the_run_that_started_last_counts() -> None:
    """A rerun replaces the failure before it, in whichever order the files are listed."""
    failed = TaskRun("dq", datetime(2025, 3, 6, 6, tzinfo=UTC), None, 1)
    rerun = TaskRun("dq", datetime(2025, 3, 6, 7, tzinfo=UTC), None, 0)
    assert latest_runs([(DAY, failed), (DAY, rerun)]) == latest_runs([(DAY, rerun), (DAY, failed)])
    assert latest_runs([(DAY, rerun), (DAY, failed)]) == {DAY: {"dq": rerun}}


def test_a_reader_that_fails_in_an_unknown_way_costs_one_report(tmp_path: Path) -> None:
    """The problem names the file; the pass goes on."""

    def parse(_: Path) -> int:
        raise ArithmeticError

    record(tmp_path, "{}")
    problems: list[str] = []
    assert ReportCache(parse).read(list_directory(tmp_path).task_runs, problems) == []
    assert problems == ["task_runs/run.json: cannot be read: ArithmeticError"]
