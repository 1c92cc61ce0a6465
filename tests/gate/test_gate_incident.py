"""An answer for an incident: what it covers, standing ones, and their ends."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from feeds import CHECKS
from hypothesis import given
from hypothesis import strategies as st

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Severity, State
from exporter.gate.acknowledge import NotAcknowledgedError
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Acknowledged, Entry, Held, Revoked, StandingAcknowledgement, is_worse
from exporter.gate.gate import Gate
from exporter.gate.incident import (
    IncidentAcknowledgement,
    Touched,
    acknowledge_incident,
    find_id,
    incidents_of,
    is_incident,
    problem_of,
    revoke,
    touched_by,
)
from exporter.gate.keeper import Keeper
from exporter.gate.line import read_line, write_line
from exporter.gate.request import read_acknowledgement, read_incident_acknowledgement
from exporter.incidents.fold import Day, fold
from exporter.incidents.incident import Incident
from exporter.incidents.texts import held_line
from exporter.incidents.words import words_of
from exporter.links import Links
from exporter.report.incidents import incident_document

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = [date(2025, 3, number) for number in range(6, 10)]
IDS = ["aaaa000001", "aaaa000002"]
MOMENTS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))

standings = st.builds(
    StandingAcknowledgement,
    at=MOMENTS,
    incident=st.sampled_from(IDS),
    cause=st.just("column_missing"),
    subject=st.sampled_from(["referrer", "client_id"]),
    severity=st.sampled_from(["info", "warning", "critical"]),
    after=st.sampled_from(DAYS),
    until=MOMENTS,
    by=st.just("ann"),
    reason=st.just("known"),
)
revocations = st.builds(
    Revoked, at=MOMENTS, incident=st.sampled_from(IDS), by=st.just("bob"), reason=st.just("over")
)
answers = st.lists(standings | revocations, max_size=8)


def incident(**changes: object) -> dict[str, object]:
    """Return an incident in the report's form."""
    return {
        "id": IDS[0],
        "cause": "column_missing",
        "subject": "referrer",
        "severity": "critical",
        "last": "2025-03-08",
        "days": {"2025-03-06": "repaired", "2025-03-07": "bad", "2025-03-08": "bad"},
        "checks": ["schema_mismatch", "reject_ratio"],
    } | changes


def report(*days: str) -> dict[str, object]:
    """Return a report whose days have the incident's problem and another one."""
    problems = [
        {"cause": "column_missing", "subject": "client_id", "explains": ["missing_client_id"]},
        {"cause": "column_missing", "subject": "referrer", "explains": ["schema_mismatch"]},
    ]
    return {"incidents": [incident()], "partitions": {day: {"problems": problems} for day in days}}


def answer(**said: object) -> IncidentAcknowledgement:
    """Return Ann's acknowledgement."""
    touched = touched_by(report("2025-03-07", "2025-03-08"), incident())
    return IncidentAcknowledgement(**{"touched": touched, "by": "Ann", "reason": "known", **said})


def standing(**changes: object) -> StandingAcknowledgement:
    """Return a standing acknowledgement."""
    fields = {
        "at": NOW,
        "incident": IDS[0],
        "cause": "column_missing",
        "subject": "referrer",
        "severity": "warning",
        "after": DAYS[1],
        "until": NOW + HOUR,
        "by": "Ann",
        "reason": "known",
    }
    return StandingAcknowledgement(**{**fields, **changes})


@pytest.mark.parametrize("text", ["15fbe7cfd9", "15fb", "2025", "15FB"])
def test_the_beginning_of_an_id_is_no_day(text: str) -> None:
    """Four hexadecimal digits or more."""
    assert is_incident(text)


@pytest.mark.parametrize("text", ["2025-03-07", "20250307", "2025-03-04..2025-03-08", "yesterday", "15f", ""])
def test_what_may_be_a_day_is_no_id(text: str) -> None:
    """Nor is anything too short."""
    assert not is_incident(text)


