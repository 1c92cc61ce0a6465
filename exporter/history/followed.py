"""The trends in a feed's contract."""

from collections.abc import Mapping

from exporter.feed import Feed, FollowedFigure
from exporter.figures.table import BY_NAME
from exporter.history.band import BandSpec
from exporter.history.detection import Method
from exporter.history.trend import SHIPPED, Trend


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


def _trend(followed: FollowedFigure) -> Trend:
    metric = BY_NAME[followed.metric]
    written = BandSpec.model_validate(dict(followed.band))
    return Trend(
        name=followed.name,
        metric=followed.metric,
        labels=tuple(followed.labels[label] for label in metric.labels),
        band=written.over(SHIPPED[written.method or Method.AVERAGE]),
    )
