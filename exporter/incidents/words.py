"""A problem's texts, the same everywhere."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Compare, Kind
from exporter.checks.units import (
    TREND_NOUNS,
    amount,
    change_size,
    found_words,
    is_usual,
    trend_words,
    value_words,
    with_names,
)
from exporter.history.contributions import Breakdown
from exporter.history.detection import Detection, Method
from exporter.history.trend import TrendFigures
from exporter.history.verdict import normal
from exporter.links import CHECKS
from exporter.plain import cut, plain

MINUS = "\N{MINUS SIGN}"
CAUSES_PAGE = "causes"
LONGEST_TITLE = 120  # characters that fit a line on a phone
LONGEST_SEEN = 500
LONGEST_VALUE = 80
PRESENT = "puffy_partition_present"
UNACCOUNTED = "puffy_partition_unaccounted_rows"
DISCREPANCY = "puffy_partition_dq_discrepancy_rows"
DIGITS = 4
HUGE = 1e15  # above this, the exact factor means nothing
MOST_CHANGE = 1000
SMALLEST = 0.1  # a limit below this means "any"
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class Words:
    """A problem's texts: ``title`` in a few words, ``seen`` with figures, then the consequences."""

    title: str
    seen: str
    impact: str
    next_step: str
    runbook: str  # the anchor of its runbook
    page: str = CHECKS  # the page with the runbook


def words_of(
    problem: Problem, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]
) -> Words:
    """Describe a problem of one day."""
    if problem.cause is not None and problem.finding is not None:
        cause, finding = problem.cause, problem.finding
        return Words(
            title=cut(finding.title, LONGEST_TITLE),
            seen=cut(_with_carrier(finding.seen, problem.breakdown), LONGEST_SEEN),
            impact=cause.impact,
            next_step=finding.likely_fix or cause.resolution[0],
            runbook=cause.name,
            page=CAUSES_PAGE,
        )
    alert = problem.alerts[0]
    check = alert.check
    seen = _breach_words(alert)
    if check.kind is Kind.ANOMALY:
        seen = _off_words(alert, trends, detections) + _with_it(problem.alerts[1:])
    which = ", ".join(text for label, text in alert.labels.items() if label != "stage")
    return Words(
        title=cut(f"{check.summary.removesuffix('.')}{f': {which}' if which else ''}", LONGEST_TITLE),
        seen=cut(_with_carrier(seen, problem.breakdown), LONGEST_SEEN),
        impact=check.impact,
        next_step=check.resolution[0],
        runbook=check.runbook,
    )


def _with_carrier(seen: str, breakdown: Breakdown | None) -> str:
    """Add which value explains the change, with its column and the rest of the total."""
    if breakdown is None:
        return seen
    found, usual = (
        _brief(float(round(size)), breakdown.trend, share=False)
        for size in (breakdown.leading.found, breakdown.leading.usual)
    )
    ratio, others = breakdown.leading.ratio, breakdown.others.ratio
    much = f"usually about {usual}" + (f", {percent(ratio)}" if ratio is not None else "")
    rest = f"; all others {percent(others)}" if others is not None else ""
    found += _noun(breakdown.trend)
    return f"{seen.rstrip('.')}. Most of it comes from {carrier_words(breakdown)}: {found}, {much}{rest}."


def carrier_words(breakdown: Breakdown) -> str:
    """Name the value behind a change: ``referrer host a.example``, ``country NL``."""
    column = plain(f"{breakdown.column} host" if breakdown.type == "url" else breakdown.column)
    value = breakdown.leading.value
    return f"{column} {cut(plain(value), LONGEST_VALUE)}" if value else f"rows without {column}"