def test_an_id_is_found_by_its_beginning() -> None:
    """In upper or lower case."""
    assert find_id("AAAA000002", IDS) == IDS[1]
    assert find_id("bbbb", [*IDS, "bbbb000000"]) == "bbbb000000"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aaaa", "'aaaa' is ambiguous, it could be aaaa000001, aaaa000002"),
        ("cccc", "no id begins with 'cccc', there are aaaa000001, aaaa000002"),
        ("aaa", "at least 4 characters"),
    ],
)
def test_an_id_that_is_not_one_is_one_line(text: str, words: str) -> None:
    """Unknown, ambiguous, too short."""
    with pytest.raises(NotAcknowledgedError, match=words):
        find_id(text, IDS)


def test_of_many_ids_five_are_named() -> None:
    """The others are counted; where there is none, that is said."""
    many = [f"aaaa00000{number}" for number in range(7)]
    for ids, words in (
        (many, "aaaa000000, aaaa000001, aaaa000002, aaaa000003, aaaa000004 and 2 more$"),
        (many[:5], "aaaa000000, aaaa000001, aaaa000002, aaaa000003, aaaa000004$"),
    ):
        with pytest.raises(NotAcknowledgedError, match=words):
            find_id("aaaa", ids)
    with pytest.raises(NotAcknowledgedError, match=r"begins with 'cccc', there are none$"):
        find_id("cccc", [])
    assert find_id("aaaa00", ["aaaa00", *many]) == "aaaa00", "one that is whole is no beginning of others"


def test_what_an_answer_is_about_follows_from_the_report() -> None:
    """Its bad days only, each with its own checks where the day is still judged."""
    known = report("2025-03-07")
    assert list(incidents_of(known)) == [IDS[0]]
    assert incidents_of({}) == {}
    assert touched_by(known, incident()) == Touched(
        id=IDS[0],
        cause="column_missing",
        subject="referrer",
        severity="critical",
        last=DAYS[2],
        days={
            DAYS[1]: ("column_missing", "schema_mismatch"),
            DAYS[2]: ("column_missing", "schema_mismatch", "reject_ratio"),
        },
        begun=DAYS[0],
    )
    assert problem_of(known, incident(), "2025-03-08") is None


def test_an_answer_puts_on_record_who_said_what(tmp_path: Path) -> None:
    """For each bad day, and for those to come."""
    said = answer(stands=True, until=NOW + HOUR, baseline="exclude")
    made = acknowledge_incident(AuditLog(tmp_path / AUDIT), said, {DAYS[1]: "c"}, NOW)
    names = ("column_missing", "schema_mismatch")
    assert made == (
        Acknowledged(NOW, DAYS[1], ("c",), "Ann", "known", names, None, "exclude", IDS[0]),
        Acknowledged(NOW, DAYS[2], (), "Ann", "known", names, None, "exclude", IDS[0]),
        standing(severity="critical", after=DAYS[2]),
    )
    once = acknowledge_incident(AuditLog(tmp_path / AUDIT), answer(until=NOW + HOUR), {}, NOW)
    assert [entry.until for entry in once] == [NOW + HOUR] * 2
    longest = answer(stands=True, until=NOW + timedelta(days=366))
    assert acknowledge_incident(AuditLog(tmp_path / AUDIT), longest, {}, NOW)[-1].until == longest.until


def test_an_answer_covers_the_bad_days_and_of_these_only_the_incidents_checks(tmp_path: Path) -> None:
    """With the contents that they have and those that are held; a repaired day needs none."""
    log = AuditLog(tmp_path / AUDIT)
    held = Held(NOW, DAYS[1], "schema_mismatch", "old", "critical", 1.0, 1.0)
    other = Held(NOW, DAYS[1], "missing_client_id", "new", "critical", 1.0, 1.0)
    log.append(lambda _: [held, other])
    made = acknowledge_incident(log, answer(), {DAYS[1]: "new", DAYS[2]: "c"}, NOW)
    assert [(entry.partition, entry.contents) for entry in made if isinstance(entry, Acknowledged)] == [
        (DAYS[1], ("new", "old")),
        (DAYS[2], ("c",)),
    ]
    assert {entry.checks for entry in made if isinstance(entry, Acknowledged)} == {
        ("column_missing", "schema_mismatch")
    }
    assert Gate(log.read().entries, NOW).holds == (other,)


