"""Which checks of the catalogue apply to a feed: the others would never have a value."""

from collections.abc import Iterator, Sequence
from functools import cache

from exporter.checks.check import Check
from exporter.feed import Feed, Table
from exporter.figures import times
from exporter.profiling.pack import known_packs


def applies(check: Check, feed: Feed) -> bool:
    """Return whether the feed has the stages, columns and packs that a check needs."""
    if check.value is None:
        return True
    selector = check.value.selector
    stages = selector.labels.get("stage")
    tables = [table for stage, table in feed.tables.items() if stages is None or stage in stages]
    if not tables:
        return False
    packs = _packs_with(selector.metric)
    if packs and not any(name in table.packs for name in packs for table in tables):
        return False
    if selector.metric in _useless(feed, tables):
        return False
    fields = selector.labels.get("field")
    return fields is None or any(field in table.required for field in fields for table in tables)


def _useless(feed: Feed, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the metrics that never exist for the feed, or for these tables."""
    if not any(table.event_time for table in tables):
        yield from _TIMED
    if len(feed.tables) == 1:
        yield from _RECONCILED
    if not feed.queries:
        yield from _ASKED


@cache
def _packs_with(metric: str) -> tuple[str, ...]:
    packs = known_packs().items()
    return tuple(name for name, pack in packs if any(known.name == metric for known in pack.metrics))


_TIMED = frozenset(metric.name for metric in times.METRICS)
_RECONCILED = frozenset(
    (
        "puffy_partition_rejects",
        "puffy_partition_reject_ratio",
        "puffy_partition_clean_ratio",
        "puffy_partition_unaccounted_rows",
        "puffy_partition_dq_discrepancy_rows",
    )
)
_ASKED = frozenset(("puffy_query_value", "puffy_query_failed_info"))
