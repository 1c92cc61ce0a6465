"""Task runs against the runs before them: what is usual, what last succeeded, what never ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from exporter.discover.upstream import latest_runs
from exporter.model import NANOSECONDS, Partition, TaskRun

USUAL_RUNS = 7  # successful runs whose median is what is usual
LEAST_RUNS = 4

Run = tuple[Partition, TaskRun]


def place_runs(
    runs: Sequence[Run], *, now_ns: int, unended_after: float
) -> Mapping[Partition, Mapping[str, TaskRun]]:
    """Return the latest run by partition and task, held against the task's earlier ones.

    A run without an end that began more than ``unended_after`` seconds before ``now_ns`` never ended.
    """
    succeeded = _successes(runs)
    return {
        partition: {
            task: replace(
                run,
                usual_seconds=_usual(run, succeeded.get(task, ())),
                succeeded_at=max(
                    (
                        other.ended_at
                        for day, other in succeeded.get(task, ())
                        if day == partition and other.ended_at is not None
                    ),
                    default=None,
                ),
                unended=_is_unended(run, now_ns, unended_after),
            )
            for task, run in tasks.items()
        }
        for partition, tasks in latest_runs(runs).items()
    }


def _successes(runs: Iterable[Run]) -> Mapping[str, Sequence[Run]]:
    by_task: dict[str, list[Run]] = {}
    for partition, run in sorted(runs, key=lambda known: known[1].started_at):
        if run.exit_code == 0 and run.ended_at is not None:
            by_task.setdefault(run.task, []).append((partition, run))
    return by_task


def _usual(run: TaskRun, succeeded: Sequence[Run]) -> float | None:
    earlier = [known.seconds for _, known in succeeded if known.started_at < run.started_at][-USUAL_RUNS:]
    lengths = [seconds for seconds in earlier if seconds is not None]
    return median(lengths) if len(lengths) >= LEAST_RUNS else None


def _is_unended(run: TaskRun, now_ns: int, unended_after: float) -> bool:
    silent = run.ended_at is None and run.exit_code is None
    return silent and now_ns / NANOSECONDS - run.started_at.timestamp() > unended_after
