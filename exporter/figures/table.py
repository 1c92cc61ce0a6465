"""All metrics about a partition, in the order of the exposition, and their computation."""

import math

from exporter.figures import answers, asked, columns, files, reconciliation, times
from exporter.metric import Figures, Labels, Metric, Settings
from exporter.model import PartitionFacts, Stage
from exporter.profiling.order_tally import orders_of
from exporter.profiling.pack import known_packs

METRICS: tuple[Metric, ...] = (
    *files.METRICS,
    *times.METRICS,
    *columns.METRICS,
    *asked.METRICS,
    *(metric for pack in known_packs().values() for metric in pack.metrics),
    *reconciliation.METRICS,
    *reconciliation.TASK_METRICS,
    *answers.METRICS,
)
BY_NAME = {metric.name: metric for metric in METRICS}


def compute_figures(facts: PartitionFacts, settings: Settings) -> Figures:
    """Compute every metric's samples for one partition. Unknown values are left out, never NaN."""
    figures: dict[str, dict[Labels, float]] = {}
    for metric in METRICS:
        samples = {labels: value for labels, value in metric.values(facts, settings) if math.isfinite(value)}
        if samples:
            figures[metric.name] = samples
    return figures


def folded_label_values(facts: PartitionFacts, settings: Settings) -> dict[str, int]:
    """Count the distinct label values that did not get a series of their own, by label."""
    folded = {
        "event_name": 0,
        "reason": 0,
        "task": max(0, len(facts.tasks) - settings.most_label_values),
    }
    for stage, known in facts.stages.items():
        if known.profile is None:
            continue
        orders = orders_of(known.profile)
        if orders is not None:
            folded["event_name"] += sum(name not in settings.known_events for name in orders.events)
        if stage is Stage.REJECTS:
            folded["reason"] = max(0, len(known.profile.reasons) - settings.most_label_values)
    return folded
