"""What follows from what: one deviating volume follows from another only in the same direction."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from feeds import CHECKS, EVENTS
from made import facts, profile

from exporter.causes import problem
from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.causes.problem import Problem, problems_of
from exporter.checks.check import Alert, Severity, State
from exporter.model import PartitionFacts

BY_NAME = {check.name: check for check in CHECKS}


def alert(name: str, value: float, severity: Severity = Severity.WARNING) -> Alert:
    """Return an anomaly relative to a limit of 100."""
    return Alert(BY_NAME[name], facts().partition, severity, value, 100.0, State.FIRING, {})


def test_volumes_that_fall_together_are_one_problem_as_bad_as_the_worst() -> None:
    """Fewer rows, fewer orders, less revenue."""
    alerts = (
        alert("anomaly_events", 60),
        alert("anomaly_checkouts", 50, Severity.CRITICAL),
        alert("anomaly_revenue", 40),
        alert("anomaly_clean_revenue", 40),
    )
    (problem,) = problems_of(Case(facts(), alerts, EVENTS), acknowledged=frozenset())
    assert (problem.name, problem.severity) == ("anomaly_events", Severity.CRITICAL)
    assert len(problem.alerts) == 4


@pytest.mark.parametrize("cause", ["anomaly_events", "anomaly_checkouts"])
def test_a_volume_that_falls_while_another_rises_is_a_problem_of_its_own(cause: str) -> None:
    """A crawler's rows explain no loss of revenue."""
    alerts = (alert(cause, 160), alert("anomaly_revenue", 40), alert("anomaly_clean_revenue", 40))
    found = problems_of(Case(facts(), alerts, EVENTS), acknowledged=frozenset())
    assert {problem.name for problem in found} == {cause, "anomaly_revenue"}
    assert [problem.breakdown for problem in found] == [None, None]


def test_a_problem_says_to_which_side_it_deviates() -> None:
    """By each of its checks; what has exactly its limit is on no side."""
    (rise,) = problems_of(
        Case(facts(), (alert("anomaly_events", 160), alert("anomaly_checkouts", 150)), EVENTS),
        acknowledged=frozenset(),
    )
    assert rise.sides == {("anomaly_events", "above"), ("anomaly_checkouts", "above")}
    assert found_on(facts(), alert("anomaly_events", 60)).sides == {("anomaly_events", "below")}
    assert found_on(facts(), alert("partition_missing", 100)).sides == frozenset()
    assert found_on(facts(), alert("unaccounted_rows", -7)).sides == {("unaccounted_rows", "below")}


@pytest.mark.parametrize("side", ["above", "below", None])
def test_a_cause_that_can_be_on_either_side_says_on_which_it_is(side: str | None) -> None:
    """Even if no check is in breach."""
    finding = Finding("scaled", "scaled", side=side)
    found = Problem("numbers_scaled", "", None, State.FIRING, "team", (), CAUSES["numbers_scaled"], finding)
    assert found.sides == (frozenset() if side is None else {("numbers_scaled", side)})


def test_what_follows_from_a_limit_follows_whatever_its_side() -> None:
    """Only anomalies have directions that must agree."""
    limit = replace(alert("partition_empty", 0), limit=0.0)
    (problem,) = problems_of(
        Case(facts(), (limit, alert("anomaly_events", 160)), EVENTS), acknowledged=frozenset()
    )
    assert problem.name == "partition_empty"


def found_on(day: PartitionFacts, *alerts: Alert, acknowledged: frozenset[str] = frozenset()) -> Problem:
    """Return the only problem of a day."""
    (problem,) = problems_of(Case(day, alerts, EVENTS), acknowledged=acknowledged)
    return problem


HEADERS = facts(raw=profile(repeated_headers=1))
UNACCOUNTED, CLAIMED = (
    replace(alert("unaccounted_rows", 1, Severity.CRITICAL), limit=0.0),
    replace(alert("dq_discrepancy", 1), limit=0.0),
)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((State.FIRING, State.PAST), State.FIRING),
        ((State.ACKNOWLEDGED, State.FIRING), State.FIRING),
        ((State.PAST, State.ACKNOWLEDGED), State.ACKNOWLEDGED),
        ((State.PAST, State.PAST), State.PAST),
    ],
)
def test_a_cause_is_as_alive_and_as_bad_as_the_worst_breach_it_explains(
    states: tuple[State, State], state: State
) -> None:
    """One that fires represents all."""
    alerts = [replace(one, state=own) for one, own in zip((UNACCOUNTED, CLAIMED), states, strict=True)]
    for order in (alerts, alerts[::-1]):
        problem = found_on(HEADERS, *order)
        assert (problem.name, problem.state, problem.severity) == (
            "header_repeated",
            state,
            Severity.CRITICAL,
        )
        assert problem.names == ("header_repeated", *(one.check.name for one in order))


@pytest.mark.parametrize(
    ("day", "names", "state"),
    [
        (State.PAST, {"unaccounted_rows", "dq_discrepancy"}, State.ACKNOWLEDGED),
        (State.PAST, {"unaccounted_rows"}, State.PAST),
        (State.PAST, {"header_repeated"}, State.PAST),  # an acknowledgement names what was in breach
        (
            State.FIRING,
            {"unaccounted_rows", "dq_discrepancy"},
            State.FIRING,
        ),  # acknowledged for other content
    ],
)
def test_what_was_acknowledged_while_a_day_was_young_remains_so(
    day: State, names: set[str], state: State
) -> None:
    """All of it, on a day too old to alert."""
    alerts = [replace(one, state=day) for one in (UNACCOUNTED, CLAIMED)]
    assert found_on(HEADERS, *alerts, acknowledged=frozenset(names)).state is state


