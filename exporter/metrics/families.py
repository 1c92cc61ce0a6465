"""The snapshot as metric families: fresh ones each time, so nothing lingers."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.checks.check import Kind, Origin
from exporter.figures.table import METRICS
from exporter.history.trend import WINDOW_DAYS, Band, DayTested, Direction
from exporter.metrics.contract import contract_families, contract_values
from exporter.metrics.incidents import incident_families
from exporter.metrics.status import check_status
from exporter.metrics.trends import trend_families
from exporter.pipeline.snapshot import Snapshot


def partition_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield every family with samples per partition, for the snapshot's partitions."""
    feed, days = snapshot.feed, [(view.partition.isoformat(), view) for view in snapshot.views]
    for metric in METRICS:
        family = GaugeMetricFamily(metric.name, metric.help, labels=("feed", "partition", *metric.labels))
        for day, view in days:
            for labels, value in view.figures.get(metric.name, {}).items():
                family.add_metric((feed, day, *labels), value)
        yield family
    yield _window_info(snapshot)
    yield from trend_families(snapshot)
    yield check_status(snapshot)
    yield contract_values(snapshot)


def _window_info(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "puffy_partition_window_info",
        "1: member is the readable partition lag days earlier, or weeks in a weekly feed, at most 7; "
        "baseline: whether it is included.",
        labels=("feed", "partition", "member", "lag", "baseline"),
    )
    for view in snapshot.views:
        for member in view.window.members:
            if member.lag <= WINDOW_DAYS:
                serves = "yes" if member.serves else "no"
                days = (snapshot.feed, view.partition.isoformat(), member.partition.isoformat())
                family.add_metric((*days, str(member.lag), serves), 1)
    return family


def verdict_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the limits in force and the report's verdicts."""
    yield _thresholds(snapshot)
    yield from _bands(snapshot)
    yield from contract_families(snapshot)
    yield _report_alerts(snapshot)
    yield from incident_families(snapshot)
    yield from _gate(snapshot)


def _thresholds(snapshot: Snapshot) -> Metric:
    """Return the limits of checks with an alert of their own, which fires only if a limit exists."""
    family = GaugeMetricFamily(
        "puffy_check_threshold",
        "Configured limit of a check; for an anomaly in deviations or spreads.",
        labels=("feed", "check", "severity"),
    )
    for check in snapshot.checks:
        if check.origin is Origin.CATALOGUE:
            for severity, limit in check.limits.items():
                family.add_metric((snapshot.feed, check.name, severity.value), limit)
    return family


def _bands(snapshot: Snapshot) -> Iterator[Metric]:
    limits = GaugeMetricFamily(
        "puffy_trend_limit",
        "Limits of a trend: sigma and scores in deviations, ratios, min_change in its unit, rows.",
        labels=("feed", "metric", "limit"),
    )
    directions = GaugeMetricFamily(
        "puffy_trend_direction",
        "1 if a change in that direction counts, 0 if not.",
        labels=("feed", "metric", "direction"),
    )
    tested = GaugeMetricFamily(
        "puffy_trend_tested_day",
        "1 for where the tested day is, inside or outside the points sigma is computed from, else 0.",
        labels=("feed", "metric", "tested_day"),
    )
    # By trend: of two checks on one, the last wins, since a series cannot exist twice.
    bands = {check.trend or "": check.band for check in snapshot.checks if check.kind is Kind.ANOMALY}
    for trend, band in bands.items():
        labels = (snapshot.feed, trend)
        for name, value in band_limits(band):
            limits.add_metric((*labels, name), value)
        for side in (Direction.DROP, Direction.RISE):
            directions.add_metric((*labels, side.value), float(band.counts(side)))
        for day in DayTested:
            tested.add_metric((*labels, day.value), float(band.tested_day is day))
    yield from (limits, directions, tested)


def band_limits(band: Band) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a band by name."""
    names = ("sigma", "min_deviation", "max_deviation", "min_change", "score", "level_score", "min_spread")
    for name in (*names, "min_count"):
        yield name, getattr(band, name)


def _report_alerts(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "puffy_report_alerts", "Alerts that fire according to the report.", labels=("feed", "severity")
    )
    for severity, count in snapshot.firing_count.items():
        family.add_metric((snapshot.feed, severity.value), count)
    return family


def _gate(snapshot: Snapshot) -> Iterator[Metric]:
    closed = GaugeMetricFamily("puffy_gate_closed", "1 while downstream must wait.", labels=("feed",))
    closed.add_metric((snapshot.feed,), float(snapshot.gate.closed))
    holds = GaugeMetricFamily(
        "puffy_gate_hold",
        "1 for each hold that nobody has acknowledged; reason is the check that blocks.",
        labels=("feed", "partition", "reason"),
    )
    for partition, reason in sorted({(held.partition, held.check) for held in snapshot.gate.holds}):
        holds.add_metric((snapshot.feed, partition.isoformat(), reason), 1)
    yield from (closed, holds)
