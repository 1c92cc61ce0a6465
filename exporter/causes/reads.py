"""Which columns a check's figures are computed from, as its metrics, queries and trends declare."""

from collections.abc import Iterator

from exporter.checks.check import Alert, Selector
from exporter.feed import Feed, FollowedFigure, Table
from exporter.figures import reconciliation
from exporter.figures.table import BY_NAME
from exporter.model import Stage
from exporter.profiling.order_metrics import REVENUE_GAP
from exporter.queries.identifiers import identifiers

NAMING = frozenset(("column", "field"))  # labels whose values are columns
OF_DQ = frozenset((*(metric.name for metric in reconciliation.METRICS), REVENUE_GAP))


def columns_named(alert: Alert, feed: Feed) -> frozenset[str]:
    """Return the columns that a check's figures are of: those in its labels, its details and its query."""
    found = set(alert.names) if alert.check.shows and NAMING.intersection(alert.check.shows.named) else set()
    for selector in selectors(alert, feed):
        for label, text in _labels(alert, selector):
            if label in NAMING:
                found.add(text)
            elif label == "query":
                found.update(_of_query(text, feed))
    return frozenset(found)


def columns_read(alert: Alert, feed: Feed) -> frozenset[str]:
    """Return all columns that a check's figures are computed from, those that it names included."""
    found = set(columns_named(alert, feed))
    for selector in selectors(alert, feed):
        metric = BY_NAME[selector.metric]
        for table in _tables(alert, selector, feed):
            found.update(metric.reads(table))
    return frozenset(found)


def is_of_dq(alert: Alert, feed: Feed) -> bool:
    """Return whether a check's figures depend on what the DQ step wrote."""
    return any(
        selector.metric in OF_DQ
        or any(label == "stage" and text != Stage.RAW.value for label, text in _labels(alert, selector))
        for selector in selectors(alert, feed)
    )


def selectors(alert: Alert, feed: Feed) -> Iterator[Selector]:
    """Yield what a check's value is computed from, or the figure that its trend tracks."""
    value = alert.check.value
    if value is not None:
        yield from (part for part in (value.selector, value.minus, value.per) if part is not None)
    trend = tracked(alert, feed)
    if trend is not None:
        yield Selector(trend.metric, {label: (text,) for label, text in trend.labels.items()})


def tracked(alert: Alert, feed: Feed) -> FollowedFigure | None:
    """Return the figure that a check's trend tracks, ``None`` if it is about none."""
    return next((trend for trend in feed.trends if trend.name == alert.check.trend), None)


def _labels(alert: Alert, selector: Selector) -> Iterator[tuple[str, str]]:
    """Yield the labels of the figure: those selected, otherwise those of the worst sample."""
    for label in BY_NAME[selector.metric].labels:
        chosen = selector.labels.get(label, ())
        if len(chosen) == 1:
            yield label, chosen[0]
        elif label in alert.labels:
            yield label, alert.labels[label]


def _tables(alert: Alert, selector: Selector, feed: Feed) -> Iterator[Table]:
    stage = dict(_labels(alert, selector)).get("stage")
    yield from (table for known, table in feed.tables.items() if stage in (None, known.value))


def _of_query(name: str, feed: Feed) -> Iterator[str]:
    for query in feed.queries:
        if query.name == name:
            read = identifiers(query.sql)
            yield from (one.name for one in feed.table(query.stage).columns if one.name.casefold() in read)
