"""What each check makes of each partition, so that a dashboard can show the silent ones as well."""

from collections.abc import Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.checks.check import Check, Severity
from exporter.pipeline.snapshot import PartitionView

STATUS = {Severity.WARNING: 1, Severity.CRITICAL: 2}


def check_status(views: Sequence[PartitionView], checks: Sequence[Check]) -> Metric:
    """Return 0, 1 or 2 for every check of every judged partition, past and acknowledged breaches included."""
    family = GaugeMetricFamily(
        "puffy_partition_check_status",
        "0 where the check is not in breach, 1 where it warns, 2 where it is critical; past ones included.",
        labels=("partition", "check"),
    )
    for view in views:
        if view.lead_in:
            continue
        found = {alert.check.name: STATUS[alert.severity] for alert in view.alerts}
        for check in checks:
            family.add_metric((view.partition.isoformat(), check.name), found.get(check.name, 0))
    return family
