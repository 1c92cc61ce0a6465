"""The snapshot and the exporter's own health as metric families: fresh ones each time, so nothing lingers."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

import exporter
from exporter.checks.check import Check, Kind
from exporter.figures.table import METRICS
from exporter.history.trend import Band, Direction
from exporter.metrics.detectors import detector_families
from exporter.metrics.status import check_status
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals


def partition_families(views: Sequence[PartitionView], checks: Sequence[Check] = ()) -> Iterator[Metric]:
    """Yield every family whose samples belong to a partition, with the samples of these."""
    days = [(view.partition.isoformat(), view) for view in views]
    for metric in METRICS:
        family = GaugeMetricFamily(metric.name, metric.help, labels=("partition", *metric.labels))
        for day, view in days:
            for labels, value in view.figures.get(metric.name, {}).items():
                family.add_metric((day, *labels), value)
        yield family
    yield _window_info(views)
    yield from detector_families(views)
    yield check_status(views, checks)


def _window_info(views: Sequence[PartitionView]) -> Metric:
    family = GaugeMetricFamily(
        "puffy_partition_window_info",
        "1: member is the readable partition lag days (weeks and days back) earlier; baseline: it serves.",
        labels=("partition", "member", "lag", "week", "back", "baseline"),
    )
    for view in views:
        for member in view.window.members:
            serves = "yes" if member.serves else "no"
            week, back = divmod(member.lag, 7)
            days = (view.partition.isoformat(), member.partition.isoformat())
            family.add_metric((*days, str(member.lag), str(week), str(back), serves), 1)
    return family


def verdict_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the limits in force and what the report makes of the partitions."""
    yield from _limits(snapshot)
    yield _report_alerts(snapshot)
    yield from _gate(snapshot)


def _limits(snapshot: Snapshot) -> Iterator[Metric]:
    thresholds = GaugeMetricFamily(
        "puffy_check_threshold",
        "The configured limit of a check; of an anomaly the deviations or spreads that it may be off.",
        labels=("check", "severity"),
    )
    bands = GaugeMetricFamily(
        "puffy_trend_limit",
        "What a trend may be off by: sigma and scores in deviations, ratios, min_change in its unit, rows.",
        labels=("metric", "limit"),
    )
    directions = GaugeMetricFamily(
        "puffy_trend_direction",
        "1 where a change to that side of the baseline counts, 0 where it does not.",
        labels=("metric", "direction"),
    )
    for check in snapshot.checks:
        for severity, limit in check.limits.items():
            thresholds.add_metric((check.name, severity.value), limit)
        if check.kind is Kind.ANOMALY:
            for name, value in band_limits(check.band):
                bands.add_metric((check.trend or "", name), value)
            for side in (Direction.DROP, Direction.RISE):
                directions.add_metric((check.trend or "", side.value), float(check.band.counts(side)))
    yield thresholds
    yield bands
    yield directions


def band_limits(band: Band) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a band by name."""
    names = ("sigma", "min_deviation", "max_deviation", "min_change", "score", "level_score", "min_spread")
    for name in (*names, "min_count"):
        yield name, getattr(band, name)


def _report_alerts(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "puffy_report_alerts", "Alerts that the report calls firing.", labels=("severity",)
    )
    for severity, count in snapshot.firing_count.items():
        family.add_metric((severity.value,), count)
    return family


def _gate(snapshot: Snapshot) -> Iterator[Metric]:
    yield _gauge("puffy_gate_closed", "1 while downstream must wait.", float(snapshot.gate.closed))
    holds = GaugeMetricFamily(
        "puffy_gate_hold",
        "1 for each hold that nobody has acknowledged; reason is the check that blocks.",
        labels=("partition", "reason"),
    )
    for partition, reason in sorted({(held.partition, held.check) for held in snapshot.gate.holds}):
        holds.add_metric((partition.isoformat(), reason), 1)
    yield holds


def vitals_families(snapshot: Snapshot, vitals: Vitals) -> Iterator[Metric]:
    """Yield the exporter's own metrics, and the instant of its judgement, which changes with every pass."""
    yield GaugeMetricFamily(
        "puffy_snapshot_as_of_timestamp_seconds",
        "The instant that partitions are judged at: the clock's, unless --as-of fixes it.",
        value=snapshot.as_of_ns / NANOSECONDS,
    )
    yield InfoMetricFamily(
        "puffy_exporter_build", "Version of the exporter.", value={"version": exporter.__version__}
    )
    yield from _passes(vitals)
    yield from _profiling(vitals)
    yield from _outputs(vitals)
    yield from _pushes(vitals)


def _passes(vitals: Vitals) -> Iterator[Metric]:
    yield _counter("puffy_exporter_refreshes", "Passes over the data directory.", vitals.passes)
    yield _counter("puffy_exporter_refresh_failures", "Passes that failed.", vitals.failed_passes)
    yield _gauge(
        "puffy_exporter_refresh_success",
        "1 where the last pass succeeded.",
        float(vitals.last_pass_succeeded),
    )
    yield _gauge(
        "puffy_exporter_refresh_duration_seconds", "Duration of the last pass.", vitals.last_pass_seconds
    )
    yield _gauge("puffy_exporter_refresh_timestamp_seconds", "When the last pass ended.", vitals.last_pass_at)
    yield _gauge(
        "puffy_exporter_refresh_success_timestamp_seconds",
        "When the last successful pass ended: how old the figures are.",
        vitals.last_success_at,
    )


