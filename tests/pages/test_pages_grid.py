"""The grid: each check of each day is in exactly the expected state."""

from dataclasses import replace
from datetime import timedelta

import pytest
from made import DAY, facts, profile
from sites import days_before, snapshot_of

from exporter.checks.check import State
from exporter.model import DqClaim, Stage
from exporter.pages.grid import (
    MARKS,
    QUIET,
    WORST,
    Cell,
    Grid,
    cells_markup,
    check_grid,
    choose_span,
    day_cell,
    problem_grid,
)
from exporter.pipeline.snapshot import Snapshot


def checks_on(snapshot: Snapshot) -> dict[str, Cell]:
    """Return the cells of the newest day, by check."""
    grid = check_grid(choose_span(snapshot, None), snapshot)
    return {row.title: row.cells[-1] for group in grid.groups for row in group.rows}


def problems_on(snapshot: Snapshot) -> dict[str, tuple[Cell, ...]]:
    """Return the list of problems, by anchor."""
    grid = problem_grid(choose_span(snapshot, None))
    return {row.anchor: row.cells for group in grid.groups for row in group.rows}


def test_a_healthy_day_is_ok_everywhere_that_it_is_looked_at() -> None:
    """Also if a condition disables the check; figures that upstream does not report have no data."""
    cells = checks_on(snapshot_of(*days_before(20), facts(DAY)))
    assert cells["clean_empty"] is Cell.OK  # checked only while rows are unaccounted for
    assert cells["event_vanished"] is Cell.OK  # has a value only if one has vanished
    assert cells["dq_discrepancy"] is Cell.NO_DATA
    assert cells["task_failed"] is Cell.NO_DATA
    assert cells["stage_missing"] is Cell.NO_DATA  # checked two hours after the day is due
    assert cells["anomaly_events"] in (Cell.OK, Cell.LEARNING)
    assert set(cells.values()) <= QUIET


def test_a_claim_upstream_brings_its_check_to_life() -> None:
    """The state changes from "no data" to "ok"."""
    assert checks_on(snapshot_of(facts(DAY, dq=DqClaim(1000, 960, 40))))["dq_discrepancy"] is Cell.OK


def test_breaches_show_how_bad_they_are() -> None:
    """A warning and a critical finding, each on its own line."""
    raw = profile(missing={"client_id": 100, "timestamp": 0, "event_name": 0}, truncated=True)
    cells = checks_on(snapshot_of(facts(DAY, raw=raw)))
    assert cells["missing_client_id"] is Cell.WARNING
    problems = problems_on(snapshot_of(facts(DAY, raw=raw)))
    assert Cell.CRITICAL in {cells[-1] for cells in problems.values()}


def test_what_follows_from_a_cause_points_to_it() -> None:
    """The cause has a line of its own; the checks that it explains refer to it."""
    bare = profile(columns=("timestamp", "event_name"), fingerprint="bare")
    snapshot = snapshot_of(*days_before(8), facts(DAY, raw=bare))
    explained = [name for name, cell in checks_on(snapshot).items() if cell is Cell.EXPLAINED]
    assert "schema_mismatch" in explained
    (line,) = (cells for anchor, cells in problems_on(snapshot).items() if "column" in anchor)
    assert line[-1] is Cell.CRITICAL
    assert set(line[:-1]) == {Cell.OK}


def test_an_answer_shows_as_one() -> None:
    """Neither a warning nor good, on both grids and for the day."""
    raw = profile(missing={"client_id": 100, "timestamp": 0, "event_name": 0})
    known = replace(facts(DAY, raw=raw), acknowledged=frozenset({"missing_client_id"}))
    snapshot = snapshot_of(known)
    assert checks_on(snapshot)["missing_client_id"] is Cell.ACKNOWLEDGED
    assert problems_on(snapshot)["missing_client_id"] == (Cell.ACKNOWLEDGED,)
    assert day_cell(snapshot.window[-1]) is Cell.ACKNOWLEDGED


