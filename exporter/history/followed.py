"""The trends that a feed's contract asks for."""

from exporter.feed import Feed, FollowedFigure
from exporter.figures.table import BY_NAME
from exporter.history.band import BandSpec
from exporter.history.detection import Method
from exporter.history.trend import SHIPPED, Trend


def trends_of(feed: Feed) -> tuple[Trend, ...]:
    """Return the feed's trends in the contract's order.

    Raises ValueError for what no contract that was read can hold: a figure that there is not, or limits that
    do not go together.
    """
    return tuple(_trend(followed) for followed in feed.trends)


def _trend(followed: FollowedFigure) -> Trend:
    metric = BY_NAME[followed.metric]
    written = BandSpec.model_validate(dict(followed.band))
    return Trend(
        name=followed.name,
        metric=followed.metric,
        labels=tuple(followed.labels[label] for label in metric.labels),
        band=written.over(SHIPPED[written.method or Method.AVERAGE]),
    )
