"""Which checks of the catalogue a feed has a use for: the others would never have anything to look at."""

from collections.abc import Iterator, Sequence
from functools import cache

from exporter.checks.check import Check
from exporter.feed import Feed, Table
from exporter.figures import times
from exporter.model import Stage
from exporter.profiling.pack import known_packs


def applies(check: Check, feed: Feed) -> bool:
    """Tell whether the feed has the stages, columns and packs that a check looks at."""
    if check.value is None:
        return True
    selector = check.value.selector
    stages = selector.labels.get("stage", feed.stages)
    tables = [feed.tables[Stage(stage)] for stage in stages if stage in feed.tables]
    if not tables:
        return False
    packs = [name for name, pack in known_packs().items() if selector.metric in _names(name)]
    if packs and not any(name in table.packs for name in packs for table in tables):
        return False
    if selector.metric in _useless(feed, tables):
        return False
    fields = selector.labels.get("field")
    return fields is None or any(field in table.required for field in fields for table in tables)


def _useless(feed: Feed, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the metrics that the feed, or these tables of it, never have."""
    if not any(table.event_time for table in tables):
        yield from _TIMED
    if len(feed.tables) == 1:
        yield from _RECONCILED
    if not feed.queries:
        yield from _ASKED


@cache
def _names(pack: str) -> frozenset[str]:
    return frozenset(metric.name for metric in known_packs()[pack].metrics)


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
