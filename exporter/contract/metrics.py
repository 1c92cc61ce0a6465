"""The metrics that a contract may use."""

from collections.abc import Mapping

from exporter.figures.table import BY_NAME

COLUMN = ("stage", "column")
# Those that a contract's own terms refer to, even if the table of figures does not have them yet.
COLUMN_METRICS: Mapping[str, tuple[str, ...]] = {
    "puffy_column_missing_rows": COLUMN,
    "puffy_column_missing_ratio": COLUMN,
    "puffy_column_invalid_rows": COLUMN,
    "puffy_column_invalid_ratio": COLUMN,
    "puffy_column_duplicate_rows": COLUMN,
    "puffy_column_sum_of_values": COLUMN,
    "puffy_partition_duplicate_keys": ("stage",),
}
KNOWN = frozenset((*BY_NAME, *COLUMN_METRICS))


def labels_of(metric: str) -> tuple[str, ...] | None:
    """Return the labels of a metric beyond feed and partition, or ``None`` if it is not known here."""
    known = BY_NAME.get(metric)
    return COLUMN_METRICS.get(metric) if known is None else known.labels
