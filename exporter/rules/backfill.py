"""The past of the trends as OpenMetrics, each value at the noon of the day that it is about.

The recorded series carry every day's figures at the instant of a scrape, one series for each day. The past is
written the other way round: one series for each trend, and the day is the sample's own time.
"""

from collections.abc import Iterator
from dataclasses import fields

from exporter.history.trend import Trend, TrendFigures
from exporter.history.verdict import normal
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.rules.names import PREFIX

TIMELINE = "event"  # label that keeps these series apart from those that Prometheus records


# What judges a day, as figures; the other recorded series are its verdicts and the steps on the way.
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
    """Return the middle of the day in seconds: no boundary of a range or of a timezone falls there."""
    day = view.facts.day
    return (day.start_ns + day.end_ns) // 2 // NANOSECONDS
