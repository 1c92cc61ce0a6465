"""Which days of a new level are over, because later days are compared with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from exporter.causes.problem import Problem
from exporter.checks.check import Alert
from exporter.incidents.fold import Key
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView, Snapshot

LEVEL_SHIFT = "level_shift"
NEAR = 3  # days by which a changepoint may be off

Place = tuple[Key, Partition]  # a problem and its day


@dataclass(frozen=True, slots=True)
class _Shift:
    """A day with a new level: its problem, those of the days before, and the checks that follow from it."""

    partition: Partition
    since: Partition
    places: tuple[Place, ...]
    checks: frozenset[str]

    def began(self, accepted: Partition, period: timedelta) -> bool:
        """Return whether it is the level accepted since a day: not an older one, nor one that came later."""
        return self.since - period * NEAR <= accepted <= self.partition + period * NEAR


def accepted_levels(snapshot: Snapshot, period: timedelta) -> Mapping[Partition, frozenset[Place]]:
    """Return by day the problems of earlier days with the level that it is compared with."""
    shifts = tuple(_shifts(snapshot))
    if not shifts:
        return {}
    trends = {check.name: check.trend for check in snapshot.checks if check.trend is not None}
    begun = {view.partition: dict(_begun(view, trends, period)) for view in snapshot.window}
    return {
        day: frozenset(
            place
            for shift in shifts
            if shift.partition < day
            and any(shift.began(own[name], period) for name in shift.checks & own.keys())
            for place in shift.places
        )
        for day, own in begun.items()
    }


def _begun(
    view: PartitionView, trends: Mapping[str, str], period: timedelta
) -> Iterator[tuple[str, Partition]]:
    """Yield by check when the level began that the day is compared with, if a new one was accepted."""
    for name, trend in trends.items():
        detection = (view.window.detections or {}).get(trend)
        if detection is not None and detection.new_level_days is not None:
            yield name, view.partition - period * round(detection.new_level_days)


def _shifts(snapshot: Snapshot) -> Iterator[_Shift]:
    for view in snapshot.window:
        for problem in view.problems:
            if problem.name == LEVEL_SHIFT and problem.finding is not None:
                since = date.fromisoformat(str(problem.finding.evidence["since"]))
                earlier = (
                    (one.key, before.partition)
                    for before in snapshot.window
                    if since <= before.partition < view.partition
                    for one in before.problems
                    if _is_of(one, problem)
                )
                checks = frozenset(alert.check.name for alert in problem.alerts)
                yield _Shift(view.partition, since, ((problem.key, view.partition), *earlier), checks)


def _is_of(earlier: Problem, shift: Problem) -> bool:
    """Return whether an anomaly before the third day, when a level is known to be new, is part of it."""
    sides = {alert.check.name: _rises(alert) for alert in shift.alerts}
    return earlier.cause is None and any(
        alert.check.name == earlier.name and sides.get(earlier.name) is _rises(alert)
        for alert in earlier.alerts[:1]
    )


def _rises(alert: Alert) -> bool | None:
    return None if alert.deviation is None else alert.deviation.rises
