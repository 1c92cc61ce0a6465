"""Trends and what detectors make of them, as metric families."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.history.detection import Detection
from exporter.pipeline.snapshot import Snapshot

LABELS = {
    "puffy_trend_value": ("feed", "partition", "metric"),
    "puffy_trend_state": ("feed", "partition", "metric", "method", "state"),
    "puffy_trend_expected": ("feed", "partition", "metric"),
    "puffy_trend_score": ("feed", "partition", "metric", "after"),
    "puffy_partition_event_info": ("feed", "partition", "event", "expect"),
}


def trend_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield value, state, expectation and scores of each trend, and the calendar's events."""
    feed = snapshot.feed
    known = [
        (view.partition.isoformat(), name, detection)
        for view in snapshot.views
        for name, detection in (view.window.detections or {}).items()
    ]
    yield _values(snapshot)
    yield from _detections(feed, known)
    events = _family("puffy_partition_event_info", "1: the calendar expects this day to differ from others.")
    for day, event in dict.fromkeys((day, detection.event) for day, _, detection in known):
        if event is not None:
            events.add_metric((feed, day, event.name, event.expect.value), 1)
    yield events


def _values(snapshot: Snapshot) -> Metric:
    """Return each trend of each partition: rules need not know which metric it is of."""
    values = _family("puffy_trend_value", "The trend's value: rules compute averages and scores from these.")
    for view in snapshot.views:
        for trend in snapshot.trends:
            value = trend.value_in(view.figures)
            if value is not None:
                values.add_metric((snapshot.feed, view.partition.isoformat(), trend.name), value)
    return values


def _detections(feed: str, known: Sequence[tuple[str, str, Detection]]) -> Iterator[Metric]:
    states = _family(
        "puffy_trend_state",
        "1: how the trend is judged: learning and held ones by the 7-day rule, armed ones by their method.",
    )
    expected = _family("puffy_trend_expected", "What the detector expects of the day, in the trend's unit.")
    scores = _family(
        "puffy_trend_score",
        "How far the day is from that, in spreads; after=level: once the level of the last six days is out.",
    )
    for day, name, detection in known:
        labels = (feed, day, name)
        states.add_metric((*labels, detection.method.value, detection.readiness.value), 1)
        if detection.expected is not None:
            expected.add_metric(labels, detection.expected)
        for after, score in (("nothing", detection.score), ("level", detection.level_score)):
            if score is not None:
                scores.add_metric((*labels, after), score)
    yield from (states, expected, scores)


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=LABELS[name])
