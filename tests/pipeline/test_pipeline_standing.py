"""An answer for an incident ends its days' holds; a standing one covers later days."""

import re
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_pipeline_refresh import refresher
from written import content, put, write_day

from exporter.checks.check import State
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Acknowledged, Held, StandingAcknowledgement
from exporter.gate.incident import acknowledge_incident, incidents_of, revoke, touched_by
from exporter.gate.keeper import Keeper
from exporter.gate.request import read_incident_acknowledgement
from exporter.incidents.incident import DayState, Incident
from exporter.incidents.incident import Standing as Stands
from exporter.incidents.ledger import Ledger
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.snapshot import Snapshot
from exporter.report.incidents import incidents_report

FIRST = date(2025, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(10)]
SEEN, NEXT = DAYS[8], DAYS[9]


def noon_after(day: date) -> int:
    """Return noon of the following day, when the day is the newest due one."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
    return int(moment.timestamp()) * NANOSECONDS


def spoil(folder: Path, day: date, column: str = "referrer", mark: str = "lost") -> None:
    """Remove a column from a day."""
    put(folder, day, Stage.RAW, content(day, 50).replace(column, mark, 1))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide nine days, of which the last lacks a column."""
    folder = tmp_path / "data"
    for day in DAYS[:-1]:
        write_day(folder, day)
    spoil(folder, SEEN)
    return folder


def passes(data: Path) -> AbstractContextManager[Refresher]:
    """Provide a pass maker, as of the newest day."""
    return refresher(data, None, as_of_ns=noon_after(SEEN))


def look(made: Refresher, output: Path, day: date | None = None) -> Snapshot:
    """Make a pass that keeps its gate in a folder, as of the noon after a day."""
    made.judge.keeper = made.judge.keeper if made.judge.keeper.folder else Keeper(output)
    made.as_of_ns = made.as_of_ns if day is None else noon_after(day)
    return made.refresh().snapshot


def lost(snapshot: Snapshot) -> Incident:
    """Return the incident of the lost column."""
    found = [one for one in snapshot.incidents if (one.name, one.subject) == ("column_missing", "referrer")]
    assert len(found) == 1, found
    return found[0]


def answer(output: Path, snapshot: Snapshot, **said: object) -> str:
    """Acknowledge the incident of the lost column; return its id."""
    report, chosen = incidents_report(snapshot), lost(snapshot).id
    fields = {"incident": chosen, "by": "Ann", "reason": "known", **said}
    contents = {view.partition: view.facts.content for view in snapshot.window}
    given = read_incident_acknowledgement(fields, touched_by(report, incidents_of(report)[chosen]))
    acknowledge_incident(AuditLog(output / AUDIT), given, contents, datetime.now(UTC))
    return chosen


def states(snapshot: Snapshot, day: date) -> dict[str, State]:
    """Return the states of a day's breaches."""
    (view,) = (view for view in snapshot.window if view.partition == day)
    return {alert.check.name: alert.state for alert in view.alerts}


def acknowledged(snapshot: Snapshot, day: date) -> set[str]:
    """Return the metrics of a day for Prometheus."""
    (view,) = (view for view in snapshot.window if view.partition == day)
    return {name for (name,) in view.figures.get("puffy_partition_acknowledged", {})}


def test_an_answer_ends_the_days_holds_and_no_other_check(data: Path, tmp_path: Path) -> None:
    """The checks of another incident keep firing."""
    text = content(SEEN, 50).replace("referrer", "lost", 1)
    put(data, SEEN, Stage.RAW, text.replace("\nclient-0,", "\n,", 1).replace("\nclient-1,", "\n,", 1))
    output = tmp_path / "out"
    with passes(data) as made:
        first = look(made, output)
        assert lost(first).held == (SEEN,)
        answer(output, first)
        found = look(made, output)
    assert not found.gate.closed
    assert states(found, SEEN)["schema_mismatch"] is State.ACKNOWLEDGED
    assert states(found, SEEN)["missing_client_id"] is State.FIRING
    assert (lost(found).state, lost(found).days[SEEN]) == (Stands.ACKNOWLEDGED, DayState.ANSWERED)
    assert "missing_client_id" not in acknowledged(found, SEEN)


def test_without_a_standing_answer_the_next_day_is_held(data: Path, tmp_path: Path) -> None:
    """Nobody has reviewed it."""
    output = tmp_path / "out"
    with passes(data) as made:
        answer(output, look(made, output))
        spoil(data, NEXT)
        found = look(made, output, NEXT)
    assert [held.partition for held in found.gate.holds] == [NEXT]
    assert states(found, NEXT)["schema_mismatch"] is State.FIRING
    assert (lost(found).state, lost(found).held) == (Stands.OPEN, (NEXT,))


def test_a_standing_answer_covers_the_next_day_and_the_log_says_who_let_it_through(
    data: Path, tmp_path: Path
) -> None:
    """No hold is ever recorded; alerts, figures, gate and incident agree, and a second pass adds nothing."""
    output = tmp_path / "out"
    with passes(data) as made:
        chosen = answer(output, look(made, output), standing=True)
        spoil(data, NEXT)
        found = look(made, output, NEXT)
        entries = AuditLog(output / AUDIT).read().entries
        again = look(made, output)
        assert AuditLog(output / AUDIT).read().entries == entries
    assert not found.gate.closed
    assert [type(entry) for entry in entries] == [Held, Acknowledged, StandingAcknowledgement, Acknowledged]
    record = entries[-1]
    assert isinstance(record, Acknowledged)
    assert (record.partition, record.by, record.incident) == (NEXT, "Ann", chosen)
    assert re.fullmatch(r"standing acknowledgement of \d{4}-\d\d-\d\d: known", record.reason)
    firing = {name for name, state in states(found, NEXT).items() if state is State.FIRING}
    assert firing == {"stage_missing"}  # another problem
    assert acknowledged(found, NEXT) == {"column_missing", *states(found, NEXT)} - firing
    assert lost(found).days == {SEEN: DayState.ANSWERED, NEXT: DayState.ANSWERED}
    assert lost(found).state is Stands.ACKNOWLEDGED
    assert (states(again, NEXT), acknowledged(again, NEXT)) == (
        states(found, NEXT),
        acknowledged(found, NEXT),
    )