def test_a_cause_without_a_breach_remains_acknowledged_by_its_name() -> None:
    """On an old day as well."""
    old = replace(HEADERS, alertable=False)
    assert found_on(old).state is State.PAST
    assert found_on(old, acknowledged=frozenset(["header_repeated"])).state is State.ACKNOWLEDGED


def test_a_lone_check_keeps_its_owner_and_is_as_bad_as_what_follows_from_it() -> None:
    """Otherwise a critical alert would fire, and nobody be paged."""
    own = replace(alert("partition_empty", 0), limit=0.0)
    mild = found_on(facts(), own, alert("anomaly_events", 40))
    assert (mild.state, mild.severity) == (State.FIRING, Severity.WARNING)
    worse = alert("anomaly_events", 40, Severity.CRITICAL)
    problem = found_on(facts(), replace(own, state=State.ACKNOWLEDGED), worse)
    assert (problem.name, problem.state, problem.severity) == (
        "partition_empty",
        State.FIRING,
        Severity.CRITICAL,
    )
    answered = [replace(one, state=State.ACKNOWLEDGED) for one in (own, worse)]
    assert found_on(facts(), *answered).state is State.ACKNOWLEDGED
    assert (problem.owner, problem.subject) == (own.check.owner, "")
    assert problem.key == ("partition_empty", "")
    assert problem.names == ("partition_empty", "anomaly_events")


def test_problems_are_sorted_by_severity_and_name() -> None:
    """Information last."""
    day = replace(facts(raw=profile(columns=(*EVENTS.raw.names, "currency"), fingerprint="today")))
    late, bad, good = (
        alert("task_failed", 200),
        alert("no_orders", 200, Severity.CRITICAL),
        alert("silence", 200),
    )
    known = Case(day, (late, good, bad), EVENTS, earlier=(facts(),))
    found = problems_of(known, acknowledged=frozenset())
    assert [problem.name for problem in found] == ["no_orders", "silence", "task_failed", "column_new"]


def test_of_checks_that_follow_from_each_other_one_represents_all() -> None:
    """Also if they do so in a chain or in a ring."""
    one, two, three = (
        replace(alert("silence", 200), check=replace(BY_NAME["silence"], name=name, explains=explains))
        for name, explains in (("one", ("two",)), ("two", ("three",)), ("three", ("one",)))
    )
    for order in ((one, two, three), (three, one, two), (two, three, one)):
        problem = found_on(facts(), *order)
        assert {other.check.name for other in problem.alerts} == {"one", "two", "three"}
        assert problem.alerts[0].check.name == problem.name


@pytest.mark.parametrize("name", ["no_orders", "silence"])
def test_a_problem_blocks_if_one_of_its_checks_does(name: str) -> None:
    """At its highest limit."""
    check = BY_NAME[name]
    own = alert(name, 200, min(check.limits, key=lambda severity: severity.rank))
    assert found_on(facts(), own).blocks is check.blocking


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> str:
    """Break a cause, and let the exporter go on as it does outside of tests."""

    def detect(case: Case) -> Iterator[Finding]:
        yield from ()
        raise ZeroDivisionError(case.facts.partition)

    name = "column_missing"
    monkeypatch.setattr(problem, "CAUSES", {**CAUSES, name: replace(CAUSES[name], detect=detect)})
    monkeypatch.setattr(logging.getLogger(problem.__name__), "handlers", [])
    return name


def test_a_cause_that_fails_costs_its_explanation_and_no_verdict(
    failing: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its checks are reported alone; the log says which cause it was, and why."""
    alerts = (alert("schema_mismatch", 200), alert("anomaly_revenue", 40))
    found = problems_of(Case(facts(), alerts, EVENTS), acknowledged=frozenset())
    assert {one.name for one in found} == {"schema_mismatch", "anomaly_revenue"}
    (record,) = caplog.records
    assert (record.levelname, record.cause) == ("ERROR", failing)  # type: ignore[attr-defined]  # as extra
    assert record.exc_info is not None


def test_two_causes_about_one_column_are_one_problem() -> None:
    """The deeper one, with what both explain; a cause about another column stays by itself."""
    identifiers = {name: {"values": 900, "fullest": 1} for name in ("client_id", "page_url")}
    before = tuple(
        facts(raw=profile(fingerprint=f"{number}", looks=identifiers, placeholders={"client_id": {}}))
        for number in range(7)
    )
    wrong = {
        "placeholders": {"client_id": {"undefined": 250}},
        "looks": {"client_id": {"values": 900, "fullest": 300}, "page_url": {"values": 900, "fullest": 300}},
    }
    day = facts(raw=profile(fingerprint="today", **wrong))
    found = problems_of(Case(day, (), EVENTS, before), acknowledged=frozenset())
    assert {problem.key for problem in found} == {
        ("column_placeholder", "client_id"),
        ("values_repeated", "page_url"),
    }
