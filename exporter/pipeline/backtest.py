"""History replayed: each day judged as if it were today, with what was known then.

Known then means arrived by then: a late day is judged when it arrived, and is missing from the
baselines of the days before that. For a file that was replaced later only the newest content is left, and
that is judged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from exporter.checks.check import Alert, Kind
from exporter.discover.calendar import LEAD_IN_DAYS
from exporter.history.detection import Readiness
from exporter.history.detectors.known import LONGEST_LAG
from exporter.history.verdict import by_detector
from exporter.history.window import Day
from exporter.model import NANOSECONDS, Partition, PartitionFacts
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.exclusion import exclusion
from exporter.pipeline.inject import STRIKES, Fault, inject
from exporter.pipeline.snapshot import PartitionView


@dataclass(frozen=True, slots=True)
class Replayed:
    """One day as it was judged, and as it would have been with a fault, if it can have one."""

    as_of_ns: int
    view: PartitionView
    injected: PartitionView | None = None

    @property
    def anomalies(self) -> dict[str, Alert]:
        """The trends judged anomalous."""
        return anomalies(self.view)

    @property
    def caught(self) -> dict[str, Alert]:
        """The trends that are anomalous only because of the fault."""
        found = {} if self.injected is None else anomalies(self.injected)
        return {trend: alert for trend, alert in found.items() if trend not in self.anomalies}


class Past(NamedTuple):
    """The days before a replayed one: those in the window, and what is stored of older ones."""

    days: Sequence[PartitionFacts]
    long_gone: Mapping[Partition, Day]


def anomalies(view: PartitionView) -> dict[str, Alert]:
    """Return a day's anomalies by trend."""
    return {alert.check.trend or "": alert for alert in view.alerts if alert.check.kind is Kind.ANOMALY}


def replay(days: Sequence[PartitionFacts], rules: Rules, fault: Fault | None = None) -> Iterator[Replayed]:
    """Judge ``days`` (oldest first) one by one; with ``fault`` the healthy ones twice."""
    plain, faulty = Assembler(rules), Assembler(rules)
    long_gone: dict[Partition, Day] = {}
    period = rules.figures.feed.service.period
    graces = (check.value.after_due_seconds or 0.0 for check in rules.checks if check.value)
    grace_ns = round(max(graces, default=0.0) * NANOSECONDS) + 1
    for place, facts in enumerate(days):
        today = replace(facts, alertable=True)
        arrivals = (known.arrival_ns or 0 for known in facts.stages.values())
        instant = max([facts.due_ns + grace_ns, *arrivals])
        oldest, first = (facts.partition - period * lag for lag in (LONGEST_LAG, LEAD_IN_DAYS))
        for day in days[:place]:
            if oldest <= day.partition < first and day.partition not in long_gone and day.is_readable:
                long_gone[day.partition] = plain.day_of(day)
        gone = {day: known for day, known in long_gone.items() if oldest <= day}
        past = Past([known_at(day, instant) for day in days[:place] if day.partition >= first], gone)
        view = _judge(plain, past, today, instant)
        sound = fault is not None and facts.is_readable and exclusion(facts, rules.figures.feed) is None
        injected = _judge(faulty, past, inject(today, fault), instant) if sound and fault else None
        yield Replayed(instant, view, injected)


def known_at(facts: PartitionFacts, instant_ns: int) -> PartitionFacts:
    """Return the part of a partition that had arrived by then."""
    there = {stage: known for stage, known in facts.stages.items() if (known.arrival_ns or 0) <= instant_ns}
    return replace(facts, stages=there)


def _judge(assembler: Assembler, past: Past, today: PartitionFacts, instant_ns: int) -> PartitionView:
    snapshot = assembler.assemble(
        past.days, [today], as_of_ns=instant_ns, generated_ns=instant_ns, past=past.long_gone
    )
    return snapshot.views[-1]


@dataclass(frozen=True, slots=True)
class Score:
    """The results of one trend. Days are counted; ``armed`` are those judged by its detector.

    ``anomalous`` were judged so without a fault, ``injected`` were healthy and got the fault, ``caught`` were
    anomalous only with it; none if the fault does not affect the trend. Precision assumes that healthy and
    faulty days are equally frequent, and that nothing was wrong with the days that were anomalous anyway.
    """

    trend: str
    judged: int
    armed: int
    anomalous: int
    injected: int
    caught: int

    @property
    def recall(self) -> float | None:
        """Share of injected faults that were detected."""
        return self.caught / self.injected if self.injected else None

    @property
    def precision(self) -> float | None:
        """Share of alerts that would be due to a fault."""
        alarms = self.caught + self.anomalous
        return self.caught / alarms if self.injected and alarms else None


def score(replayed: Iterable[Replayed], rules: Rules, fault: Fault | None = None) -> list[Score]:
    """Return each trend's score; days without a baseline are not counted."""
    days = list(replayed)
    scores = []
    for trend in rules.trends:
        judged = [day for day in days if _has_baseline(day.view, trend.name)]
        armed = [
            day for day in judged if by_detector((day.view.window.detections or {})[trend.name], trend.band)
        ]
        off = [day for day in judged if trend.name in day.anomalies]
        struck = fault is not None and trend.metric in STRIKES[fault.kind]
        tried = [day for day in judged if struck and day.injected and trend.name not in day.anomalies]
        caught = [day for day in tried if trend.name in day.caught]
        scores.append(Score(trend.name, len(judged), len(armed), len(off), len(tried), len(caught)))
    return scores


def _has_baseline(view: PartitionView, trend: str) -> bool:
    figures = (view.window.trends or {}).get(trend)
    detection = (view.window.detections or {}).get(trend)
    if figures is None or detection is None or detection.readiness is Readiness.EMPTY:
        return False
    return figures.baseline_avg is not None or detection.readiness is Readiness.ARMED
