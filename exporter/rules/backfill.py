"""The past of the trends as OpenMetrics, each value at the noon of the day that it is about.

The recorded series carry every day's figures at the instant of a scrape, one series for each day. The past is
written the other way round: one series for each trend, and the day is the sample's own time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from exporter.history.trend import Trend, TrendFigures
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.rules.names import PREFIX

TIMELINE = "event"  # label that keeps these series apart from those that Prometheus records


def history(snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of an OpenMetrics page of all trends of all judged partitions, oldest first."""
    for figure in fields(TrendFigures):
        name = f"{PREFIX}{figure.name}"
        yield f"# TYPE {name} gauge\n"
        yield f"# HELP {name} The trend's {figure.name} in event time.\n"
        for trend in snapshot.trends:
            yield from _series(name, figure.name, trend, snapshot.window)
    yield "# EOF\n"


def _series(name: str, figure: str, trend: Trend, views: Sequence[PartitionView]) -> Iterator[str]:
    for view in views:
        figures = (view.window.trends or {}).get(trend.name)
        value = None if figures is None else getattr(figures, figure)
        if value is not None:
            labels = f'metric="{trend.name}",timeline="{TIMELINE}"'
            yield f"{name}{{{labels}}} {float(value)!r} {_noon(view)}\n"


def _noon(view: PartitionView) -> int:
    """Return the middle of the day in seconds: no boundary of a range or of a timezone falls there."""
    day = view.facts.day
    return (day.start_ns + day.end_ns) // 2 // NANOSECONDS
