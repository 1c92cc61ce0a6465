"""A whole pipeline on disk: weeks of days with some incidents, DQ reports and task runs."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from exporter.demo.days import Arrivals, arrivals, write_day
from exporter.demo.files import write_file
from exporter.demo.incidents import Incident
from exporter.demo.names import task_run_path
from exporter.demo.rows import DEFAULT_RECIPE, Recipe, seeded
from exporter.demo.upstream import run_dq
from exporter.model import Partition

Plan = Mapping[Partition, tuple[Incident, ...]]

ONE_DAY = timedelta(days=1)
DQ_REPORT_AFTER = timedelta(minutes=15)
LOAD_STARTS = timedelta(seconds=40)  # after the DQ step ended
LOAD_LASTS = (420, 720)  # seconds

# Days before the newest. No incident that distorts a trend is in the baselines of the three newest days.
INCIDENTS: Mapping[int, Incident] = {
    0: Incident.ZERO_VALUE_ORDERS,
    1: Incident.LOST_COLUMN,
    4: Incident.DUPLICATE_ORDERS,
    12: Incident.SILENT_AFTERNOON,
    14: Incident.MISSING_IDS,
    15: Incident.MISSING_IDS,
    18: Incident.LATE,
    21: Incident.DROPPED_ROWS,
    24: Incident.NULL_ITEM_PRICES,
    27: Incident.MISSING,
    30: Incident.EMPTY,
}
RENAMED_SINCE = 9  # a release renamed the id column for good


def demo_plan(last: Partition, days: int = 35) -> dict[Partition, tuple[Incident, ...]]:
    """Return the incident, mostly none, of each of the ``days`` days up to ``last``, oldest first.

    Of the three newest days, the last has orders of no value (a warning), the one before lacks a column
    (critical, blocking), the third is clean. Duplicate orders came 4 days before the last, a silent afternoon
    12, missing client ids 14 and 15, a late day 18, a third of the rows lost 21, orders without prices 24, no
    files at all 27, no rows 30. The id column has its new name in the newest 10 days.
    """
    return {last - ONE_DAY * back: _incidents(back) for back in reversed(range(days))}


def write_pipeline(
    directory: Path,
    last: Partition,
    days: int = 35,
    recipe: Recipe = DEFAULT_RECIPE,
    plan: Plan | None = None,
) -> None:
    """Write ``days`` days up to ``last``, the DQ reports of the morning after, and each day's task runs.

    The tasks are ``dq`` and ``load``, all successful. ``plan`` names incidents by day (default:
    ``demo_plan``). Raises OSError if the directory cannot be written.
    """
    planned = demo_plan(last, days) if plan is None else plan
    newest: datetime | None = None
    for back in reversed(range(days)):
        partition = last - ONE_DAY * back
        incidents = planned.get(partition, ())
        if Incident.MISSING in incidents:
            continue
        write_day(directory, partition, recipe, incidents)
        times = arrivals(partition, recipe, incidents)
        write_task_runs(directory, partition, times, recipe)
        newest = max(newest or times.dq, times.dq)
    if newest is not None:
        run_dq(directory, newest + DQ_REPORT_AFTER)


def write_task_runs(
    directory: Path, partition: Partition, times: Arrivals, recipe: Recipe = DEFAULT_RECIPE
) -> None:
    """Write the records of a successful ``dq`` and ``load`` of one partition."""
    loading = times.dq + LOAD_STARTS
    seconds = seeded(recipe.seed, partition, "load").randint(*LOAD_LASTS)
    runs = {"dq": (times.raw, times.dq), "load": (loading, loading + timedelta(seconds=seconds))}
    for task, (started, ended) in runs.items():
        record = {
            "task": task,
            "partition": str(partition),
            "started_at": f"{started:%Y-%m-%dT%H:%M:%SZ}",
            "ended_at": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
            "exit_code": 0,
        }
        write_file(directory / task_run_path(task, partition), f"{json.dumps(record)}\n", ended)


def _incidents(back: int) -> tuple[Incident, ...]:
    renamed: Collection[Incident] = (Incident.RENAMED_ID_COLUMN,) if back <= RENAMED_SINCE else ()
    happened: Collection[Incident] = (INCIDENTS[back],) if back in INCIDENTS else ()
    return (*renamed, *happened)
