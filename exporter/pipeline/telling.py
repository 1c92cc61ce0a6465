"""Between verdicts and incidents: what each day that was due has to say."""

from exporter.incidents.fold import Day
from exporter.model import Stage
from exporter.pipeline.snapshot import PartitionView, Snapshot


def due_days(snapshot: Snapshot) -> list[Day]:
    """Return the window's days that are due, oldest first."""
    return [_day(view) for view in snapshot.window if view.facts.due_ns <= snapshot.as_of_ns]


def _day(view: PartitionView) -> Day:
    raw = view.facts.stages.get(Stage.RAW)
    return Day(
        partition=view.partition,
        due_ns=view.facts.due_ns,
        problems=view.problems,
        words=view.words,
        seen=raw is not None and raw.profile is not None and not view.facts.unsettled,
        covered=frozenset(alert.check.name for problem in view.problems for alert in problem.alerts)
        - {problem.name for problem in view.problems},
    )