def test_a_day_that_is_not_judged_any_more_is_answered_for_by_the_incident() -> None:
    """Its checks are not known one by one, and no content: otherwise the incident could never end."""
    touched = touched_by({}, incident())
    assert touched.days[DAYS[1]] == ("column_missing", "schema_mismatch", "reject_ratio")
    held = touched_by({}, incident(held_by={"2025-03-07": ["schema_mismatch"], "2025-03-08": []}))
    assert held.days == {
        DAYS[1]: ("column_missing", "schema_mismatch"),
        DAYS[2]: ("column_missing", "schema_mismatch", "reject_ratio"),  # of an earlier version
    }


def test_the_command_in_the_text_releases_a_day_that_left_the_window(tmp_path: Path) -> None:
    """By its incident, which was found while the day was judged and reported, then only judged, then gone."""
    check = next(check for check in CHECKS if check.name == "schema_mismatch")
    folded: tuple[Incident, ...] = ()
    for state in (State.FIRING, State.PAST, None):
        problems: tuple[Problem, ...] = ()
        if state is not None:
            alert = Alert(check, DAYS[0], Severity.CRITICAL, 1.0, 1.0, state, {})
            problems = (Problem("column_missing", "referrer", Severity.CRITICAL, state, "team", (alert,)),)
        day = DAYS[0] if problems else DAYS[2]
        words = {problem.key: words_of(problem, {}, {}) for problem in problems}
        folded = fold("events", [Day(day, 0, problems, words, seen=True)], folded, 1)
    (known,) = folded
    assert held_line(known).endswith(f"puffy-exporter gate ack {known.id} --by NAME --reason TEXT")
    log = AuditLog(tmp_path / AUDIT)
    held = Held(NOW, DAYS[0], check.name, "c", "critical", 1.0, 1.0)
    other = Held(NOW, DAYS[0], "zero_revenue", "c", "critical", 1.0, 1.0)
    log.append(lambda _: [held, other])
    touched = touched_by({}, incident_document("events", known, Links()))
    acknowledge_incident(log, answer(touched=touched), {}, NOW)
    assert Gate(log.read().entries, NOW).holds == (other,), "another incident's hold is not this one's"


def test_days_outside_the_window_are_on_record(tmp_path: Path) -> None:
    """By incident and day, until the answer expires."""
    log = AuditLog(tmp_path / AUDIT)
    acknowledge_incident(log, answer(until=NOW + HOUR), {}, NOW)
    entries = log.read().entries
    assert Gate(entries, NOW).incident_days == {(IDS[0], DAYS[1]), (IDS[0], DAYS[2])}
    assert Gate(entries, NOW + HOUR).incident_days == set()


def test_where_every_day_is_good_there_is_nothing_to_say_but_beforehand(tmp_path: Path) -> None:
    """A standing acknowledgement is for the days to come."""
    log = AuditLog(tmp_path / AUDIT)
    done = touched_by({}, incident(days={"2025-03-08": "answered"}))
    with pytest.raises(NotAcknowledgedError, match="all its days are repaired or acknowledged"):
        acknowledge_incident(log, answer(touched=done), {}, NOW)
    (entry,) = acknowledge_incident(log, answer(touched=done, stands=True), {}, NOW)
    assert isinstance(entry, StandingAcknowledgement)
    assert (entry.after, entry.until) == (DAYS[2], NOW + timedelta(days=30))


