"""Trends and their verdicts, as metric families."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.history.detection import Detection
from exporter.history.trend import LEAST_MEMBERS, Trend, TrendFigures
from exporter.history.verdict import Normal, normal
from exporter.pipeline.snapshot import Snapshot

FIGURES = {
    "puffy_trend_avg7d": ("avg7d", "Mean of the day and the six before it, if enough of them exist."),
    "puffy_trend_baseline_members": ("baseline_count", "Days in the baseline, of the seven before."),
    "puffy_trend_baseline_avg": ("baseline_avg", f"Mean of the baseline, of at least {LEAST_MEMBERS} days."),
    "puffy_trend_baseline_stddev": (
        "baseline_stddev",
        f"Sample standard deviation of the baseline, of at least {LEAST_MEMBERS} days.",
    ),
    "puffy_trend_chance": (
        "chance",
        "Standard error of the difference from the mean of the baseline that follows from counting.",
    ),
    "puffy_trend_deviation_ratio": (
        "deviation_ratio",
        "Deviation from the mean of the baseline, as a share of it.",
    ),
    "puffy_trend_zscore": (
        "zscore",
        "Deviation from the mean of the baseline, in standard deviations.",
    ),
    "puffy_trend_day_over_day_ratio": (
        "day_over_day_ratio",
        "Change from the day before, as a share of it.",
    ),
    "puffy_trend_week_over_week_ratio": (
        "week_over_week_ratio",
        "Change from the same weekday a week before, as a share of it.",
    ),
}
"""Of ``TrendFigures``: field and help. Rules compute all but ``chance`` again for the days that may alert."""

LABELS = {
    "puffy_trend_value": ("feed", "partition", "metric"),
    **dict.fromkeys(FIGURES, ("feed", "partition", "metric")),
    "puffy_trend_state": ("feed", "partition", "metric", "method", "state"),
    "puffy_trend_expected": ("feed", "partition", "metric"),
    "puffy_trend_lower": ("feed", "partition", "metric"),
    "puffy_trend_upper": ("feed", "partition", "metric"),
    "puffy_trend_score": ("feed", "partition", "metric", "after"),
    "puffy_partition_event_info": ("feed", "partition", "event", "expect"),
}


def trend_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield value, figures, state, interval and scores of each trend, and the calendar's events."""
    known = list(_judged(snapshot))
    yield _values(snapshot)
    yield from _figures(snapshot.feed, known)
    yield from _detections(snapshot.feed, known)
    yield from _intervals(snapshot.feed, known)
    events = _family("puffy_partition_event_info", "1: a calendar event makes this day differ from others.")
    for day, event in dict.fromkeys((day, detection.event) for day, _, _, detection, _ in known):
        if event is not None:
            events.add_metric((snapshot.feed, day, event.name, event.expect.value), 1)
    yield events


Judged = tuple[str, Trend, TrendFigures, Detection, Normal]  # of one day


def _judged(snapshot: Snapshot) -> Iterator[Judged]:
    bands = {check.trend: check.band for check in snapshot.checks if check.trend}
    for view in snapshot.views:
        for trend in snapshot.trends:
            figures = (view.window.trends or {}).get(trend.name)
            detection = (view.window.detections or {}).get(trend.name)
            if figures is not None and detection is not None:
                usual = normal(figures, detection, bands.get(trend.name, trend.band))
                yield view.partition.isoformat(), trend, figures, detection, usual


def _values(snapshot: Snapshot) -> Metric:
    """Return each trend of each partition: rules need not know its metric."""
    values = _family("puffy_trend_value", "The trend's value: rules compute averages and scores from these.")
    for view in snapshot.views:
        for trend in snapshot.trends:
            value = trend.value_in(view.figures)
            if value is not None:
                values.add_metric((snapshot.feed, view.partition.isoformat(), trend.name), value)
    return values


def _figures(feed: str, known: list[Judged]) -> Iterator[Metric]:
    """Yield each value compared with the days before, for judged days only."""
    for name, (field, text) in FIGURES.items():
        family = _family(name, text)
        for day, trend, figures, _, _ in known:
            value = getattr(figures, field)
            if value is not None:
                family.add_metric((feed, day, trend.name), value)
        yield family


def _detections(feed: str, known: list[Judged]) -> Iterator[Metric]:
    states = _family(
        "puffy_trend_state",
        "1: how the trend is judged: by its method if armed, by the 7-day rule if learning or held.",
    )
    scores = _family(
        "puffy_trend_score",
        "Deviation from the expected value in spreads; after=level: without the level of the last six days.",
    )
    for day, trend, _, detection, _ in known:
        labels = (feed, day, trend.name)
        states.add_metric((*labels, detection.method.value, detection.readiness.value), 1)
        for after, score in (("nothing", detection.score), ("level", detection.level_score)):
            if score is not None:
                scores.add_metric((*labels, after), score)
    yield from (states, scores)


def _intervals(feed: str, known: list[Judged]) -> Iterator[Metric]:
    """Yield the expected value and its interval, by the method that judges the day."""
    families = {
        "expected": _family("puffy_trend_expected", "Expected value of the day, in the trend's unit."),
        "low": _family("puffy_trend_lower", "Lowest normal value; below is an anomaly."),
        "high": _family("puffy_trend_upper", "Highest normal value; above is an anomaly."),
    }
    for day, trend, _, _, usual in known:
        for name, family in families.items():
            value = getattr(usual, name)
            if value is not None and abs(value) < float("inf"):
                family.add_metric((feed, day, trend.name), value)
    yield from families.values()


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=LABELS[name])
