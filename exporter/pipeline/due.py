"""Between verdicts and incidents: the input from each due day."""

from exporter.incidents.fold import Day
from exporter.pipeline.snapshot import PartitionView, Snapshot


def due_days(snapshot: Snapshot) -> list[Day]:
    """Return the window's days that are due or may alert, oldest first."""
    as_of_ns = snapshot.as_of_ns
    return [
        _day(view, due=view.facts.due_ns <= as_of_ns)
        for view in snapshot.window
        if view.facts.due_ns <= as_of_ns or view.facts.alertable
    ]


def _day(view: PartitionView, *, due: bool) -> Day:
    names = {problem.name for problem in view.problems}
    return Day(
        partition=view.partition,
        due_ns=view.facts.due_ns,
        problems=view.problems,
        words=view.words,
        # A day that has not ended, or is unreadable, does not count as good.
        seen=due and view.facts.is_readable and not view.facts.unsettled,
        settled=not view.facts.unsettled,
        covered=frozenset(
            alert.check.name
            for problem in view.problems
            for alert in problem.alerts
            if alert.check.name not in names
        ),
    )
