"""What a person says, read field by field: each mistake is one line that names the field."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exporter.gate.acknowledge import Acknowledgement, NotAcknowledgedError, acknowledge
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Acknowledged, Held
from exporter.gate.incident import Touched
from exporter.gate.request import (
    read_acknowledgement,
    read_incident,
    read_incident_acknowledgement,
    read_partition,
)

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
DAY = date(2025, 3, 7)
SAID = {"partition": "2025-03-07", "by": " Ann ", "reason": " looked at it\t"}
TOUCHED = Touched("aaaa000001", "column_missing", "referrer", "critical", DAY, {DAY: ("a",)}, DAY)
CHECKS = frozenset({"schema_mismatch", "zero_revenue"})


def read(**said: object) -> Acknowledgement:
    """Read an answer with these fields."""
    return read_acknowledgement(SAID | said, NOW, CHECKS)


def test_an_answer_has_what_was_said_and_nothing_else() -> None:
    """Without blanks around the words; what was not said is left to the rules."""
    assert read() == Acknowledgement(Acknowledged(NOW, DAY, (), "Ann", "looked at it"), None, CHECKS)
    said = {"checks": ["zero_revenue", "zero_revenue"], "baseline": "exclude", "content": "c7"}
    made = read(**said, until="2025-03-12T01:00:00+01:00", new_level=False)
    assert made == Acknowledgement(
        Acknowledged(
            NOW,
            DAY,
            (),
            "Ann",
            "looked at it",
            ("zero_revenue",),
            datetime(2025, 3, 12, tzinfo=UTC),
            "exclude",
        ),
        "c7",
        CHECKS,
    )
    assert read(baseline="include").entry.baseline == "include"
    assert read(new_level=True).entry.new_level == DAY


def test_an_answer_for_an_incident_has_what_was_said() -> None:
    """It need not stand, and changes no baseline, unless that is said."""
    said = {"incident": "aaaa", "by": " Ann ", "reason": " so "}
    made = read_incident_acknowledgement(said, TOUCHED)
    assert (made.touched, made.by, made.reason) == (TOUCHED, "Ann", "so")
    assert (made.until, made.baseline, made.stands, made.new_level) == (None, None, False, False)
    more = {"until": "2025-03-11", "baseline": "include", "standing": True, "new_level": True}
    made = read_incident_acknowledgement(said | more, TOUCHED)
    assert (made.until, made.baseline) == (datetime(2025, 3, 12, tzinfo=UTC), "include")
    assert (made.stands, made.new_level) == (True, True)
    assert read_incident(said, ["aaaa000001", "bbbb000001"]) == "aaaa000001"


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2025-03-10", datetime(2025, 3, 11, tzinfo=UTC)),  # its whole day still counts
        ("2025-03-10T13:00:00", datetime(2025, 3, 10, 13, tzinfo=UTC)),
        ("2025-03-10T13:00:00Z", datetime(2025, 3, 10, 13, tzinfo=UTC)),
        ("2025-03-10T13:00:00-02:00", datetime(2025, 3, 10, 15, tzinfo=UTC)),
    ],
)
def test_an_answer_lasts_until_the_end_of_a_day_or_until_an_instant(text: str, until: datetime) -> None:
    """In UTC where no offset is given."""
    assert read(until=text).entry.until == until
    assert read(until=text).entry.until.tzinfo is UTC  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"partition": None}, "partition: missing"),
        ({"partition": 20250307}, "partition: must be text"),
        ({"partition": "7 March"}, "partition: '7 March' is not a date such as 2025-03-07"),
        ({"partition": "2025/3/7"}, "partition: '2025/3/7' is not a date, did you mean 2025-03-07?"),
        ({"by": None}, "by: missing"),
        ({"reason": 1}, "reason: must be text"),
        ({"checks": "schema_mismatch"}, "checks: must be a list of names"),
        ({"checks": ["schema_mismatch", 1]}, "checks: must be a list of names"),
        ({"baseline": "maybe"}, "baseline: 'maybe' is neither include nor exclude"),
        ({"content": 7}, "content: must be text"),
        ({"until": "soon"}, "until: 'soon' is neither a date nor an instant"),
        ({"until": "2025-02-30"}, "until: '2025-02-30' is neither a date nor an instant"),
        ({"until": "9999-12-31"}, "until: '9999-12-31' is neither a date nor an instant"),
        (
            {"until": "9999-12-31T23:59:59-01:00"},
            "until: '9999-12-31T23:59:59-01:00' is beyond the end of the calendar",
        ),
        ({"new_level": 1}, "new_level: must be true or false"),
        (
            {"new_level": True, "baseline": "exclude"},
            "new_level: a permanent level is in the baseline; exclude contradicts that",
        ),
        (
            {"colour": "red"},
            "colour: unknown, there are partition, by, reason, checks, until, baseline, content, new_level",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_field(said: dict[str, object], words: str) -> None:
    """And says what is allowed."""
    with pytest.raises(NotAcknowledgedError) as error:
        read(**said)
    assert str(error.value) == words


def test_a_field_of_a_day_is_none_of_an_incident() -> None:
    """Its checks are not chosen one by one."""
    for name in ("checks", "partition", "content"):
        with pytest.raises(NotAcknowledgedError, match=f"{name}: unknown, there are incident, by, reason, "):
            read_incident_acknowledgement({"by": "Ann", "reason": "so", name: "a"}, TOUCHED)
    with pytest.raises(NotAcknowledgedError, match="standing: must be true or false"):
        read_incident_acknowledgement({"by": "Ann", "reason": "so", "standing": "yes"}, TOUCHED)
    with pytest.raises(NotAcknowledgedError, match="incident: missing"):
        read_incident({}, [])


def test_a_date_is_one_of_the_calendar() -> None:
    """As it is written everywhere here."""
    assert read_partition("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(NotAcknowledgedError):
        read_partition("2025-02-29")


def given(log: AuditLog, contents: dict[date, str], **said: object) -> Acknowledged:
    """Acknowledge the day."""
    return acknowledge(log, read(**said), contents, NOW)


def test_an_answer_is_for_what_is_held_and_for_what_is_there_now(tmp_path: Path) -> None:
    """Both contents of the day are on record, and those of other days are not."""
    log = AuditLog(tmp_path / AUDIT)
    held = Held(NOW, DAY, "schema_mismatch", "old", "critical", 1.0, 1.0)
    other = Held(NOW, date(2025, 3, 6), "schema_mismatch", "c6", "critical", 1.0, 1.0)
    log.append(lambda _: [held, other])
    made = given(log, {DAY: "new", date(2025, 3, 6): "c6"})
    assert made.contents == ("new", "old")
    assert log.read().entries == (held, other, made)
    assert given(log, {DAY: "new"}).contents == ("new",)


def test_a_hold_may_be_answered_for_after_its_day_has_left_the_report(tmp_path: Path) -> None:
    """A day that is neither held nor in the report has nothing to answer for."""
    log = AuditLog(tmp_path / AUDIT)
    with pytest.raises(NotAcknowledgedError, match="2025-03-07: nothing to acknowledge, it is not in the"):
        given(log, {})
    log.append(lambda _: [Held(NOW, DAY, "schema_mismatch", "old", "critical", 1.0, 1.0)])
    assert given(log, {}, content="old").contents == ("old",)


def test_an_answer_for_what_is_no_longer_there_is_refused(tmp_path: Path) -> None:
    """The person looked at another content."""
    log = AuditLog(tmp_path / AUDIT)
    with pytest.raises(NotAcknowledgedError, match="2025-03-07: its content is new now, not old; review it"):
        given(log, {DAY: "new"}, content="old")
    assert log.read().entries == ()
    assert given(log, {DAY: "new"}, content="new").contents == ("new",)


def test_only_checks_that_there_are_or_were_can_be_acknowledged(tmp_path: Path) -> None:
    """One of an earlier version is known from its hold."""
    log = AuditLog(tmp_path / AUDIT)
    with pytest.raises(
        NotAcknowledgedError, match=r"no check .schema_mismach., did you mean schema_mismatch\?"
    ):
        given(log, {DAY: "new"}, checks=["schema_mismach"])
    log.append(lambda _: [Held(NOW, DAY, "of_old", "old", "critical", 1.0, 1.0)])
    assert given(log, {DAY: "new"}, checks=["of_old"]).checks == ("of_old",)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"by": " "}, "by: say who you are"),
        ({"reason": ""}, "reason: say why"),
        ({"by": "Ann\udcff"}, "by: not UTF-8; which encoding does the terminal use?"),
        ({"reason": "a\nb"}, "reason: must be one line of at most 500 characters"),
        ({"reason": "a" * 501}, "reason: must be one line of at most 500 characters"),
        ({"until": "2025-03-10T12:00:00"}, "until: 2025-03-10T12:00:00+00:00 has passed"),
    ],
)
def test_words_that_cannot_stand_on_record_are_refused(
    tmp_path: Path, said: dict[str, object], words: str
) -> None:
    """Nothing is written then."""
    log = AuditLog(tmp_path / AUDIT)
    with pytest.raises(NotAcknowledgedError) as error:
        given(log, {DAY: "new"}, **said)
    assert str(error.value) == words
    assert log.read().entries == ()


def test_the_longest_words_and_the_shortest_time_are_taken(tmp_path: Path) -> None:
    """A limit belongs to what is allowed."""
    log = AuditLog(tmp_path / AUDIT)
    made = given(log, {DAY: "new"}, reason="a" * 500, until="2025-03-10T12:00:00.000001")
    assert len(made.reason) == 500