def test_a_breach_of_old_still_shows() -> None:
    """A day that is too old to alert is still as bad as it was."""
    raw = profile(missing={"client_id": 100, "timestamp": 0, "event_name": 0})
    snapshot = snapshot_of(facts(DAY, raw=raw, alertable=False))
    assert {alert.state for alert in snapshot.window[-1].alerts} == {State.PAST}
    assert checks_on(snapshot)["missing_client_id"] is Cell.WARNING


def test_a_trend_with_few_days_is_learning() -> None:
    """With no days before it nothing can be expected; without a file there is no data."""
    assert checks_on(snapshot_of(facts(DAY)))["anomaly_events"] is Cell.LEARNING
    missing = snapshot_of(*days_before(2), facts(DAY, without=tuple(Stage)))
    assert checks_on(missing)["anomaly_events"] is Cell.NO_DATA
    assert checks_on(missing)["partition_missing"] is Cell.CRITICAL


def test_a_day_without_a_file_has_no_data_on_the_lines_of_others() -> None:
    """It does not repeat what was wrong on other days."""
    raw = profile(missing={"client_id": 100, "timestamp": 0, "event_name": 0})
    days = [facts(DAY - timedelta(days=1), raw=raw), facts(DAY, without=tuple(Stage))]
    lines = problems_on(snapshot_of(*days))
    assert lines["missing_client_id"] == (Cell.WARNING, Cell.NO_DATA)


@pytest.mark.parametrize(
    ("until", "shown", "older", "newer"),
    [(None, (6, 15), 5, None), (10, (1, 10), 0, 15), (12, (3, 12), 2, 15), (3, (0, 3), None, 13)],
)
def test_a_page_shows_some_days_and_leads_to_the_others(
    until: int | None, shown: tuple[int, int], older: int | None, newer: int | None
) -> None:
    """Ten days of sixteen, numbered from the oldest; a neighbour is named by its last day."""
    snapshot = snapshot_of(*days_before(15), facts(DAY))
    first = snapshot.window[0].partition
    day = {None: None} | {number: first + timedelta(days=number) for number in range(16)}
    span = choose_span(snapshot, day[until], 10)
    assert (span.views[0].partition, span.views[-1].partition) == (day[shown[0]], day[shown[1]])
    assert (span.older, span.newer) == (day[older], day[newer])


def test_every_group_is_the_catalogues() -> None:
    """Each check appears once, under its catalogue heading."""
    snapshot = snapshot_of(facts(DAY))
    groups = check_grid(choose_span(snapshot, None), snapshot).groups
    titles = [row.title for group in groups for row in group.rows]
    assert sorted(titles) == sorted(check.name for check in snapshot.checks)
    assert "Other" not in [group.title for group in groups]
    assert groups[-1].title == "Trends"


def test_colour_is_never_the_only_sign() -> None:
    """Every state has its own mark and class; only "no data" has an empty cell."""
    assert set(MARKS) == set(WORST) == set(Cell)
    assert len({kind for kind, _ in MARKS.values()}) == len(Cell)
    assert len({mark for _, mark in MARKS.values()}) == len(Cell)


def test_a_cell_leads_to_its_day_and_nothing_in_it_becomes_markup() -> None:
    """Quiet cells lead nowhere, to keep the page small."""
    html = cells_markup((Cell.OK, Cell.WARNING), (DAY, DAY), "../", '"><b>')
    assert html.startswith("<td class=o>\N{MIDDLE DOT}<td class=w><a href=")
    assert f'href="../partitions/{DAY}#&#34;&gt;&lt;b&gt;"' in html
    assert html.count("<a ") == 1


def test_no_days_make_an_empty_grid() -> None:
    """For example, before the first file."""
    span = choose_span(replace(snapshot_of(facts(DAY)), views=()), None)
    assert problem_grid(span) == Grid((), (), ())
