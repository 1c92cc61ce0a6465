"""Holds open with bad days and end with a person's answer: passes over a real directory."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_pipeline_refresh import refresher
from written import content, put, write_day

from exporter.checks.check import State
from exporter.gate.acknowledge import acknowledge
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.flag import FLAG
from exporter.gate.keeper import Keeper
from exporter.gate.request import read_answer
from exporter.model import NANOSECONDS, Stage
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.snapshot import Snapshot

LAST = date(2025, 3, 10)
AS_OF = int(datetime(2025, 3, 11, 12, tzinfo=UTC).timestamp()) * NANOSECONDS
DAYS = [LAST - timedelta(days=number) for number in reversed(range(10))]
BAD = LAST - timedelta(days=1)
Look = Callable[[], Snapshot]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give ten days, of which the last but one lacks a column."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    spoil(folder, "first")
    return folder


def spoil(folder: Path, mark: str) -> None:
    """Take the referrer out of a day; ``mark`` makes the content another one."""
    text = content(BAD, 50).replace("referrer", mark, 1)
    put(folder, BAD, Stage.RAW, text)


def look(made: Refresher, output: Path) -> Snapshot:
    """Make a pass that keeps its gate in a folder."""
    made.keeper = made.keeper if made.keeper.folder else Keeper(output)
    return made.refresh().snapshot


def answer(output: Path, snapshot: Snapshot, **said: object) -> None:
    """Acknowledge the bad day."""
    fields = {"partition": BAD.isoformat(), "by": "Ann", "reason": "looked at it", **said}
    now = datetime.now(UTC)
    contents = {view.partition: view.facts.content for view in snapshot.window}
    checks = frozenset(check.name for check in snapshot.checks)
    acknowledge(AuditLog(output / AUDIT), read_answer(fields, now, checks), contents, now)


def states(snapshot: Snapshot) -> dict[str, State]:
    """Return what became of the bad day's breaches."""
    (view,) = (view for view in snapshot.window if view.partition == BAD)
    return {alert.check.name: alert.state for alert in view.alerts}


def test_a_blocking_check_closes_the_gate_until_a_person_answers(data: Path, tmp_path: Path) -> None:
    """The flag says why while it is closed; the answer ends the hold and the day's alerts."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        first = look(made, output)
        assert [(held.partition, held.check) for held in first.gate.holds] == [(BAD, "schema_mismatch")]
        assert states(first)["schema_mismatch"] is State.FIRING
        flag = json.loads((output / FLAG).read_text())
        assert (flag["closed"], flag["holds"][0]["reason"]) == (True, "schema_mismatch")
        answer(output, first)
        second = look(made, output)
    assert not second.gate.closed
    assert not (output / FLAG).exists()
    assert set(states(second).values()) == {State.ACKNOWLEDGED}
    assert all(alert.partition != BAD for alert in second.firing)


def test_the_hold_outlives_a_restart_and_its_repair(data: Path, tmp_path: Path) -> None:
    """A repaired file does not open the gate; the hold says that it was repaired."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        look(made, output)
    write_day(data, BAD)
    with refresher(data, None) as made:
        repaired = look(made, output)
        (held,) = repaired.gate.holds
        assert held.key in repaired.gate.repaired
        assert json.loads((output / FLAG).read_text())["holds"][0]["repaired"] is True
        answer(output, repaired)
        assert not look(made, output).gate.closed


def test_an_answer_is_good_for_the_content_it_saw(data: Path, tmp_path: Path) -> None:
    """Repaired content changes nothing, other bad content closes the gate again."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        answer(output, look(made, output))
        assert not look(made, output).gate.closed
        write_day(data, BAD)
        assert not look(made, output).gate.closed
        spoil(data, "second")
        again = look(made, output)
        assert again.gate.closed
        assert states(again)["schema_mismatch"] is State.FIRING
        spoil(data, "first")
        back = look(made, output)
    assert [held.content for held in back.gate.holds] == [held.content for held in again.gate.holds]


def test_one_check_can_be_acknowledged_alone(data: Path, tmp_path: Path) -> None:
    """The others go on firing."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        answer(output, look(made, output), checks=["referrer_null"])
        found = look(made, output)
    assert states(found)["referrer_null"] is State.ACKNOWLEDGED
    assert states(found)["schema_mismatch"] is State.FIRING
    assert found.gate.closed


def test_a_person_decides_what_serves_as_baseline(data: Path, tmp_path: Path) -> None:
    """In both directions, and the report says why a day is out."""
    output = tmp_path / "out"

    def excluded(snapshot: Snapshot) -> str | None:
        (member,) = (member for member in snapshot.window[-1].window.members if member.partition == BAD)
        return member.excluded

    with refresher(data, None) as made:
        before = look(made, output)
        assert excluded(before) == "schema mismatch"
        answer(output, before, baseline="include")
        assert excluded(look(made, output)) is None
        answer(output, before, baseline="exclude")
        assert excluded(look(made, output)) == "acknowledged as bad"


def test_a_held_day_leaves_the_baselines(tmp_path: Path) -> None:
    """In the very pass that found it, and returns when it was answered for."""
    data, output = tmp_path / "data", tmp_path / "out"
    for day in DAYS:
        write_day(data, day)
    put(data, BAD, Stage.RAW, content(BAD, 50).replace('""transaction_id""', '""lost""'))
    with refresher(data, None) as made:
        first = look(made, output)
        (member,) = (member for member in first.window[-1].window.members if member.partition == BAD)
        assert [held.check for held in first.gate.holds] == ["checkout_missing_transaction_id"]
        assert member.excluded == "held"
        answer(output, first)
        (member,) = (m for m in look(made, output).window[-1].window.members if m.partition == BAD)
        assert member.excluded is None


def test_old_days_hold_nothing(data: Path, tmp_path: Path) -> None:
    """Only alertable partitions block; what was held stays held when it grows old."""
    with refresher(data, None, as_of_ns=AS_OF + 30 * 86_400 * NANOSECONDS) as made:
        assert not look(made, tmp_path / "late").gate.closed
    with refresher(data, None) as made:
        assert look(made, tmp_path / "out").gate.closed
    with refresher(data, None, as_of_ns=AS_OF + 30 * 86_400 * NANOSECONDS) as made:
        assert look(made, tmp_path / "out").gate.closed


def test_where_nothing_can_be_written_the_gate_is_closed_all_the_same(data: Path, tmp_path: Path) -> None:
    """The hold lives in memory, the failure is counted, and it is recorded once that is possible."""
    output = tmp_path / "out"
    output.mkdir()
    (output / AUDIT).mkdir()
    with refresher(data, None) as made:
        assert look(made, output).gate.closed
        assert made.vitals.gate_errors > 0
        (output / AUDIT).rmdir()
        assert look(made, output).gate.closed
    assert len(AuditLog(output / AUDIT).read().entries) == 1


def test_a_pass_that_finds_the_same_again_adds_nothing(data: Path, tmp_path: Path) -> None:
    """The log grows with findings and answers, not with passes."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        look(made, output)
        before = (output / AUDIT).read_bytes()
        look(made, output)
    assert (output / AUDIT).read_bytes() == before