def test_no_answer_stands_for_ever(tmp_path: Path) -> None:
    """Nor is one taken in part."""
    log = AuditLog(tmp_path / AUDIT)
    for until, words in (
        (NOW + timedelta(days=366, seconds=1), "at most 366 days"),
        (NOW, "has passed"),
    ):
        with pytest.raises(NotAcknowledgedError, match=words):
            acknowledge_incident(log, answer(stands=True, until=until), {}, NOW)
    assert log.read().entries == ()


@pytest.mark.parametrize(
    ("day", "cause", "subject", "severity", "covered"),
    [
        (DAYS[2], "column_missing", "referrer", "warning", True),
        (DAYS[2], "column_missing", "referrer", "info", True),
        (DAYS[2], "column_missing", "referrer", "critical", False),
        (DAYS[2], "column_missing", "client_id", "warning", False),
        (DAYS[2], "schema_mismatch", "referrer", "warning", False),
        (DAYS[1], "column_missing", "referrer", "warning", False),
    ],
)
def test_a_standing_answer_is_about_later_days_of_the_same_kind(
    day: date, cause: str, subject: str, severity: str, *, covered: bool
) -> None:
    """Not about the day seen, another cause or column, nor about a worse day."""
    gate = Gate((standing(),), NOW)
    assert (gate.acknowledged_beforehand_by(day, (cause, subject), severity, ()) is not None) is covered
    limits = gate.acknowledged_beforehand(day).get((cause, subject), ())
    assert any(one.allow(severity, ()) for one in limits) is covered


RISE, FALL = ("anomaly_events", "above"), ("anomaly_events", "below")
OTHER = ("anomaly_revenue", "below")


@pytest.mark.parametrize(
    ("known", "found", "covered"),
    [
        ((RISE,), (RISE,), True),
        ((RISE,), (FALL,), False),
        ((FALL,), (RISE,), False),
        ((RISE, FALL), (FALL,), True),  # on different days of the incident
        ((RISE,), (RISE, OTHER), True),
        ((RISE, OTHER), (FALL, OTHER), False),
        ((RISE,), (), True),
        ((), (FALL,), True),  # recorded by an earlier version
    ],
)
def test_a_standing_answer_to_a_rise_is_none_to_a_fall(
    known: tuple[tuple[str, str], ...], found: tuple[tuple[str, str], ...], *, covered: bool
) -> None:
    """To expect a campaign is not to accept that orders are lost."""
    gate = Gate((read_line(write_line(standing(sides=known))),), NOW)
    key = ("column_missing", "referrer")
    assert (gate.acknowledged_beforehand_by(DAYS[2], key, "warning", found) is not None) is covered
    (limits,) = gate.acknowledged_beforehand(DAYS[2])[key]
    assert limits.allow("warning", found) is covered


def test_the_sides_of_an_incident_are_those_of_its_days_in_the_report() -> None:
    """Of days that are not repaired; a report of an earlier version has none."""
    known = report("2025-03-06", "2025-03-07", "2025-03-08")
    days = known["partitions"]
    for day, side in (("2025-03-06", FALL), ("2025-03-07", RISE)):  # the first is repaired
        days[day]["problems"] = [{**days[day]["problems"][1], "sides": dict([side])}]
    assert touched_by(known, incident()).sides == (RISE,)
    assert touched_by(report("2025-03-07"), incident()).sides == ()


def test_a_line_without_sides_is_that_of_earlier_versions() -> None:
    """So that they read each other's."""
    assert b"sides" not in write_line(standing())
    assert read_line(write_line(standing())) == standing()


@pytest.mark.parametrize(
    ("first", "second", "worst"),
    [("warning", "critical", "critical"), ("critical", "warning", "critical"), ("info", "info", "info")],
)
def test_of_two_standing_answers_to_the_same_problem_the_more_severe_one_counts(
    first: str, second: str, worst: str
) -> None:
    """Whichever came first: a problem that ends and begins again is two incidents."""
    earlier = standing(severity=first)
    later = standing(at=NOW + HOUR, until=NOW + 2 * HOUR, incident=IDS[1], severity=second, after=DAYS[2])
    gate = Gate((later, earlier), NOW)
    key = ("column_missing", "referrer")
    assert {one.severity for one in gate.acknowledged_beforehand(DAYS[3])[key]} == {first, second}
    assert [one.severity for one in gate.acknowledged_beforehand(DAYS[2])[key]] == [first]
    assert gate.acknowledged_beforehand_by(DAYS[3], key, worst, ()) is not None


