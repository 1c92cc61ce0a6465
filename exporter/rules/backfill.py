"""The trends' history as OpenMetrics, each value at noon of its day.

The recorded series have every day's figures at the time of a scrape, one series per day. The history is
written the other way round: one series per trend, and the day is the sample's time.
"""

from collections.abc import Iterator
from dataclasses import fields

from exporter.history.trend import Trend, TrendFigures
from exporter.history.verdict import normal
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.rules.names import PREFIX

TIMELINE = "event"  # label that distinguishes these series from those recorded by Prometheus


# The figures that judge a day; the other recorded series are verdicts and intermediate steps.
INTERVAL = {"expected": "expected", "lower": "low", "upper": "high"}
SCORES = ("score", "level_score")


def history(snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of an OpenMetrics page of all trends of all judged partitions, oldest first."""
    names = (*(figure.name for figure in fields(TrendFigures)), *INTERVAL, *SCORES)
    for name in names:
        series = f"{PREFIX}{name}"
        yield f"# TYPE {series} gauge\n"
        yield f"# HELP {series} The trend's {name} in event time.\n"
        for trend in snapshot.trends:
            yield from _series(series, name, trend, snapshot)
    yield "# EOF\n"


def _series(series: str, name: str, trend: Trend, snapshot: Snapshot) -> Iterator[str]:
    for view in snapshot.window:
        value = _value(name, trend, view)
        if value is not None:
            labels = f'feed="{snapshot.feed}",metric="{trend.name}",timeline="{TIMELINE}"'
            yield f"{series}{{{labels}}} {float(value)!r} {_noon(view)}\n"


def _value(name: str, trend: Trend, view: PartitionView) -> float | None:
    figures = (view.window.trends or {}).get(trend.name)
    detection = (view.window.detections or {}).get(trend.name)
    if figures is None or detection is None:
        return None
    if name in INTERVAL:
        value: float | None = getattr(normal(figures, detection, trend.band), INTERVAL[name])
    else:
        value = getattr(detection if name in SCORES else figures, name)
    return value


def _noon(view: PartitionView) -> int:
    """Return the middle of the day in seconds, away from boundaries of ranges and timezones."""
    day = view.facts.day
    return (day.start_ns + day.end_ns) // 2 // NANOSECONDS
