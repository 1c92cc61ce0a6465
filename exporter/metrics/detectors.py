"""What detectors make of partitions, as metric families."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.history.detection import Detection
from exporter.pipeline.snapshot import PartitionView

LABELS = {
    "puffy_trend_state": ("partition", "metric", "method", "state"),
    "puffy_trend_expected": ("partition", "metric"),
    "puffy_trend_score": ("partition", "metric", "after"),
    "puffy_partition_event_info": ("partition", "event", "expect"),
}


def detector_families(views: Sequence[PartitionView]) -> Iterator[Metric]:
    """Yield state, expectation and scores of each trend, and the calendar's events."""
    known = [
        (view.partition.isoformat(), name, detection)
        for view in views
        for name, detection in (view.window.detections or {}).items()
    ]
    yield from _detections(known)
    events = _family("puffy_partition_event_info", "1: the calendar expects this day to differ from others.")
    for day, event in dict.fromkeys((day, detection.event) for day, _, detection in known):
        if event is not None:
            events.add_metric((day, event.name, event.expect.value), 1)
    yield events


def _detections(known: Sequence[tuple[str, str, Detection]]) -> Iterator[Metric]:
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
        labels = (day, name)
        states.add_metric((*labels, detection.method.value, detection.readiness.value), 1)
        if detection.expected is not None:
            expected.add_metric(labels, detection.expected)
        for after, score in (("nothing", detection.score), ("level", detection.level_score)):
            if score is not None:
                scores.add_metric((*labels, after), score)
    yield from (states, expected, scores)


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=LABELS[name])