def test_a_severity_of_another_version_is_worse_than_any() -> None:
    """Unknown severities are not covered."""
    assert is_worse("fatal", "critical")
    assert not is_worse("critical", "critical")


def test_a_standing_answer_opens_nothing_by_itself() -> None:
    """Only what a pass records of it ends a hold."""
    held = Held(NOW, DAYS[3], "schema_mismatch", "a", "critical", 1.0, 1.0)
    assert Gate((held, standing()), NOW).closed


def test_it_ends_with_its_time_or_with_a_word(tmp_path: Path) -> None:
    """A later answer stands again; of two of one incident the newer counts, also where it is the shorter."""
    first, later = standing(until=NOW + 9 * HOUR), standing(at=NOW + 2 * HOUR, until=NOW + 3 * HOUR)
    end = Revoked(NOW + HOUR, IDS[0], "Bob", "over")
    assert Gate((first,), NOW + 9 * HOUR).standing_acknowledgements == ()
    assert Gate((end, first), NOW + HOUR).standing_acknowledgements == ()
    assert Gate((later, end, first), NOW + 2 * HOUR).standing_acknowledgements == (later,)
    assert Gate((later, first), NOW + 4 * HOUR).standing_acknowledgements == ()
    log = AuditLog(tmp_path / AUDIT)
    with pytest.raises(NotAcknowledgedError, match="no standing acknowledgement is in force"):
        revoke(log, "aaaa", "Bob", "over", NOW)
    log.append(lambda _: [first])
    with pytest.raises(NotAcknowledgedError, match="no id begins"):
        revoke(log, "bbbb", "Bob", "over", NOW)
    with pytest.raises(NotAcknowledgedError, match="reason: say why"):
        revoke(log, "aaaa", "Bob", "", NOW)
    assert revoke(log, "aaaa", "Bob", "over", NOW) == first
    assert Gate(log.read().entries, NOW).standing_acknowledgements == ()


@given(st.data(), answers)
def test_the_order_of_the_lines_does_not_matter(data: st.DataObject, log: list[Entry]) -> None:
    """So two writers that append at the same time lose nothing."""
    other = data.draw(st.permutations(log))
    assert (
        Gate(tuple(log), NOW).standing_acknowledgements == Gate(tuple(other), NOW).standing_acknowledgements
    )


@given(answers, revocations)
def test_an_end_only_ends(log: list[Entry], end: Revoked) -> None:
    """Nothing is in force after a revocation that was not before."""
    before, after = (
        set(Gate(tuple(entries), NOW).standing_acknowledgements) for entries in (log, [*log, end])
    )
    assert after <= before


@given(standings | revocations)
def test_a_line_says_the_same_again(entry: Entry) -> None:
    """Encoded and decoded."""
    assert read_line(write_line(entry).removesuffix(b"\n")) == entry


def test_an_answer_for_a_day_is_written_as_it_always_was() -> None:
    """A log without incidents is one that earlier versions read."""
    made = Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked")
    assert b"incident" not in write_line(made)
    again = Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked", incident=IDS[0])
    assert read_line(write_line(again)) == again


