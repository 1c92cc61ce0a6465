"""Holds open with bad days and end with a person's answer: passes over a real directory."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_pipeline_refresh import refresher
from written import content, put, write_day

from exporter.checks.check import State
from exporter.gate.acknowledge import acknowledge
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.content import content_by_bytes
from exporter.gate.entry import Held, Released
from exporter.gate.flag import FLAG
from exporter.gate.keeper import Keeper
from exporter.gate.request import read_acknowledgement
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
    """Provide ten days, of which the last but one lacks a column."""
    folder = tmp_path / "data"
    for day in DAYS:
        write_day(folder, day)
    spoil(folder, "first")
    return folder


def spoil(folder: Path, mark: str) -> None:
    """Remove a day's referrers; ``mark`` makes the content unique."""
    text = content(BAD, 50).replace("referrer", mark, 1)
    put(folder, BAD, Stage.RAW, text)


def look(made: Refresher, output: Path) -> Snapshot:
    """Make a pass that keeps its gate in a folder."""
    made.judge.keeper = made.judge.keeper if made.judge.keeper.folder else Keeper(output)
    return made.refresh().snapshot


def answer(output: Path, snapshot: Snapshot, **said: object) -> None:
    """Acknowledge the bad day."""
    fields = {"partition": BAD.isoformat(), "by": "Ann", "reason": "looked at it", **said}
    now = datetime.now(UTC)
    contents = {view.partition: view.facts.content for view in snapshot.window}
    checks = frozenset(check.name for check in snapshot.checks)
    acknowledge(AuditLog(output / AUDIT), read_acknowledgement(fields, now, checks), contents, now)


def states(snapshot: Snapshot) -> dict[str, State]:
    """Return the states of the bad day's breaches."""
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
    """Repaired content changes nothing; other bad content closes the gate again."""
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


def test_who_answers_for_a_cause_answers_for_what_follows_from_it(data: Path, tmp_path: Path) -> None:
    """Rejects and referrers are missing because the column is; a missing client id has its own cause."""
    output = tmp_path / "out"
    text = content(BAD, 50).replace("client-", "", 1).replace("referrer", "first", 1)
    put(data, BAD, Stage.RAW, text.replace("\n0,", "\n,", 1).replace("\nclient-1,", "\n,", 1))
    with refresher(data, None) as made:
        before = states(look(made, output))
        answer(output, look(made, output), checks=["schema_mismatch"])
        found = look(made, output)
    after = states(found)
    assert before["referrer_null"] is State.FIRING
    assert after["referrer_null"] is State.ACKNOWLEDGED
    assert after["missing_client_id"] is before["missing_client_id"] is State.FIRING
    (view,) = (view for view in found.window if view.partition == BAD)
    told = view.figures["puffy_partition_acknowledged"]
    assert {("schema_mismatch",), ("referrer_null",)} <= told.keys()
    assert ("missing_client_id",) not in told


def test_an_answer_for_what_follows_says_nothing_of_its_cause(data: Path, tmp_path: Path) -> None:
    """The reverse does not hold."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        answer(output, look(made, output), checks=["referrer_null"])
        assert states(look(made, output))["schema_mismatch"] is State.FIRING


def test_a_person_decides_what_serves_as_baseline(data: Path, tmp_path: Path) -> None:
    """In both directions, and the report says why a day is excluded."""
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
    """In the same pass that found it; it returns when acknowledged."""
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


def test_the_gate_never_opens_by_age(data: Path, tmp_path: Path) -> None:
    """A bad day holds however old it is when it is first seen, and stays held when it grows old."""
    with refresher(data, None, as_of_ns=AS_OF + 30 * 86_400 * NANOSECONDS) as made:
        late = look(made, tmp_path / "late")
        assert [held.partition for held in late.gate.holds] == [BAD]
        assert late.firing == () or all(alert.partition != BAD for alert in late.firing)
    with refresher(data, None) as made:
        assert look(made, tmp_path / "out").gate.closed
    with refresher(data, None, as_of_ns=AS_OF + 30 * 86_400 * NANOSECONDS) as made:
        assert look(made, tmp_path / "out").gate.closed


def test_a_day_that_is_not_due_is_on_no_record(tmp_path: Path) -> None:
    """Its final content is not known yet."""
    spoil(tmp_path / "data", "first")
    due = int(datetime(2025, 3, 10, 6, tzinfo=UTC).timestamp()) * NANOSECONDS
    with refresher(tmp_path / "data", None, as_of_ns=due - 1) as made:
        assert not look(made, tmp_path / "out").gate.closed
    with refresher(tmp_path / "data", None, as_of_ns=due) as made:
        assert look(made, tmp_path / "out").gate.closed


def test_a_hold_ends_when_the_good_content_is_back(tmp_path: Path) -> None:
    """That is, content judged good before; the log says so, and the bad one would be held again."""
    data, output = tmp_path / "data", tmp_path / "out"
    for day in DAYS:
        write_day(data, day)
    with refresher(data, None) as made:
        assert not look(made, output).gate.closed
        spoil(data, "first")
        assert look(made, output).gate.closed
        write_day(data, BAD)
        assert not look(made, output).gate.closed
        assert [type(entry) for entry in AuditLog(output / AUDIT).read().entries] == [Held, Released]
        assert not (output / FLAG).exists()
        spoil(data, "first")
        assert look(made, output).gate.closed


def test_a_hold_outlives_new_content_however_good(tmp_path: Path) -> None:
    """A repair is new content, which a person reviews; a repeated repair does not change that."""
    data, output = tmp_path / "data", tmp_path / "out"
    for day in DAYS:
        write_day(data, day)
    spoil(data, "first")
    with refresher(data, None) as made:
        assert look(made, output).gate.closed
        for rows in (60, 61, 60):
            put(data, BAD, Stage.RAW, content(BAD, rows))
            assert look(made, output).gate.closed


def test_the_same_rows_in_other_bytes_are_the_same_content(data: Path, tmp_path: Path) -> None:
    """Line endings, a byte order mark and column order invalidate no answer and repair nothing."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        first = look(made, output)
        answer(output, first)
        for day in DAYS:
            for path in data.rglob(f"events_{day:%Y%m%d}*.csv"):
                text = path.read_text()
                path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n")
                os.utime(path, (0, 0))
        again = look(made, output)
    assert not again.gate.closed
    assert [view.facts.content for view in again.window] == [view.facts.content for view in first.window]
    assert [view.facts.alertable for view in again.window] == [view.facts.alertable for view in first.window]
    assert all(view.repair is None for view in again.window)


def test_an_answer_of_an_earlier_version_still_counts(data: Path, tmp_path: Path) -> None:
    """Its digest was of the files' bytes."""
    output = tmp_path / "out"
    with refresher(data, None) as made:
        first = look(made, tmp_path / "other")
        (view,) = (view for view in first.window if view.partition == BAD)
        contents = {BAD: content_by_bytes(view.facts.stages)}
        fields = {"partition": BAD.isoformat(), "by": "Ann", "reason": "looked at it"}
        acknowledge(
            AuditLog(output / AUDIT),
            read_acknowledgement(fields, datetime.now(UTC), frozenset()),
            contents,
            datetime.now(UTC),
        )
        made.judge.keeper = Keeper(output)
        assert not look(made, output).gate.closed


def test_where_nothing_can_be_written_the_gate_is_closed_all_the_same(data: Path, tmp_path: Path) -> None:
    """The hold is kept in memory, the failure is counted, and it is recorded once possible."""
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
