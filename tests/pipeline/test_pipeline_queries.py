"""Queries of a contract in passes over a directory: run once per content, stored, exposed."""

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest
from feeds import EVENTS, SETTINGS
from made import facts, profile
from test_pipeline_refresh import DAYS, LAST, names, one_pass, view
from written import content, put, write_day

from exporter.discover.calendar import Calendar
from exporter.feed import Query
from exporter.figures.table import compute_figures
from exporter.gate.content import identify
from exporter.model import Stage
from exporter.pipeline import reader
from exporter.pipeline.reader import Reading
from exporter.queries.answer import NOT_INSTALLED, Bounds
from exporter.store.codec import decode_profile, encode_profile

VALUE, FAILED = "puffy_query_value", "puffy_query_failed_info"
ASKING = replace(
    EVENTS,
    queries=(
        Query("clients", Stage.RAW, "SELECT count(DISTINCT client_id) FROM ${table}"),
        Query("broken", Stage.RAW, "SELECT no_such_column FROM ${table}"),
        Query("rejected", Stage.REJECTS, "SELECT count(*) FROM ${table}"),
    ),
)
REASON = 'Referenced column "no_such_column" not found in FROM clause!'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide two healthy days."""
    for day in DAYS[-2:]:
        write_day(tmp_path / "data", day)
    return tmp_path / "data"


def test_answers_are_figures_of_the_day(data: Path, tmp_path: Path) -> None:
    """A failed one is reported with its reason and a warning; a restart runs nothing again."""
    state = tmp_path / "state.db"
    snapshot, worker = one_pass(data, state, feed=ASKING)
    known = view(snapshot, LAST)
    assert known.figures[VALUE] == {("raw", "clients"): 100.0, ("rejects", "rejected"): 4.0}
    assert known.figures[FAILED] == {("raw", "broken", REASON): 1.0}
    assert "query_failed" in names(known)
    assert worker.vitals.problems == ()
    again, worker = one_pass(data, state, feed=ASKING)
    assert worker.vitals.profiled_files == 0
    assert again.views == snapshot.views


def test_another_query_or_limit_makes_the_files_be_read_again() -> None:
    """Files of feeds without queries are not, whatever the limits."""
    calendar = Calendar()
    changed = (replace(ASKING.queries[0], sql="SELECT 1 FROM ${table}"), *ASKING.queries[1:])
    specs = {
        Reading(calendar, EVENTS).spec,
        Reading(calendar, ASKING).spec,
        Reading(calendar, replace(ASKING, queries=changed)).spec,
        Reading(calendar, ASKING, bounds=Bounds(timeout=60)).spec,
    }
    assert len(specs) == 4
    assert Reading(calendar, EVENTS).spec == Reading(calendar, EVENTS, bounds=Bounds(timeout=60)).spec


def test_without_duckdb_everything_else_goes_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log line says so, as does each query's reason."""
    monkeypatch.setattr(reader, "is_installed", lambda: False)
    monkeypatch.setattr("exporter.queries.answer.is_installed", lambda: False)
    snapshot, worker = one_pass(data, feed=ASKING)
    known = view(snapshot, LAST)
    assert VALUE not in known.figures
    assert {labels[-1] for labels in known.figures[FAILED]} == {NOT_INSTALLED}
    assert known.figures["puffy_partition_rows"]["raw",] == 100
    assert worker.vitals.problems == (f"3 queries of the contract have no result: {NOT_INSTALLED}",)


def test_a_stop_leaves_a_file_for_the_next_start(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that was not run has no answer, and is not stored as failed."""

    def interrupted(*_: object, **__: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(reader, "answer", interrupted)
    _, worker = one_pass(data, feed=ASKING)
    assert {stage for _, stage in worker.intake.mirror.files} == {Stage.CLEAN}
    assert worker.vitals.profile_errors == 0


def test_a_file_that_is_replaced_is_asked_again(data: Path, tmp_path: Path) -> None:
    """Answers belong to the content."""
    state = tmp_path / "state.db"
    one_pass(data, state, feed=ASKING)
    put(data, LAST, Stage.RAW, content(LAST, 50))
    snapshot, _ = one_pass(data, state, feed=ASKING)
    assert view(snapshot, LAST).figures[VALUE]["raw", "clients"] == 50


def test_answers_survive_the_state() -> None:
    """To the last bit; older profiles have none."""
    known = profile(answers={"a": 0.1 + 0.2}, unanswered={"b": "no number: NULL"})
    assert decode_profile(encode_profile(known)) == known
    before = encode_profile(profile()).replace(b',"answers":{},"unanswered":{}', b"")
    assert decode_profile(before) == profile()


def test_a_content_is_named_by_what_follows_from_its_rows() -> None:
    """By answers to nine digits, because DuckDB's summation order varies; not by one-off timeouts."""
    third = 1 / 3
    asked = profile(answers={"a": third})
    assert identify(profile(answers={"a": third + 1e-15})) == identify(asked)
    assert identify(profile(answers={"a": 0.34})) != identify(asked)
    assert identify(profile(unanswered={"a": "it takes longer than 30 s"})) == identify(profile())


def test_no_figure_is_there_where_nothing_was_asked() -> None:
    """A feed without queries has no such samples, so nothing can fire."""
    figures = compute_figures(facts(), SETTINGS)
    assert VALUE not in figures
    assert FAILED not in figures


def test_a_compressed_file_is_asked_as_the_plain_one(data: Path) -> None:
    """Statements read its rows."""
    plain, _ = one_pass(data, feed=ASKING)
    for path in [*data.glob("*.csv"), *data.glob("raw_rejects/*.csv")]:
        path.write_bytes(gzip.compress(path.read_bytes()))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        path.rename(path.with_name(f"{path.name}.gz"))
    packed, _ = one_pass(data, feed=ASKING)
    assert view(packed, LAST).figures[VALUE] == {("raw", "clients"): 100.0, ("rejects", "rejected"): 4.0}
    assert view(packed, LAST).facts.content == view(plain, LAST).facts.content
