"""Days in other formats are judged, queried, held and shown like those in CSV."""

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from feeds import EVENTS
from pyarrow import parquet as pq
from test_pipeline_parts import figures
from test_pipeline_refresh import DAYS, LAST, names, one_pass, refresher, view
from written import NAMES, content, put, write_day

from exporter.cli.app import main
from exporter.feed import Form, Query
from exporter.gate.keeper import Keeper
from exporter.model import Stage

RAW = NAMES[Stage.RAW].format(LAST)
Write = Callable[[str, Path], None]


def as_parquet(text: str, path: Path) -> None:
    """Write rows as Parquet."""
    pq.write_table(pa.Table.from_pylist(list(csv.DictReader(io.StringIO(text)))), path, row_group_size=30)


def as_ndjson(text: str, path: Path) -> None:
    """Write rows as NDJSON."""
    rows = csv.DictReader(io.StringIO(text))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


FORMATS = pytest.mark.parametrize(("ending", "write"), [("parquet", as_parquet), ("ndjson", as_ndjson)])


def convert(path: Path, ending: str, write: Write) -> Path:
    """Replace a CSV file with one in another format."""
    found = path.with_suffix(f".{ending}")
    write(path.read_text(), found)
    status = path.stat()
    os.utime(found, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten healthy days."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    return folder


@FORMATS
def test_days_in_another_format_have_the_same_figures(data: Path, ending: str, write: Write) -> None:
    """All stages; the content is the same, so nothing was replaced."""
    plain, _ = one_pass(data)
    for path in [*data.glob("*.csv"), *data.glob("raw_*/*.csv")]:
        convert(path, ending, write)
    other, made = one_pass(data)
    assert figures(other) == figures(plain)
    assert view(other, LAST).facts.content == view(plain, LAST).facts.content
    assert (names(view(other, LAST)), made.vitals.problems) == (set(), ())


@FORMATS
def test_queries_are_answered(data: Path, ending: str, write: Write) -> None:
    """From a CSV copy."""
    pytest.importorskip("duckdb")
    convert(data / RAW, ending, write)
    sql = "SELECT count(*) FILTER (event_name = 'checkout_completed') FROM ${table}"
    with refresher(data, None) as made:
        feed = replace(EVENTS, queries=(Query("orders", Stage.RAW, sql),))
        made.intake.reading = replace(made.intake.reading, feed=feed)
        made.refresh()
        known = made.intake.mirror.profiles
    assert known[LAST, Stage.RAW].answers == known[DAYS[8], Stage.RAW].answers != {}


@FORMATS
def test_a_bad_day_is_held_and_its_rows_are_shown(
    data: Path, capsys: pytest.CaptureFixture[str], ending: str, write: Write
) -> None:
    """With row numbers."""
    put(data, LAST, Stage.RAW, content(LAST, 100).replace("client-7,", ",", 1))
    plain = one_pass(data)[0]
    put(
        data, LAST, Stage.RAW, content(LAST, 100).replace("referrer", "other", 1).replace("client-7,", ",", 1)
    )
    convert(data / RAW, ending, write)
    with refresher(data, None) as made:
        made.judge.keeper = Keeper(data.parent / "out")
        snapshot = made.refresh().snapshot
        assert snapshot.gate.holds
        assert "column_missing" in {problem.name for problem in view(snapshot, LAST).problems}
    assert not view(plain, LAST).facts.held
    options = ["--data.dir", str(data), "--output.dir", str(data / "out"), "--as-of", "2025-03-11T12:00:00Z"]
    capsys.readouterr()
    assert main(["explain", f"{LAST}", "missing_client_id", "--json", *options]) == 0
    (row,) = json.loads(capsys.readouterr().out)["evidence"]["rows"]
    assert (row["line"], row["row"]["client_id"]) == (8, "")


def test_another_format_than_the_contracts_is_named(data: Path) -> None:
    """Under another name it is misplaced; under the same name it is unreadable."""
    packed = convert(data / RAW, "parquet", as_parquet)
    with refresher(data, None) as made:
        tables = {stage: replace(table, form=Form("csv")) for stage, table in EVENTS.tables.items()}
        made.intake.reading = replace(made.intake.reading, feed=replace(EVENTS, tables=tables))
        known = view(made.refresh().snapshot, LAST)
        assert [problem.name for problem in known.problems] == ["file_elsewhere"]
        assert "a Parquet file" in str(known.words)
        packed.rename(data / RAW)
        known = view(made.refresh().snapshot, LAST)
        assert [problem.name for problem in known.problems] == ["file_form"]


@pytest.mark.parametrize("delimiter", ["^", "~", ";", " ", "\x1f", ":"])
def test_a_delimiter_that_does_not_fit_is_one_cause(data: Path, delimiter: str) -> None:
    """Whatever the delimiter."""
    rows = csv.reader(io.StringIO(content(LAST, 50)))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    put(data, LAST, Stage.RAW, text.getvalue())
    known = view(one_pass(data)[0], LAST)
    assert [problem.name for problem in known.problems] == ["file_form"]
    assert "its 7 names are separated by" in (known.facts.stages[Stage.RAW].error or "")
