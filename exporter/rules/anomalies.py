"""The verdict on a trend, as PromQL: the counterpart of ``history.verdict``."""

from exporter.checks.check import Check, Severity
from exporter.history.detection import Method
from exporter.history.trend import Band, DayTested, Direction
from exporter.rules.detectors import CONFIRMED, DETECTED, JUDGED, MUTED
from exporter.rules.names import PREFIX
from exporter.rules.promql import indent


def anomaly(check: Check, severity: Severity) -> str:
    """Return the partitions whose value is anomalous, with that severity.

    The trend's detector decides where it is armed, the 7-day rule elsewhere.
    """
    trend = f'{{metric="{check.trend}"}}'
    if severity is check.confirmed:
        return f"max by (partition) ({CONFIRMED}{trend})"
    average = f"{_by_average(check.trend or '', check.band)}\nunless on (partition) {MUTED}{trend}"
    if check.band.method is Method.AVERAGE:
        return average
    worse = f" unless {CONFIRMED}{trend}" if check.confirmed is not None else ""
    return (
        f"max by (partition) ({DETECTED}{trend}{worse})\nor\n{average}\nunless on (partition) {JUDGED}{trend}"
    )


def _by_average(trend: str, band: Band) -> str:
    value, average, deviation, score = (
        f'{PREFIX}{figure}{{metric="{trend}"}}'
        for figure in ("value", "baseline_avg", "deviation_ratio", "zscore")
    )
    off = "\n".join(
        (
            f"abs({deviation}) > on () group_left () {band_limit(trend, 'max_deviation')}",
            f"or abs({deviation}) > on () group_left () {band_limit(trend, 'min_deviation')}",
            f"  and {_tested(score, trend, band)} > on () group_left () {band_limit(trend, 'sigma')}",
            # Of a baseline that is zero any other value is infinitely far off.
            f"or {average} unless {deviation}",
        )
    )
    change = f"{value} - {average}"
    sides = "\n".join(
        (
            f"({change} > 0) and on () {counts(trend, Direction.RISE)}",
            f"or ({change} < 0) and on () {counts(trend, Direction.DROP)}",
        )
    )
    return "\n".join(
        (
            f"max by (partition) ({value})",
            f"and on (partition) (\n{indent(off)}\n)",
            f"and on (partition) (\n{indent(sides)}\n)",
            f"and on (partition) (abs({change}) > on () group_left () {band_limit(trend, 'min_change')})",
        )
    )


def _tested(score: str, trend: str, band: Band) -> str:
    """Return what sigma is held against: the score among others, or that among its own points."""
    if band.tested_day is DayTested.OUTSIDE:
        return f"abs({score})"
    count = f'{PREFIX}baseline_count{{metric="{trend}"}}'
    share = f"{count} / ({count} + 1)"
    return f"abs({score}) * ({share}) / sqrt(({count} - 1 + {score} ^ 2 * {share}) / {count})"


def band_limit(trend: str, limit: str) -> str:
    """Return a number of the band, as a vector without labels."""
    return f'max(puffy_trend_limit{{metric="{trend}",limit="{limit}"}})'


def counts(trend: str, direction: Direction) -> str:
    """Return a sample where a change to that side counts."""
    return f'(max(puffy_trend_direction{{metric="{trend}",direction="{direction}"}}) == 1)'
