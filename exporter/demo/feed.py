"""A generated pipeline that keeps running: each day's files arrive on schedule, and some arrive again."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exporter.demo.days import Arrivals, arrivals, write_day
from exporter.demo.incidents import Incident
from exporter.demo.names import raw_name
from exporter.demo.plan import write_task_runs
from exporter.demo.upstream import run_dq
from exporter.model import Partition

ONE_DAY = timedelta(days=1)
RERUN_TAKES = timedelta(minutes=15)  # for DQ step and load, which end before a file arrives again
RERUN_DQ = timedelta(minutes=2)

# Faults of redelivered days, in turn. Each fires a different alert, or notifies a different person.
TROUBLES = (
    Incident.DROPPED_ROWS,
    Incident.MISSING_IDS,
    Incident.NULL_ITEM_PRICES,
    Incident.SILENT_AFTERNOON,
    Incident.EMPTY,
    Incident.LOST_COLUMN,
)


def newest_arrived(now: datetime) -> Partition:
    """Return the newest day whose files, including the DQ step's, have arrived by ``now`` (aware)."""
    partition = now.astimezone(UTC).date()
    while arrivals(partition).dq > now:
        partition -= ONE_DAY
    return partition


def has_arrived(directory: Path, partition: Partition) -> bool:
    """Return whether a day's raw file exists."""
    return (directory / raw_name(partition)).exists()


def deliver(
    directory: Path,
    partition: Partition,
    incidents: Collection[Incident],
    now: datetime,
    *,
    arrival: datetime | None = None,
) -> None:
    """Write a day's files, its task runs and a new DQ report, as a pipeline does; see ``write_day``.

    Without ``arrival`` files and runs have the day's default times.
    """
    write_day(directory, partition, incidents=incidents, arrival=arrival)
    times = arrivals(partition, incidents=incidents)
    if arrival is not None:
        started = arrival - RERUN_TAKES
        times = Arrivals(started, started + RERUN_DQ)
    write_task_runs(directory, partition, times)
    run_dq(directory, now)


def rerun(number: int, usual: Collection[Incident]) -> tuple[Incident, ...]:
    """Return the fault of the newest day when it is delivered again for the ``number``-th time, from 0.

    It comes fixed and broken in turn. ``usual`` is what its pipeline always does, such as a renamed column.
    """
    kept = tuple(incident for incident in usual if incident is Incident.RENAMED_ID_COLUMN)
    return kept if number % 2 == 0 else (*kept, TROUBLES[number // 2 % len(TROUBLES)])