@pytest.mark.parametrize("column", ["client_id", "page_url"])
def test_another_column_is_another_matter(data: Path, tmp_path: Path, column: str) -> None:
    """Even if the same checks fire for it."""
    output = tmp_path / "out"
    with passes(data) as made:
        answer(output, look(made, output), standing=True)
        spoil(data, NEXT, column)
        found = look(made, output, NEXT)
    assert "schema_mismatch" in states(found, SEEN)
    assert [held.check for held in found.gate.holds] == ["schema_mismatch"]
    assert states(found, NEXT)["schema_mismatch"] is State.FIRING


def test_what_was_let_through_stays_so_when_the_answer_ends(data: Path, tmp_path: Path) -> None:
    """Later days are held, and so is new content of a covered day."""
    output = tmp_path / "out"
    after = NEXT + timedelta(days=1)
    with passes(data) as made:
        answer(output, look(made, output), standing=True)
        spoil(data, NEXT)
        assert not look(made, output, NEXT).gate.closed
        revoke(AuditLog(output / AUDIT), lost(look(made, output)).id, "Bob", "over", datetime.now(UTC))
        assert not look(made, output).gate.closed
        spoil(data, after)
        held = look(made, output, after)
        assert [hold.partition for hold in held.gate.holds] == [after]
        assert lost(held).held == (after,)
        spoil(data, NEXT, mark="other")
        assert {hold.partition for hold in look(made, output).gate.holds} == {NEXT, after}


def test_an_answer_stands_until_its_time_is_over(data: Path, tmp_path: Path) -> None:
    """By the instant of judgement."""
    output = tmp_path / "out"
    with passes(data) as made:
        first = look(made, output)
        answer(output, first, standing=True)
        log = AuditLog(output / AUDIT)
        *others, standing = log.read().entries
        assert isinstance(standing, StandingAcknowledgement)
        over = datetime.fromtimestamp(noon_after(NEXT) / NANOSECONDS, UTC)
        log.path.unlink()
        log.append(lambda _: [*others, replace(standing, until=over)])
        made.judge.keeper = Keeper(output)
        spoil(data, NEXT)
        assert [held.partition for held in look(made, output, NEXT).gate.holds] == [NEXT]


def test_a_hold_that_was_made_before_the_answer_was_seen_ends_with_it(data: Path, tmp_path: Path) -> None:
    """The next day had arrived and was held while somebody was still reading an older report."""
    output = tmp_path / "out"
    with passes(data) as made:
        first = look(made, output)
        spoil(data, NEXT)
        assert [held.partition for held in look(made, output, NEXT).gate.holds] == [SEEN, NEXT]
        answer(output, first, standing=True)
        assert not look(made, output).gate.closed


def test_a_look_that_keeps_nothing_is_covered_all_the_same(data: Path, tmp_path: Path) -> None:
    """Its verdicts equal what a pass would record; the log is unchanged."""
    output = tmp_path / "out"
    with passes(data) as made:
        answer(output, look(made, output), standing=True)
        spoil(data, NEXT)
        made.judge.keeper = Keeper(output, records=False)
        before = (output / AUDIT).read_bytes()
        found = look(made, output, NEXT)
        assert (output / AUDIT).read_bytes() == before
    assert not found.gate.closed
    assert states(found, NEXT)["schema_mismatch"] is State.ACKNOWLEDGED


def test_a_day_that_has_left_the_window_can_be_answered_for(data: Path, tmp_path: Path) -> None:
    """Otherwise an incident that somebody must answer for would stay open forever."""
    output = tmp_path / "out"
    with passes(data) as made:
        chosen = answer(output, first := look(made, output))
        made.judge.keeper.look(datetime.now(UTC))
        answered = made.judge.keeper.look(datetime.now(UTC)).incident_days
    assert answered == {(chosen, SEEN)}
    ledger = Ledger()
    ledger.incidents = first.incidents
    now = noon_after(SEEN) + 90 * 86_400 * NANOSECONDS
    kept = {one.id: one for one in ledger.update("events", [], now)}
    assert kept[chosen].state is Stands.OPEN
    kept = {one.id: one for one in ledger.update("events", [], now, answered)}
    assert kept[chosen].state is Stands.ACKNOWLEDGED


def test_a_day_that_was_answered_for_is_not_bad_where_it_is_seen_anew(data: Path, tmp_path: Path) -> None:
    """Long after, without a state: the log knows, and effects of the cause are no new hold."""
    output = tmp_path / "out"
    put(data, SEEN, Stage.CLEAN, content(SEEN, 50, Stage.CLEAN).replace("referrer", "lost", 1))
    with passes(data) as made:
        answer(output, look(made, output))
    with refresher(data, None, as_of_ns=noon_after(SEEN + timedelta(days=15))) as made:
        found = look(made, output)
    assert states(found, SEEN)["schema_mismatch"] is State.PAST
    assert SEEN not in {held.partition for held in found.gate.holds}
    assert (lost(found).days[SEEN], lost(found).held) == (DayState.ANSWERED, ())
