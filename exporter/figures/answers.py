"""Acknowledgements of a partition."""

from collections.abc import Iterator

from exporter.metric import Metric, Sample, Settings
from exporter.model import PartitionFacts


def _acknowledged(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
    for check in sorted(facts.acknowledged):
        yield (check,), 1.0


METRICS = (
    Metric(
        "puffy_partition_acknowledged",
        "1 if the check is acknowledged for the partition's current content.",
        _acknowledged,
        ("check",),
    ),
)
