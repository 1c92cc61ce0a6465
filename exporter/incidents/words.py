"""What people read of a problem, the same wherever they read it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Compare, Kind
from exporter.checks.units import amount, found_words, is_usual, value_words, with_names
from exporter.history.detection import Detection, Method
from exporter.history.trend import TrendFigures
from exporter.history.verdict import normal
from exporter.links import CHECKS
from exporter.plain import cut

MINUS = "\N{MINUS SIGN}"
CAUSES_PAGE = "causes"
LONGEST_TITLE = 120  # characters: of a line on a phone
LONGEST_SEEN = 500
DIGITS = 4
HUGE = 1e15  # beyond, a number of that many digits says nothing
MOST_CHANGE = 1000
SMALLEST = 0.1  # a limit below only means "any"
NOUNS = {"events": " rows", "rows": " rows", "checkouts": " orders"}
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a problem: ``title`` in a few words, ``seen`` with figures, then what follows."""

    title: str
    seen: str
    impact: str
    next_step: str
    runbook: str  # the anchor of its runbook
    page: str = CHECKS  # the page with the runbook


def words_of(
    problem: Problem, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]
) -> Words:
    """Put a problem of one day into words."""
    if problem.cause is not None and problem.finding is not None:
        cause, finding = problem.cause, problem.finding
        return Words(
            title=cut(finding.title, LONGEST_TITLE),
            seen=cut(finding.seen, LONGEST_SEEN),
            impact=cause.impact,
            next_step=finding.likely_fix or cause.resolution[0],
            runbook=cause.name,
            page=CAUSES_PAGE,
        )
    alert = problem.alerts[0]
    check = alert.check
    seen = _off_words(alert, trends, detections) if check.kind is Kind.ANOMALY else _breach_words(alert)
    which = ", ".join(text for label, text in alert.labels.items() if label != "stage")
    return Words(
        title=cut(f"{check.summary.removesuffix('.')}{f': {which}' if which else ''}", LONGEST_TITLE),
        seen=cut(seen, LONGEST_SEEN),
        impact=check.impact,
        next_step=check.resolution[0],
        runbook=check.runbook,
    )


def _breach_words(alert: Alert) -> str:
    """Describe a value with limit, place and details; empty for a yes-or-no check."""
    check, words = alert.check, []
    if check.compare is not Compare.EQUAL:
        found = found_words(alert)
        if is_usual(check):
            words = [f"usually {found} a day"]
        elif abs(alert.limit) < SMALLEST and "%" not in found:
            words = [found]
        else:
            words = [found, f"limit {value_words(check, alert.limit)}"]
    words += [
        text if label != "stage" else f"in the {text} file"
        for label, text in alert.labels.items()
        if (label, text) != ("stage", "raw")
    ]
    return with_names(alert, words)


def _off_words(alert: Alert, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]) -> str:
    """Say a value with what would have been normal: the range and the change."""
    name = alert.check.trend or ""
    rate = alert.check.band.method is Method.RATE
    noun = NOUNS.get(name, "")
    found = f"{_brief(alert.value, name, share=rate)}{noun}"
    figures = trends.get(name)
    if figures is None:
        return found
    usual = normal(figures, detections.get(name), alert.check.band)
    if usual.low is None or usual.high is None or usual.expected is None or not math.isfinite(usual.high):
        return found
    low, high = (_brief(max(0.0, edge), name, share=rate) for edge in (usual.low, usual.high))
    when = f" on {WEEKDAYS[alert.partition.weekday()]}" if usual.method.of_logarithms else ""
    return f"{found}, usually {low} to {high}{when}{_change(alert.value, usual.expected)}"


def _brief(value: float, name: str, *, share: bool) -> str:
    """Write a value to four significant digits: more are noise in a range of what is usual."""
    if abs(value) >= HUGE:
        return f"{value:.3e}"
    return amount(float(f"{value:.{DIGITS}g}"), name, share=share)


def _change(value: float, expected: float) -> str:
    """Write how far a value is off, beyond a bound only that it is."""
    change = value / expected - 1 if expected else -math.inf
    if change < -1:  # a share of nothing, or a loss: the range says it
        return ""
    if change > MOST_CHANGE:
        return f", more than {MOST_CHANGE:,} times as much"
    return f", {change:+.0%}".replace("-", MINUS)
