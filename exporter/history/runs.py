"""Task runs compared with earlier runs: usual duration, last success, missing ends."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median

from exporter.discover.upstream import latest_runs
from exporter.model import NANOSECONDS, Partition, TaskRun

USUAL_RUNS = 7  # successful runs whose median is the usual duration
LEAST_RUNS = 4

Run = tuple[Partition, TaskRun]


@dataclass(slots=True)
class _Past:
    """The successful runs of one task, oldest first."""

    starts: list[datetime] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    ended_at: dict[Partition, datetime] = field(default_factory=dict)  # the newest end by partition

    def add(self, partition: Partition, run: TaskRun) -> None:
        """Add a run that began after all others."""
        if run.seconds is None or run.ended_at is None:
            return
        self.starts.append(run.started_at)
        self.seconds.append(run.seconds)
        self.ended_at[partition] = max(run.ended_at, self.ended_at.get(partition, run.ended_at))

    def usual(self, before: datetime) -> float | None:
        """Return the median of the last runs that began before an instant."""
        end = bisect_left(self.starts, before)
        lengths = self.seconds[max(0, end - USUAL_RUNS) : end]
        return median(lengths) if len(lengths) >= LEAST_RUNS else None


def place_runs(
    runs: Sequence[Run], *, now_ns: int, unended_after: float
) -> Mapping[Partition, Mapping[str, TaskRun]]:
    """Return the latest run by partition and task, compared with the task's earlier ones.

    A run without an end that began over ``unended_after`` seconds before ``now_ns`` counts as never ended.
    """
    past: defaultdict[str, _Past] = defaultdict(_Past)
    for partition, run in sorted(runs, key=lambda known: known[1].started_at):
        if run.exit_code == 0:
            past[run.task].add(partition, run)
    return {
        partition: {
            task: replace(
                run,
                usual_seconds=past[task].usual(run.started_at),
                succeeded_at=past[task].ended_at.get(partition),
                unended=_is_unended(run, now_ns, unended_after),
            )
            for task, run in tasks.items()
        }
        for partition, tasks in latest_runs(runs).items()
    }


def _is_unended(run: TaskRun, now_ns: int, unended_after: float) -> bool:
    silent = run.ended_at is None and run.exit_code is None
    return silent and now_ns / NANOSECONDS - run.started_at.timestamp() > unended_after
