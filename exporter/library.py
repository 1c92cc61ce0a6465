"""For Python programs: read a contract, profile a file."""

import os
import warnings
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.contract import load
from exporter.discover.calendar import Calendar
from exporter.discover.found import Boundary, take_stamp
from exporter.discover.parts import look_into, together
from exporter.feed import Feed, Table
from exporter.model import Profile, SourceFile, Stage
from exporter.profiling.run import profile_file

__all__ = ["load_feed", "profile"]


def load_feed(path: str | os.PathLike[str]) -> Feed:
    """Read a feed from its contract.

    Raises InvalidFileError, a UserError whose ``lines`` list every mistake. Valid parts of the contract that
    this tool does not support are a UserWarning.
    """
    loaded = load.load_feed(Path(path))
    for line in loaded.warnings:
        warnings.warn(line, stacklevel=2)
    return loaded.feed


def profile(
    path: str | os.PathLike[str],
    feed: Feed,
    *,
    stage: str = "raw",
    day: date | None = None,
    threads: int = 2,
) -> Profile:
    """Read a file of a feed once, or a folder of its parts, and return its figures.

    The day is taken from the path, as in the contract, unless it is given: timestamps outside it are
    counted. Raises ValueError if the feed has no such stage or no day is known, OSError where the file
    cannot be read or is not CSV of this feed.
    """
    table = _table(feed, stage)
    partition = day or _day(Path(path), table)
    return profile_file(
        _source(Path(path), partition, table),
        Calendar(ZoneInfo(feed.service.zone)).day(partition),
        table=table,
        threads=threads,
    )


def _source(path: Path, partition: date, table: Table) -> SourceFile:
    if path.is_dir():
        held = look_into(path, table, Boundary(None))
        if held.parts:
            return together(partition, table, path, held.parts, held)
    return SourceFile(partition, table.stage, path, take_stamp(path.stat()))


def _table(feed: Feed, stage: str) -> Table:
    if stage not in feed.stages:
        known = ", ".join(feed.stages)
        raise ValueError(f"stage {stage!r}: the feed {feed.id} has {known}")
    return feed.read_as(Stage(stage))


def _day(path: Path, table: Table) -> date:
    named = "/".join(path.absolute().parts[-len(table.path.parts) :])
    try:
        found = table.path.date_of(named)
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{path}: does not match {table.path.spelled}, so its day must be given: day=")
    return found
