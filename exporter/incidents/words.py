"""What people read of a problem, the same wherever they read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Kind
from exporter.checks.units import amount, finding_words, value_words
from exporter.history.detection import Detection, Method
from exporter.history.trend import TrendFigures
from exporter.history.verdict import normal
from exporter.plain import plain

MINUS = "\N{MINUS SIGN}"
LONGEST_TITLE = 120  # characters: of a line on a phone
LONGEST_SEEN = 500
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a problem: ``title`` in a few words, ``seen`` with figures, then what follows."""

    title: str
    seen: str
    impact: str
    next_step: str
    runbook: str  # the anchor of its runbook


def words_of(
    problem: Problem, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]
) -> Words:
    """Put a problem of one day into words."""
    if problem.cause is not None and problem.finding is not None:
        cause, finding = problem.cause, problem.finding
        return Words(
            title=plain(finding.title, LONGEST_TITLE),
            seen=plain(finding.seen, LONGEST_SEEN),
            impact=cause.impact,
            next_step=finding.likely_fix or cause.resolution[0],
            runbook=cause.name,
        )
    alert = problem.alerts[0]
    check = alert.check
    seen = _off_words(alert, trends, detections) if check.kind is Kind.ANOMALY else finding_words(alert)
    return Words(
        title=plain(check.summary.removesuffix("."), LONGEST_TITLE),
        seen=plain(seen, LONGEST_SEEN),
        impact=check.impact,
        next_step=check.resolution[0],
        runbook=check.runbook,
    )


def _off_words(alert: Alert, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]) -> str:
    """Say a value with what would have been normal: the range and the change."""
    name = alert.check.trend or ""
    found = value_words(alert.check, alert.value)
    figures = trends.get(name)
    if figures is None:
        return found
    usual = normal(figures, detections.get(name), alert.check.band)
    if usual.low is None or usual.high is None or usual.expected is None:
        return found
    rate = alert.check.band.method is Method.RATE
    low, high = (amount(max(0.0, edge), name, share=rate) for edge in (usual.low, usual.high))
    when = f" on {WEEKDAYS[alert.partition.weekday()]}" if usual.method is Method.WEEKDAY else ""
    change = f", {(alert.value / usual.expected - 1):+.0%}".replace("-", MINUS) if usual.expected else ""
    return f"{found}, usually {low} to {high}{when}{change}"
