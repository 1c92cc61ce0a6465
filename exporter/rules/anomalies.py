"""The band of a trend, as PromQL: the counterpart of ``history.trend.is_anomalous``."""

from exporter.history.trend import Direction
from exporter.rules.promql import indent
from exporter.rules.trends import PREFIX


def anomaly(trend: str) -> str:
    """Return the partitions whose value is off its baseline by more than the configured band allows."""
    value, average, deviation, score = (
        f'{PREFIX}{figure}{{metric="{trend}"}}'
        for figure in ("value", "baseline_avg", "deviation_ratio", "zscore")
    )
    off = "\n".join(
        (
            f"abs({deviation}) > on () group_left () {band_limit(trend, 'max_deviation')}",
            f"or abs({deviation}) > on () group_left () {band_limit(trend, 'min_deviation')}",
            f"  and abs({score}) > on () group_left () {band_limit(trend, 'sigma')}",
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


def band_limit(trend: str, limit: str) -> str:
    """Return a number of the band, as a vector without labels."""
    return f'max(puffy_trend_limit{{metric="{trend}",limit="{limit}"}})'


def counts(trend: str, direction: Direction) -> str:
    """Return a sample where a change to that side counts."""
    return f'(max(puffy_trend_direction{{metric="{trend}",direction="{direction}"}}) == 1)'