def _profiling(vitals: Vitals) -> Iterator[Metric]:
    yield _counter("puffy_exporter_profiled_files", "Event files read.", vitals.profiled_files)
    yield _counter("puffy_exporter_profiled_bytes", "Bytes of event files read.", vitals.profiled_bytes)
    yield _counter(
        "puffy_exporter_profiling_seconds", "Time spent reading event files.", vitals.profiling_seconds
    )
    yield _counter(
        "puffy_exporter_profile_errors", "Attempts to read a file that failed.", vitals.profile_errors
    )
    yield _gauge(
        "puffy_exporter_unreadable_files",
        "Files of exposed partitions that cannot be read.",
        vitals.unreadable_files,
    )
    yield _gauge(
        "puffy_exporter_queue_depth",
        "Files seen but not yet read, because they still change.",
        vitals.waiting_files,
    )
    yield _gauge(
        "puffy_unmatched_files",
        "Files that speak of a day and match no pattern, so that they are not read.",
        vitals.unmatched_files,
    )
    yield _gauge(
        "puffy_exporter_unlisted_folders",
        "Folders that cannot be listed or have lost all that was known; what they held counts as last seen.",
        vitals.unlisted_folders,
    )
    yield _gauge(
        "puffy_exporter_blind",
        "1 where there is nothing to judge, or the data directory cannot be seen.",
        float(vitals.blind),
    )
    folded = GaugeMetricFamily(
        "puffy_exporter_folded_label_values",
        "Distinct values that have no series of their own, because there are too many of them.",
        labels=("label",),
    )
    for label, count in vitals.folded_label_values.items():
        folded.add_metric((label,), count)
    yield folded


def _outputs(vitals: Vitals) -> Iterator[Metric]:
    yield _gauge(
        "puffy_exporter_problems", "Things the status page calls odd right now.", len(vitals.problems)
    )
    yield _counter("puffy_exporter_state_errors", "Writes to the state that failed.", vitals.state_errors)
    yield _gauge(
        "puffy_exporter_state_rebuilt", "1 where a broken state file was set aside.", vitals.state_rebuilds
    )
    yield _counter(
        "puffy_exporter_gate_errors", "Reads or writes of the gate's files that failed.", vitals.gate_errors
    )
    yield _gauge(
        "puffy_exporter_gate_broken_lines",
        "Lines of the gate's audit log that cannot be read.",
        vitals.gate_broken_lines,
    )
    errors = CounterMetricFamily(
        "puffy_exporter_output_errors", "Outputs that could not be written.", labels=("output",)
    )
    for output, count in vitals.output_errors.items():
        errors.add_metric((output,), count)
    yield errors
    yield _gauge(
        "puffy_exporter_config_reload_success",
        "1 where the configuration in use is the one on disk when it was last read.",
        float(vitals.config_reload_succeeded),
    )
    yield _gauge(
        "puffy_exporter_config_reload_timestamp_seconds",
        "When a configuration was last taken into use.",
        vitals.config_reloaded_at,
    )


def _pushes(vitals: Vitals) -> Iterator[Metric]:
    counters: dict[str, CounterMetricFamily] = {
        "pushes": CounterMetricFamily("puffy_exporter_pushes", "Pushes to another system.", labels=("peer",)),
        "failures": CounterMetricFamily(
            "puffy_exporter_push_failures", "Pushes that were not taken whole.", labels=("peer",)
        ),
    }
    gauges = {
        "waiting": GaugeMetricFamily(
            "puffy_exporter_push_outbox_messages", "Messages not yet taken.", labels=("peer",)
        ),
        "waiting_since": GaugeMetricFamily(
            "puffy_exporter_push_outbox_oldest_timestamp_seconds",
            "Since when the oldest of them waits.",
            labels=("peer",),
        ),
        "attempted_at": GaugeMetricFamily(
            "puffy_exporter_push_timestamp_seconds", "When the last push ended.", labels=("peer",)
        ),
        "succeeded_at": GaugeMetricFamily(
            "puffy_exporter_push_success_timestamp_seconds",
            "When everything was last taken.",
            labels=("peer",),
        ),
    }
    for peer, health in vitals.pushes.items():
        for name, counter in counters.items():
            counter.add_metric((peer,), getattr(health, name))
        for name, gauge in gauges.items():
            if getattr(health, name) is not None:
                gauge.add_metric((peer,), getattr(health, name))
    yield from (*counters.values(), *gauges.values())


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _gauge(name: str, text: str, value: float | None) -> Metric:
    if value is None:  # a family without a sample: not known yet
        return GaugeMetricFamily(name, text, labels=())
    return GaugeMetricFamily(name, text, value=value)
