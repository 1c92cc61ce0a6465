"""The verdict on trends, as PromQL: the counterpart of ``history.verdict``."""

from collections.abc import Iterator

from exporter.checks.check import Check, Severity
from exporter.history.trend import DayTested
from exporter.rules.detectors import CHANCE, CONFIRMED, DETECTED, JUDGED, MUTED, counting, limit
from exporter.rules.names import DAY, PREFIX, TREND
from exporter.rules.promql import indent, threshold
from exporter.rules.rule import Recording

VALUE, AVERAGE, DEVIATION, ZSCORE, COUNT = (
    f"{PREFIX}{figure}" for figure in ("value", "baseline_avg", "deviation_ratio", "zscore", "baseline_count")
)
TESTED = f"{PREFIX}tested_zscore"
OUTSIDE = f"{PREFIX}outside"
ANOMALOUS = f"{PREFIX}anomalous"


def anomalies() -> Iterator[Recording]:
    """Yield the 7-day rule's verdict, and the one in force: the detector's if it is armed."""
    yield Recording(TESTED, _tested())
    yield Recording(OUTSIDE, _outside())
    yield Recording(ANOMALOUS, f"{DETECTED}\nor\n({OUTSIDE} unless {JUDGED})")


def anomaly(check: Check, severity: Severity) -> str:
    """Return the partitions with an anomaly of that severity, for feeds that have the check."""
    trend = f'{{metric="{check.trend}"}}'
    if severity is check.confirmed:
        found = f"{CONFIRMED}{trend}"
    elif check.confirmed is not None:
        sure = f"({CONFIRMED}{trend} and on (feed) {threshold(check.name, check.confirmed)})"
        found = f"{ANOMALOUS}{trend} unless {sure}"
    else:
        found = f"{ANOMALOUS}{trend}"
    return f"max by {DAY} ({found})\nand on (feed) {threshold(check.name, severity)}"


def _tested() -> str:
    """Return what sigma is compared with: the score against other days, or including the day itself."""
    inside = f'(max by {TREND} (puffy_trend_tested_day{{tested_day="{DayTested.INSIDE}"}}) == 1)'
    share = f"{COUNT} / ({COUNT} + 1)"
    own = f"abs({ZSCORE}) * ({share}) / sqrt(({COUNT} - 1 + {ZSCORE} ^ 2 * {share}) / {COUNT})"
    return f"(abs({ZSCORE}) unless on {TREND} {inside})\nor\n(({own}) and on {TREND} {inside})"


def _outside() -> str:
    off = "\n".join(
        (
            f"abs({DEVIATION}) > {limit('max_deviation')}",
            f"or abs({DEVIATION}) > {limit('min_deviation')}",
            f"  and {TESTED} > {limit('sigma')}",
            # From a baseline of zero any other value deviates infinitely.
            f"or {AVERAGE} unless {DEVIATION}",
        )
    )
    change = f"{VALUE} - {AVERAGE}"
    return "\n".join(
        (
            VALUE,
            f"and (\n{indent(off)}\n)",
            f"and (\n{indent(counting(change))}\n)",
            f"and (abs({change}) > {limit('min_change')})",
            f"unless (abs({change}) <= {CHANCE} * {limit('score')})",
            f"unless {MUTED}",
        )
    )