def _breach_words(alert: Alert) -> str:
    """Describe a value with its limit, place and details; empty for a yes-or-no check."""
    check, words = alert.check, []
    if check.compare is not Compare.EQUAL:
        found = _difference(alert) or found_words(alert)
        if is_usual(check):
            words = [f"usually {found} a day"]
        elif abs(alert.limit) < SMALLEST and "%" not in found:
            words = [found]
        else:
            words = [found, f"limit {value_words(check, alert.limit)}"]
    absent = check.value is not None and check.value.selector.metric == PRESENT
    words += [
        text if label != "stage" else _missing_files(alert) if absent else f"in the {text} file"
        for label, text in alert.labels.items()
        if (label, text) != ("stage", "raw") and (label == "stage" or check.compare is not Compare.EQUAL)
    ]  # the title names the others
    return with_names(alert, words)


def _missing_files(alert: Alert) -> str:
    stages = alert.stages or (alert.labels["stage"],)
    return f"the {' and the '.join(stages)} file {'is' if len(stages) == 1 else 'are'} missing"


def _difference(alert: Alert) -> str | None:
    """Say of which rows a difference is, where its sign or its parts matter."""
    metric = "" if alert.check.value is None else alert.check.value.selector.metric
    rows = amount(abs(alert.value), metric)
    if metric == UNACCOUNTED and alert.value:
        where = "missing from" if alert.value > 0 else "too many in"
        return f"{rows} {'is' if rows.startswith('1 ') else 'are'} {where} the clean and rejects files"
    if metric == DISCREPANCY:
        return f"the counts of raw, clean and rejected rows are off by {rows} in all"
    return None


def _off_words(alert: Alert, trends: Mapping[str, TrendFigures], detections: Mapping[str, Detection]) -> str:
    """Describe a value with its normal range and its change."""
    name = alert.check.trend or ""
    rate = alert.check.band.method is Method.RATE
    found = f"{_brief(alert.value, name, share=rate)}{_noun(name)}"
    figures = trends.get(name)
    if figures is None:
        return found
    usual = normal(figures, detections.get(name), alert.check.band)
    if usual.low is None or usual.high is None or usual.expected is None or not math.isfinite(usual.high):
        return found
    edges = _whole(usual.low, usual.high) if alert.value == round(alert.value) else (usual.low, usual.high)
    low, high = (_brief(max(0.0, edge), name, share=rate) for edge in edges)
    when = f" on {WEEKDAYS[alert.partition.weekday()]}" if usual.method.of_logarithms else ""
    return f"{found}, usually {low} to {high}{when}{_change(alert.value, usual.expected)}"


def _whole(low: float, high: float) -> tuple[float, float]:
    """Return the whole numbers within a range, if it has some: a count is never between two."""
    least, most = math.ceil(low), math.floor(high)
    return (least, most) if least <= most else (low, high)


def _with_it(alerts: Sequence[Alert]) -> str:
    """Describe how far the volumes that follow deviate."""
    changes = [
        f"{trend_words(name)} {percent(alert.deviation.ratio - 1)}"
        for alert in alerts
        if (name := alert.check.trend) and alert.deviation is not None and alert.deviation.ratio is not None
    ]
    return f"; {', '.join(changes)}" if changes else ""


def _noun(trend: str) -> str:
    """Return the noun for what a trend counts, to follow a number."""
    return f" {TREND_NOUNS[trend]}" if trend in TREND_NOUNS else ""


def _brief(value: float, name: str, *, share: bool) -> str:
    """Format a value with four significant digits: more would be noise in a range of usual values."""
    if abs(value) >= HUGE:
        return f"{value:.3e}"
    return amount(float(f"{value:.{DIGITS}g}"), name, share=share)


def _change(value: float, expected: float) -> str:
    """Format how far a value deviates; above a bound, only that it does."""
    change = value / expected - 1 if expected else -math.inf
    if change < -1:  # a share of zero, or a loss: the range shows it
        return ""
    if change > MOST_CHANGE:
        return f", more than {MOST_CHANGE:,} times as much"
    return f", {percent(change)}"


def percent(change: float) -> str:
    """Format a change as a percentage, with its sign."""
    size = change_size(change)
    return size if size == "0%" else f"{MINUS if change < 0 else '+'}{size}"
