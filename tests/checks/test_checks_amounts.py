"""Lost client ids explain the rejects and the revenue that they account for, and no second fault."""

from dataclasses import replace

import pytest
from feeds import EVENTS
from made import DAY, facts
from test_checks_judge import CHECKS, DUE

from exporter.causes.cause import Case
from exporter.causes.problem import problems_of
from exporter.checks.check import Alert, Severity
from exporter.checks.judge import Subject, judge
from exporter.history.trend import TrendFigures
from exporter.metric import Figures

ROWS = 10_000
UNUSUAL = TrendFigures(
    0.01,
    baseline_count=30,
    baseline_avg=0.002,
    baseline_stddev=0.0005,
    chance=0.0004,
    deviation_ratio=4.0,
    zscore=16.0,
)


def figures(
    *,
    missing: int = 1000,
    reasons: dict[str, int] | None = None,
    clean: float = 900,
    rejected: float = 100,
    orders: int = 2000,
) -> Figures:
    """Return what was counted: by default a tenth of rows and revenue was lost with the client id."""
    known = {"missing_client_id": missing} if reasons is None else reasons
    rejects = float(sum(known.values()))
    return {
        "puffy_partition_rows": {("raw",): ROWS, ("clean",): ROWS - rejects, ("rejects",): rejects},
        "puffy_partition_missing_rows": {("raw", "client_id"): missing},
        "puffy_partition_missing_ratio": {("raw", "client_id"): missing / ROWS},
        "puffy_partition_rejects": {(reason,): count for reason, count in known.items()},
        "puffy_partition_reject_ratio": {(): rejects / ROWS},
        "puffy_partition_revenue": {("raw",): 1000.0, ("clean",): clean, ("rejects",): rejected},
        "puffy_partition_revenue_gap_ratio": {(): (1000 - clean) / 1000},
        "puffy_partition_checkouts": {("raw",): orders},
    }


def found(known: Figures) -> dict[str, Alert]:
    """Return the alerts by check."""
    subject = Subject(DAY, known, {}, DUE, DUE + 1, alertable=True)
    return {alert.check.name: alert for alert in judge(CHECKS, subject)}


def follows(known: Figures) -> set[tuple[str, str]]:
    """Return which breach follows from which."""
    alerts = found(known)
    assert {"missing_client_id", "reject_ratio"} <= alerts.keys()
    return {
        (name, other) for name, one in alerts.items() for other in alerts if one.follows_from(alerts[other])
    }


REJECTS, GAP = ("reject_ratio", "missing_client_id"), ("revenue_gap", "missing_client_id")


@pytest.mark.parametrize(
    ("known", "of_missing"),
    [
        (figures(), {REJECTS, GAP}),
        (figures(reasons={"missing_client_id": 1000, "bad_items": 300}), {REJECTS, GAP}),
        (figures(reasons={"missing_client_id": 1000, "bad_items": 301}), {REJECTS}),  # 3% of revenue
        (figures(reasons={"missing_client_id": 1000, "bad_items": 501}), set()),  # 5% of rows
        (figures(reasons={"bad_items": 1000}), set()),  # not for that reason
        (figures(reasons={"missing_client_id": 3000}), set()),  # for that reason, but they are not missing
        (figures(rejected=0), {REJECTS}),  # the revenue was lost on another way
        (figures(clean=830, rejected=170), {REJECTS}),  # more than orders with and without an id differ
        (figures(clean=830, rejected=170, orders=100), {REJECTS, GAP}),  # chance, with so few orders
        (figures(clean=700, rejected=300, orders=20), {REJECTS, GAP}),  # critical, and so is the whole
        (figures(clean=1100, rejected=-100), {REJECTS}),
    ],
)
def test_a_second_fault_stays_a_problem_of_its_own(known: Figures, of_missing: set[tuple[str, str]]) -> None:
    """What is left without the rows that lack an id must be normal."""
    assert {pair for pair in follows(known) if "missing_client_id" in pair} == of_missing


def test_critical_rejects_follow_from_what_is_missing() -> None:
    """Their problem is as severe as they are."""
    known = figures(missing=6000, clean=400, rejected=600)
    alerts = found(known)
    assert alerts["reject_ratio"].severity is Severity.CRITICAL
    assert follows(known) == {REJECTS, GAP, ("revenue_gap", "reject_ratio")}
    (problem,) = problems_of(
        Case(facts(), tuple(alerts.values()), EVENTS, figures=known), acknowledged=frozenset()
    )
    assert (problem.name, problem.severity) == ("missing_client_id", Severity.CRITICAL)


def test_an_unusual_share_of_rejects_follows_from_one_that_is_missing() -> None:
    """Even if both differ by another factor; not if the rest is unusual as well."""
    trends = {
        "reject_ratio": UNUSUAL,
        "missing_client_id_ratio": replace(UNUSUAL, baseline_avg=0.0001, baseline_stddev=0.0001),
    }
    for other, fits in ((20, True), (200, False)):
        known = figures(missing=100, reasons={"missing_client_id": 100, "bad_items": other})
        trends["reject_ratio"] = replace(trends["reject_ratio"], value=(100 + other) / ROWS)
        subject = Subject(DAY, known, trends, DUE, DUE + 1, alertable=True)
        alerts = {alert.check.name: alert for alert in judge(CHECKS, subject)}
        rejects, missing = (alerts[f"anomaly_{name}"] for name in trends)
        assert rejects.follows_from(missing) is fits
        assert not missing.follows_from(rejects)
        falls = replace(missing, value=0.0, limit=0.001)
        assert rejects.follows_from(falls) is fits, "the counts decide"
        assert not replace(rejects, accounted={}).follows_from(falls), "otherwise the deviations do"