def test_an_answer_that_somebody_has_just_ended_records_nothing(tmp_path: Path) -> None:
    """What a pass covers is computed again when the log is written."""
    log, keeper = AuditLog(tmp_path / AUDIT), Keeper(tmp_path)
    covered = Acknowledged(NOW, DAYS[3], ("a",), "Ann", "known", incident=IDS[0])

    def find(gate: Gate) -> list[Acknowledged]:
        return [covered for _ in gate.standing_acknowledgements]

    log.append(lambda _: [standing()])
    assert keeper.look(NOW).standing_acknowledgements
    end = Revoked(NOW, IDS[0], "Bob", "over")
    log.append(lambda _: [end])
    assert keeper.acknowledge(find, NOW).standing_acknowledgements == ()
    assert log.read().entries == (standing(), end)


def test_what_is_covered_is_recorded_unless_nothing_may_be_kept(tmp_path: Path) -> None:
    """A what-if changes nothing."""
    log = AuditLog(tmp_path / AUDIT)
    log.append(lambda _: [standing()])
    covered = Acknowledged(NOW, DAYS[3], ("a",), "Ann", "known", incident=IDS[0])
    for records, entries in ((False, (standing(),)), (True, (standing(), covered))):
        keeper = Keeper(tmp_path, records=records)
        keeper.look(NOW)
        keeper.acknowledge(lambda _: [covered], NOW)
        assert log.read().entries == entries


def shifted(**changes: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return a report with a change of level that began two days before anybody heard of it, and it."""
    own = incident(cause="level_shift", subject="", checks=["anomaly_events"], **changes)
    problem = {
        "cause": "level_shift",
        "subject": "",
        "explains": ["anomaly_events"],
        "evidence": {"since": "2025-03-05"},
    }
    days = {day: {"problems": [problem]} for day in ("2025-03-07", "2025-03-08")}
    return {"incidents": [own], "partitions": days}, own


def test_a_new_level_counts_from_its_first_day_on(tmp_path: Path) -> None:
    """For the trends of its checks, with all its days as baseline; after a restart of the log as well."""
    told = touched_by(*shifted())
    log = AuditLog(tmp_path / AUDIT)
    said = IncidentAcknowledgement(told, by="Ann", reason="the campaign stays", new_level=True)
    recorded = acknowledge_incident(log, said, {date(2025, 3, 7): "c7", date(2025, 3, 8): "c8"}, NOW)
    assert {entry.baseline for entry in recorded if isinstance(entry, Acknowledged)} == {"include"}
    gate = Gate(log.read().entries, NOW)
    assert gate.new_levels == {date(2025, 3, 5): frozenset({"level_shift", "anomaly_events"})}
    assert gate.serves(date(2025, 3, 8), "c8") is True
    assert Gate(log.read().entries, NOW).acknowledgements.keys() == {date(2025, 3, 7), date(2025, 3, 8)}


def test_an_answer_without_that_word_changes_no_level(tmp_path: Path) -> None:
    """It only ends notifications."""
    log = AuditLog(tmp_path / AUDIT)
    acknowledge_incident(
        log, IncidentAcknowledgement(touched_by(*shifted()), by="Ann", reason="known"), {}, NOW
    )
    assert Gate(log.read().entries, NOW).new_levels == {}


def test_a_new_level_that_is_to_serve_nobody_is_refused() -> None:
    """The two contradict each other; so does anything but yes and no."""
    said = {"incident": IDS[0], "by": "Ann", "reason": "so", "new_level": True}
    assert read_incident_acknowledgement(said, touched_by(*shifted())).new_level
    for wrong in ({"baseline": "exclude"}, {"new_level": "yes"}):
        with pytest.raises(NotAcknowledgedError, match="new_level"):
            read_incident_acknowledgement(said | wrong, touched_by(*shifted()))


def test_a_day_alone_may_begin_a_new_level_of_all_its_trends() -> None:
    """Without checks it speaks of all of them."""
    fields = {"partition": "2025-03-07", "by": "Ann", "reason": "so", "new_level": True}
    entry = read_acknowledgement(fields, NOW, frozenset()).entry
    assert (entry.new_level, entry.baseline) == (date(2025, 3, 7), "include")
    assert Gate((entry,), NOW).new_levels == {date(2025, 3, 7): None}
    assert read_line(write_line(entry)) == entry
