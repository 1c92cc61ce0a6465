"""The exporter's own health as metric families: the passes over each feed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

import exporter
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals


@dataclass(frozen=True, slots=True)
class _Own:
    """Builds the families of one feed's own metrics."""

    feed: str

    def counter(self, name: str, text: str, value: float) -> Metric:
        """Return a counter with one sample."""
        family = CounterMetricFamily(name, text, labels=("feed",))
        family.add_metric((self.feed,), value)
        return family

    def gauge(self, name: str, text: str, value: float | None) -> Metric:
        """Return a gauge with one sample, or none if it is not known yet."""
        return self.gauges(name, text, None, {"": value})

    def counters(self, name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
        """Return a counter by one more label."""
        family = CounterMetricFamily(name, text, labels=("feed", label))
        for key, value in values.items():
            family.add_metric((self.feed, key), value)
        return family

    def gauges(self, name: str, text: str, label: str | None, values: Mapping[str, float | None]) -> Metric:
        """Return a gauge by one more label, if there is one."""
        family = GaugeMetricFamily(name, text, labels=("feed",) if label is None else ("feed", label))
        for key, value in values.items():
            if value is not None:
                family.add_metric((self.feed,) if label is None else (self.feed, key), value)
        return family


def build_info() -> Metric:
    """Return the version, which is of the process, not of a feed."""
    return InfoMetricFamily(
        "puffy_exporter_build", "Version of the exporter.", value={"version": exporter.__version__}
    )


def feed_up(feeds: Mapping[str, bool]) -> Metric:
    """Return which of several feeds are watched, by name."""
    family = GaugeMetricFamily(
        "puffy_feed_up",
        "With several feeds: 1 if the feed is watched, 0 if its contract is invalid.",
        labels=("feed",),
    )
    for feed, up in sorted(feeds.items()):
        family.add_metric((feed,), float(up))
    return family


def vitals_families(snapshot: Snapshot, vitals: Vitals) -> Iterator[Metric]:
    """Yield the state of a feed's passes, and the instant it was judged, which changes with every pass."""
    own = _Own(snapshot.feed)
    yield own.gauge(
        "puffy_snapshot_as_of_timestamp_seconds",
        "Instant as of which partitions are judged: now, unless --as-of sets it.",
        snapshot.as_of_ns / NANOSECONDS,
    )
    yield own.gauge(
        "puffy_digest_due",
        "1 during the hour of the day in which open incidents are listed.",
        float(vitals.digest_due),
    )
    yield from _passes(own, vitals)
    yield from _profiling(own, vitals)
    yield from _outputs(own, vitals)
    yield from _pushes(own, vitals)


def _passes(own: _Own, vitals: Vitals) -> Iterator[Metric]:
    yield own.counter("puffy_exporter_refreshes", "Passes over the data directory.", vitals.passes)
    yield own.counter("puffy_exporter_refresh_failures", "Passes that failed.", vitals.failed_passes)
    yield own.gauge(
        "puffy_exporter_refresh_success",
        "1 if the last pass succeeded.",
        float(vitals.last_pass_succeeded),
    )
    yield own.gauge(
        "puffy_exporter_refresh_duration_seconds", "Duration of the last pass.", vitals.last_pass_seconds
    )
    yield own.gauge(
        "puffy_exporter_refresh_timestamp_seconds", "When the last pass ended.", vitals.last_pass_at
    )
    yield own.gauge(
        "puffy_exporter_refresh_success_timestamp_seconds",
        "When the last successful pass ended: the age of the figures.",
        vitals.last_success_at,
    )


def _profiling(own: _Own, vitals: Vitals) -> Iterator[Metric]:
    yield own.counter("puffy_exporter_profiled_files", "Event files read.", vitals.profiled_files)
    yield own.counter("puffy_exporter_profiled_bytes", "Bytes of event files read.", vitals.profiled_bytes)
    yield own.counter(
        "puffy_exporter_profiling_seconds", "Time spent reading event files.", vitals.profiling_seconds
    )
    yield own.counter(
        "puffy_exporter_profile_errors", "Attempts to read a file that failed.", vitals.profile_errors
    )
    yield own.gauge(
        "puffy_engine_up",
        "1 if files are read on the configured cluster, 0 if it cannot be used.",
        None if vitals.engine_up is None else float(vitals.engine_up),
    )
    yield own.gauge(
        "puffy_exporter_unreadable_files",
        "Files of exposed partitions that cannot be read.",
        vitals.unreadable_files,
    )
    yield own.gauge(
        "puffy_exporter_queue_depth",
        "Files seen but not yet read because they are still changing.",
        vitals.waiting_files,
    )
    yield own.gauge(
        "puffy_unmatched_files",
        "Files with a day in their name that match no pattern and are not read.",
        vitals.unmatched_files,
    )
    yield own.gauge(
        "puffy_exporter_unlisted_folders",
        "Folders that cannot be listed or lost all known files; their last known state is used.",
        vitals.unlisted_folders,
    )
    yield own.gauge(
        "puffy_exporter_blind",
        "1 if there is nothing to judge, or the data directory cannot be read.",
        float(vitals.blind),
    )
    yield own.gauge(
        "puffy_feed_source_up",
        "1 if the feed's data directory or bucket could be listed and its known files still exist.",
        float(vitals.source_up),
    )
    yield own.gauges(
        "puffy_exporter_folded_label_values",
        "Distinct values without a series of their own because there are too many.",
        "label",
        dict(vitals.folded_label_values),
    )


def _outputs(own: _Own, vitals: Vitals) -> Iterator[Metric]:
    yield own.gauge("puffy_exporter_problems", "Problems listed on the first page.", len(vitals.problems))
    yield own.counter("puffy_exporter_state_errors", "Writes to the state that failed.", vitals.state_errors)
    yield own.gauge(
        "puffy_exporter_state_rebuilt", "1 if a corrupt state file was set aside.", vitals.state_rebuilds
    )
    yield own.counter(
        "puffy_exporter_gate_errors", "Reads or writes of the gate's files that failed.", vitals.gate_errors
    )
    yield own.gauge(
        "puffy_exporter_gate_broken_lines",
        "Lines of the gate's audit log that cannot be read.",
        vitals.gate_broken_lines,
    )
    yield own.counters(
        "puffy_exporter_output_errors", "Outputs that could not be written.", "output", vitals.output_errors
    )
    yield own.gauge(
        "puffy_exporter_config_reload_success",
        "1 if the last configuration read from disk is in use.",
        float(vitals.config_reload_succeeded),
    )
    yield own.gauge(
        "puffy_exporter_config_reload_timestamp_seconds",
        "When a configuration was last loaded.",
        vitals.config_reloaded_at,
    )


def _pushes(own: _Own, vitals: Vitals) -> Iterator[Metric]:
    peers = vitals.pushes
    yield own.counters(
        "puffy_exporter_pushes",
        "Pushes to another system.",
        "peer",
        {peer: health.pushes for peer, health in peers.items()},
    )
    yield own.counters(
        "puffy_exporter_push_failures",
        "Pushes that were not fully accepted.",
        "peer",
        {peer: health.failures for peer, health in peers.items()},
    )
    for name, text, figure in (
        ("outbox_messages", "Messages not yet accepted.", "waiting"),
        (
            "outbox_oldest_timestamp_seconds",
            "Since when the oldest message has been waiting.",
            "waiting_since",
        ),
        ("timestamp_seconds", "When the last push ended.", "attempted_at"),
        ("success_timestamp_seconds", "When everything was last accepted.", "succeeded_at"),
    ):
        values = {peer: getattr(health, figure) for peer, health in peers.items()}
        yield own.gauges(f"puffy_exporter_push_{name}", text, "peer", values)
