"""The past of the trends as OpenMetrics, each value at the noon of the day that it is about.

The recorded series carry every day's figures at the instant of a scrape, one series for each day. The past is
written the other way round: one series for each trend, and the day is the sample's own time.
"""

from collections.abc import Iterator
from dataclasses import fields

from exporter.history.trend import Trend, TrendFigures
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.rules.names import PREFIX

TIMELINE = "event"  # label that keeps these series apart from those that Prometheus records


# What a detector says of a day; the other recorded series are its verdicts and the steps on the way.
DETECTOR_FIGURES = ("expected", "spread", "score", "level_score")


def history(snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of an OpenMetrics page of all trends of all judged partitions, oldest first."""
    names = (*(figure.name for figure in fields(TrendFigures)), *DETECTOR_FIGURES)
    for name in names:
        series = f"{PREFIX}{name}"
        yield f"# TYPE {series} gauge\n"
        yield f"# HELP {series} The trend's {name} in event time.\n"
        for trend in snapshot.trends:
            yield from _series(series, name, trend, snapshot)
    yield "# EOF\n"


def _series(series: str, name: str, trend: Trend, snapshot: Snapshot) -> Iterator[str]:
    for view in snapshot.window:
        told = view.window.detections if name in DETECTOR_FIGURES else view.window.trends
        figures = (told or {}).get(trend.name)
        value = None if figures is None else getattr(figures, name)
        if value is not None:
            labels = f'feed="{snapshot.feed}",metric="{trend.name}",timeline="{TIMELINE}"'
            yield f"{series}{{{labels}}} {float(value)!r} {_noon(view)}\n"


def _noon(view: PartitionView) -> int:
    """Return the middle of the day in seconds: no boundary of a range or of a timezone falls there."""
    day = view.facts.day
    return (day.start_ns + day.end_ns) // 2 // NANOSECONDS
