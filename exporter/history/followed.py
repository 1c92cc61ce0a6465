"""The trends in a feed's contract."""

from collections.abc import Mapping

from exporter.feed import SUM, Feed, FollowedFigure
from exporter.figures.table import BY_NAME
from exporter.history.band import BandSpec
from exporter.history.detection import Method
from exporter.history.trend import ROWS, SHIPPED, Trend
from exporter.metric import Labels


def trends_of(feed: Feed) -> tuple[Trend, ...]:
    """Return the feed's trends in the contract's order.

    Raises ValueError for what no validated contract can contain: an unknown figure, or limits that
    contradict each other.
    """
    return tuple(_trend(followed) for followed in feed.trends)


WORDS: Mapping[str, str] = {
    "puffy_partition_rows": "The number of rows",
    "puffy_column_sum_of_values": "The sum of {column}",
    "puffy_column_mean": "The mean of {column}",
    "puffy_column_missing_ratio": "The share of rows without {column}",
    "puffy_column_invalid_ratio": "The share of rows with an invalid {column}",
    "puffy_column_distinct_values": "The number of different values of {column}",
}


def figure_words(feed: Feed) -> dict[str, str]:
    """Return what each trend tracks, in words that begin a sentence; its name if there are none."""
    return {
        followed.name: WORDS[followed.metric].format(column=followed.labels.get("column", ""))
        for followed in feed.trends
        if followed.metric in WORDS
    }


COUNTS = frozenset(
    (ROWS.metric, "puffy_partition_checkouts", "puffy_partition_events", "puffy_column_value_rows")
)
ADDED_UP: Mapping[str, str] = {SUM: ROWS.metric, "puffy_partition_revenue": "puffy_partition_checkouts"}


def _counted(followed: FollowedFigure, labels: Labels) -> tuple[str, Labels] | None:
    """Return what a trend counts or adds up, ``None`` if it does neither."""
    if followed.metric in COUNTS:
        return followed.metric, labels
    what = ADDED_UP.get(followed.metric)
    return None if what is None else (what, (followed.labels["stage"],))


def _trend(followed: FollowedFigure) -> Trend:
    metric = BY_NAME[followed.metric]
    labels = tuple(followed.labels[label] for label in metric.labels)
    written = BandSpec.model_validate(dict(followed.band))
    return Trend(
        name=followed.name,
        metric=followed.metric,
        labels=labels,
        band=written.over(SHIPPED[written.method or Method.AVERAGE]),
        counted=_counted(followed, labels),
    )
