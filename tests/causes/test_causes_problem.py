"""What follows from what: one deviating volume follows from another only in the same direction."""

from dataclasses import replace

import pytest
from feeds import CHECKS, EVENTS
from made import facts

from exporter.causes.cause import Case
from exporter.causes.problem import problems_of
from exporter.checks.check import Alert, Severity, State

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


def test_what_follows_from_a_limit_follows_whatever_its_side() -> None:
    """Only anomalies have directions that must agree."""
    limit = replace(alert("partition_empty", 0), limit=0.0)
    (problem,) = problems_of(
        Case(facts(), (limit, alert("anomaly_events", 160)), EVENTS), acknowledged=frozenset()
    )
    assert problem.name == "partition_empty"
