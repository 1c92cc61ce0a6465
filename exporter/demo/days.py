"""One day of the generated pipeline, in memory and on disk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

from exporter.demo.files import write_csv
from exporter.demo.incidents import Incident, apply_incidents
from exporter.demo.names import RAW_COLUMNS, clean_path, raw_name, rejects_path
from exporter.demo.rows import DEFAULT_RECIPE, Recipe, healthy_rows, seeded
from exporter.demo.upstream import Table, sort_rows
from exporter.model import Partition

DUE = timedelta(days=1, hours=6)  # after the partition's midnight
USUAL_LEAD = (timedelta(minutes=35), timedelta(minutes=55))  # before due
LATENESS = (timedelta(hours=1), timedelta(hours=3))
DQ_LASTS = (timedelta(minutes=4), timedelta(minutes=8))


@dataclass(frozen=True, slots=True)
class DayEvents:
    """A day's raw file before it is written: column names and rows of text, in order of time."""

    partition: Partition
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When the raw file and the DQ step's two files arrive, in UTC."""

    raw: datetime
    dq: datetime


def generate_day(
    partition: Partition, recipe: Recipe = DEFAULT_RECIPE, incidents: Collection[Incident] = ()
) -> DayEvents:
    """Return a day's raw events: a pure function of recipe, partition and incidents.

    Incidents change a healthy day of the same seed and leave the rest unchanged. ``LATE`` and ``MISSING``
    concern the writing and have no effect here.
    """

    def chance(incident: str) -> Random:
        return seeded(recipe.seed, partition, incident)

    rows = apply_incidents(healthy_rows(partition, recipe), incidents, chance)
    kept = [name for name in RAW_COLUMNS if not (name == "referrer" and Incident.LOST_COLUMN in incidents)]
    renamed = {"client_id": "clientId"} if Incident.RENAMED_ID_COLUMN in incidents else {}
    places = [RAW_COLUMNS.index(name) for name in kept]
    return DayEvents(
        partition,
        tuple(renamed.get(name, name) for name in kept),
        tuple(rows)
        if len(kept) == len(RAW_COLUMNS)
        else tuple(tuple(row[at] for at in places) for row in rows),
    )


def write_day(
    directory: Path,
    partition: Partition,
    recipe: Recipe = DEFAULT_RECIPE,
    incidents: Collection[Incident] = (),
    *,
    arrival: datetime | None = None,
) -> None:
    """Write a day's raw file and the DQ step's output, each atomically under its name.

    ``arrival`` (aware) becomes the mtime of all three files; without it they arrive before 06:00 UTC of
    the next day, the DQ step's minutes after the raw one, or with ``LATE`` hours after. ``MISSING`` writes
    nothing. Raises OSError if the directory cannot be written.
    """
    if Incident.MISSING in incidents:
        return
    times = Arrivals(arrival, arrival) if arrival else arrivals(partition, recipe, incidents)
    day = generate_day(partition, recipe, incidents)
    name = raw_name(partition)
    write_csv(directory / name, day.header, day.rows, times.raw)
    result = sort_rows(Table(day.header, day.rows))
    write_csv(directory / clean_path(name), result.clean.header, result.clean.rows, times.dq)
    write_csv(directory / rejects_path(name), result.rejects.header, result.rejects.rows, times.dq)


def arrivals(
    partition: Partition, recipe: Recipe = DEFAULT_RECIPE, incidents: Collection[Incident] = ()
) -> Arrivals:
    """Return when the day's files arrive by default, to the second."""
    rng = seeded(recipe.seed, partition, "arrival")
    lead, late, dq = (_between(rng, span) for span in (USUAL_LEAD, LATENESS, DQ_LASTS))
    due = datetime.combine(partition, time(), UTC) + DUE
    raw = due + late if Incident.LATE in incidents else due - lead
    return Arrivals(raw, raw + dq)


def _between(rng: Random, span: tuple[timedelta, timedelta]) -> timedelta:
    return timedelta(seconds=round(rng.uniform(span[0].total_seconds(), span[1].total_seconds())))
