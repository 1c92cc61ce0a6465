"""Between verdicts and incidents: the input from each due day."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from exporter.causes.problem import Problem
from exporter.checks.check import Severity, State
from exporter.incidents.fold import Day
from exporter.model import ONE_DAY, PartitionFacts
from exporter.pipeline.levels import accepted_levels
from exporter.pipeline.snapshot import PartitionView, Snapshot


def due_days(snapshot: Snapshot, period: timedelta = ONE_DAY) -> list[Day]:
    """Return the window's days that are due or may alert, oldest first; the feed has one each ``period``."""
    as_of_ns = snapshot.as_of_ns
    accepted = accepted_levels(snapshot, period)
    return [
        replace(_day(view, as_of_ns), accepts=accepted.get(view.partition, frozenset()))
        for view in snapshot.window
        if view.facts.due_ns <= as_of_ns or view.facts.alertable
    ]


def _day(view: PartitionView, as_of_ns: int) -> Day:
    due = view.facts.due_ns <= as_of_ns
    names = {problem.name for problem in view.problems}
    return Day(
        partition=view.partition,
        due_ns=view.facts.due_ns,
        problems=view.problems,
        words=view.words,
        # A day that has not ended, or is unreadable, does not count as good.
        seen=due and view.facts.is_readable and not view.facts.unsettled,
        settled=not view.facts.unsettled,
        doubtful=view.facts.held or any(map(_waits, view.problems)),
        came_ns=_newest(as_of_ns, _arrivals(view.facts)),
        replaced_ns=_newest(as_of_ns, (change.at_ns for change in view.facts.replaced)),
        covered=frozenset(
            alert.check.name
            for problem in view.problems
            for alert in problem.alerts
            if alert.check.name not in names
        ),
    )


def _waits(problem: Problem) -> bool:
    """Return whether it is critical, and nobody has acknowledged it."""
    return problem.severity is Severity.CRITICAL and problem.state is not State.ACKNOWLEDGED


def _arrivals(facts: PartitionFacts) -> Iterator[int]:
    yield from (known.arrival_ns for known in facts.stages.values() if known.arrival_ns is not None)


def _newest(as_of_ns: int, times: Iterable[int]) -> int:
    """Return the newest time, 0 without any; as of an earlier instant nothing came later."""
    return max((time for time in times if time <= as_of_ns), default=0)
