"""The state of each check for each partition, so that a dashboard can show silent ones as well."""

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.checks.check import Severity
from exporter.pipeline.snapshot import Snapshot

STATUS = {Severity.WARNING: 1, Severity.CRITICAL: 2}


def check_status(snapshot: Snapshot) -> Metric:
    """Return 0, 1 or 2 for every check of every judged partition, past and acknowledged breaches included."""
    family = GaugeMetricFamily(
        "puffy_partition_check_status",
        "0 if the check is not in breach, 1 for a warning, 2 if critical; past alerts included.",
        labels=("feed", "partition", "check"),
    )
    for view in snapshot.window:
        found = {alert.check.name: STATUS[alert.severity] for alert in view.alerts}
        for check in snapshot.checks:
            family.add_metric(
                (snapshot.feed, view.partition.isoformat(), check.name), found.get(check.name, 0)
            )
    return family
