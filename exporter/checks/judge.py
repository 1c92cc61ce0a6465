"""Evaluate the checks on one partition's figures and trends."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from exporter.checks.amounts import with_amounts
from exporter.checks.check import Alert, Check, Compare, Guard, Kind, Selector, Severity, State, Value
from exporter.figures.table import BY_NAME
from exporter.history.detection import Detection
from exporter.history.trend import TrendFigures
from exporter.history.verdict import decide, normal
from exporter.metric import STAGE, Figures, Labels
from exporter.model import NANOSECONDS, Partition

MOST_SHOWN = 3  # names shown for a figure; the runbook's first command lists all


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known about one partition, for its checks."""

    partition: Partition
    figures: Figures
    trends: Mapping[str, TrendFigures]
    due_ns: int
    now_ns: int
    alertable: bool
    acknowledged: frozenset[str] = frozenset()  # names of checks
    detections: Mapping[str, Detection] = field(default_factory=dict)  # by trend


def judge(checks: Iterable[Check], subject: Subject) -> tuple[Alert, ...]:
    """Return the checks in breach, worst first, each with its most severe limit."""
    found = (_judge_one(check, subject) for check in checks)
    alerts = with_amounts((alert for alert in found if alert is not None), subject.figures)
    return tuple(sorted(alerts, key=lambda alert: (alert.severity.rank, alert.check.name)))


def _judge_one(check: Check, subject: Subject) -> Alert | None:
    breach = _anomaly(check, subject) if check.kind is Kind.ANOMALY else _threshold(check, subject)
    if breach is None:
        return None
    return Alert(
        check=check,
        partition=subject.partition,
        severity=breach.severity,
        value=breach.value,
        limit=breach.limit,
        state=_state(check, subject),
        labels=breach.labels,
        share=breach.share,
        names=() if check.shows is None else names_shown(check.shows, subject.figures),
        expected=breach.expected,
        stages=breach.stages,
    )


def names_shown(selector: Selector, figures: Figures) -> tuple[str, ...]:
    """Return the details of a figure: the named label of the largest samples, in alphabetical order."""
    (named,) = selector.named
    place = BY_NAME[selector.metric].labels.index(named)
    largest: dict[str, float] = {}
    for key, sample in select(selector, figures):
        largest[key[place]] = max(sample, largest.get(key[place], sample))
    ranked = sorted(largest, key=lambda name: (-largest[name], name))
    shown = sorted(ranked[:MOST_SHOWN])
    return tuple(f"{name} fields" for name in shown) if named == "fields" else tuple(shown)


@dataclass(frozen=True, slots=True)
class _Breach:
    severity: Severity
    value: float
    limit: float
    labels: Mapping[str, str]
    share: tuple[float, float] | None = None
    expected: float | None = None
    stages: tuple[str, ...] = ()


def _state(check: Check, subject: Subject) -> State:
    if not subject.alertable:
        return State.PAST
    return State.ACKNOWLEDGED if check.name in subject.acknowledged else State.FIRING


def _anomaly(check: Check, subject: Subject) -> _Breach | None:
    name = check.trend or ""
    trend = subject.trends.get(name)
    detection = subject.detections.get(name)
    verdict = None if trend is None else decide(trend, detection, check.band)
    if trend is None or verdict is None:
        return None
    severity = check.severities[0 if verdict.confirmed else -1]
    expected = normal(trend, detection, check.band).expected
    return _Breach(severity, trend.value, verdict.limit, {}, expected=expected)


def _threshold(check: Check, subject: Subject) -> _Breach | None:
    if check.value is None:
        return None
    values = dict(evaluate(check.value, subject))
    labels = BY_NAME[check.value.selector.metric].labels
    for severity in check.severities:
        limit = check.limits[severity]
        crossed = {key: value for key, value in values.items() if check.compare.holds(value, limit)}
        if crossed:
            key = worst(crossed, check.compare)
            free = {
                label: text
                for label, text in zip(labels, key, strict=True)
                if label in check.value.selector.free
            }
            share = _share(check.value, key, subject.figures)
            stages = _stages(labels, crossed) if "stage" in free else ()
            return _Breach(severity, crossed[key], limit, free, share, stages=stages)
    return None


def _stages(labels: Labels, crossed: Iterable[Labels]) -> tuple[str, ...]:
    """Return the stages in pipeline order."""
    found = {key[labels.index("stage")] for key in crossed}
    return tuple(stage for stage in STAGE if stage in found)


def _share(value: Value, key: Labels, figures: Figures) -> tuple[float, float] | None:
    """Return part and whole of a share or a count; a duration relative to its limit is not one."""
    counts = BY_NAME[value.selector.metric].counts
    if value.per is None and value.minus is None and counts is not None:
        return counts(figures, key)
    if value.per is None or value.selector.metric.endswith("_seconds"):
        return None
    whole = _partner(value.per, value.selector, key, figures)
    return None if whole is None else (figures[value.selector.metric][key], whole)


def evaluate(value: Value, subject: Subject) -> Iterator[tuple[Labels, float]]:
    """Yield the values that a check judges, by the label values of its samples, without unknown ones."""
    grace = value.after_due_seconds
    if grace is not None and subject.now_ns - subject.due_ns <= grace * NANOSECONDS:
        return
    for key, sample in select(value.selector, subject.figures):
        if value.when is not None and not _allows(value.when, value.selector, key, subject.figures):
            continue
        number = _combine(value, key, sample, subject.figures)
        if number is not None and math.isfinite(number):
            yield key, abs(number) if value.absolute else number


def select(selector: Selector, figures: Figures) -> Iterator[tuple[Labels, float]]:
    """Yield the samples whose labels the selector allows."""
    allowed = [selector.labels.get(label) for label in BY_NAME[selector.metric].labels]
    for key, sample in figures.get(selector.metric, {}).items():
        if all(values is None or text in values for values, text in zip(allowed, key, strict=True)):
            yield key, sample


def _combine(value: Value, key: Labels, sample: float, figures: Figures) -> float | None:
    if value.minus is not None:
        other = _partner(value.minus, value.selector, key, figures)
        return None if other is None else sample - other
    if value.per is not None:
        other = _partner(value.per, value.selector, key, figures)
        return None if not other else sample / other
    return sample


def _allows(guard: Guard, of: Selector, key: Labels, figures: Figures) -> bool:
    sample = _partner(guard.selector, of, key, figures)
    return sample is not None and guard.compare.holds(sample, guard.limit)


def _partner(selector: Selector, of: Selector, key: Labels, figures: Figures) -> float | None:
    """Return the other metric's sample whose labels equal those of ``key``, as PromQL's ``on`` would join."""
    named = dict(zip(BY_NAME[of.metric].labels, key, strict=True))
    labels = BY_NAME[selector.metric].labels
    wanted = tuple(
        selector.labels[label][0] if len(selector.labels.get(label, ())) == 1 else named[label]
        for label in labels
    )
    return figures.get(selector.metric, {}).get(wanted)


def worst(values: Mapping[Labels, float], compare: Compare) -> Labels:
    """Return the labels of the value that is furthest beyond its limit."""
    sign = 1 if compare.downwards else -1
    size = abs if compare is Compare.UNEQUAL else float
    return min(values, key=lambda key: (sign * size(values[key]), _way(key)))


def _way(key: Labels) -> tuple[tuple[int, str], ...]:
    """Sort stages in pipeline order: if raw is as bad as clean, the DQ step is not to blame."""
    return tuple((STAGE.index(text) if text in STAGE else len(STAGE), text) for text in key)
