"""What is in the data directory right now: one listing, nothing opened."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.discover.deliveries import Delivery, EntryReader, NumberedPart, Unmatched, choose, is_of
from exporter.discover.found import OUTSIDE, Boundary, is_stuck, take_stamp
from exporter.discover.layout import (
    DQ_FOLDER,
    DQ_SUMMARY,
    PARTIAL,
    TASK_FOLDER,
    impossible_summary,
    is_temporary,
)
from exporter.errors import reason_of
from exporter.feed import Feed, Table
from exporter.model import Partition, SourceFile, Stage, Stamp
from exporter.places.folders import Entry, Folders, folders_at
from exporter.places.readable import PlaceError
from exporter.places.url import is_remote
from exporter.plain import plain
from exporter.template import PLACE


@dataclass(frozen=True, slots=True)
class Report:
    """A file that upstream writes about its own run."""

    path: Path
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Listing:
    """Event files by partition and stage, upstream's reports newest first, and problems."""

    files: Mapping[tuple[Partition, Stage], SourceFile]
    dq_summaries: tuple[Report, ...]
    task_runs: tuple[Report, ...]
    problems: tuple[str, ...]
    unmatched: tuple[Unmatched, ...] = ()
    unlisted: frozenset[Stage] = frozenset()  # stages whose folder exists but cannot be listed
    lost: frozenset[tuple[Partition, Stage]] = frozenset()  # stages whose files count as last seen
    lost_folders: int = 0  # stages or records whose files are all gone
    markers: frozenset[Partition] = frozenset()  # days marked as complete


def list_directory(
    directory: Path,
    feed: Feed,
    *,
    marker: str | None = None,
    outside: bool = False,
    known: Iterable[SourceFile] = (),
) -> Listing:
    """List the data directory and upstream's folders once.

    ``marker`` is the strftime name of a file that marks the day as complete. Links that lead
    out of the directory are followed only if ``outside`` is set. Raises OSError if the data directory
    itself cannot be listed: an empty listing would mean "every partition is missing". A folder of a later
    stage may not exist yet. An unchanged ``known`` file is returned as the same object: what depends on
    it need not be computed again.
    """
    problems: list[str] = []
    files: dict[tuple[Partition, Stage], SourceFile] = {}
    unmatched: list[Unmatched] = []
    unlisted: set[Stage] = set()
    boundary = _boundary_of(directory, outside=outside)
    folders = folders_at(directory)
    tables = tuple(feed.tables.values())
    for table in tables:
        chosen = choose(
            _walk(directory, EntryReader(table, boundary, problems, folders), unlisted), table, tables
        )
        files |= chosen.files
        unmatched += chosen.unmatched
        problems += chosen.problems
    same = {source: source for source in known}
    files = {key: same.get(source, source) for key, source in files.items()}
    taken = {part.path for source in files.values() for part in source.files}
    unmatched = [
        found
        for found in unmatched
        if found.path not in taken
        and not (found.shown.endswith(PARTIAL) and (found.partition, found.stage) in files)
        and not (marker is not None and found.shown == format(found.partition, marker))
        and not is_of(found.shown, feed.tables[found.stage], tables)
    ]
    return Listing(
        unmatched=tuple(sorted(unmatched, key=lambda found: (found.partition, found.shown))),
        unlisted=frozenset(unlisted),
        markers=_marked(directory, marker, files, folders),
        files=files,
        dq_summaries=tuple(
            _reports(directory / DQ_FOLDER, DQ_SUMMARY.fullmatch, problems, boundary, folders)
        ),
        task_runs=tuple(_reports(directory / TASK_FOLDER, _names_task_run, problems, boundary, folders)),
        problems=tuple(problems),
    )


def find_file(
    directory: Path, partition: Partition, table: Table, tables: Sequence[Table], *, outside: bool = False
) -> SourceFile | None:
    """Find one day's file of a table, which is one of the ``tables``; see ``list_directory``."""
    boundary = _boundary_of(directory, outside=outside)
    found = _walk(directory, EntryReader(table, boundary, [], folders_at(directory), partition), set())
    return choose(found, table, tables).files.get((partition, table.stage))


def _boundary_of(directory: Path, *, outside: bool) -> Boundary:
    return Boundary(None if outside or is_remote(directory) else os.path.realpath(directory))


def _names_task_run(name: str) -> bool:
    return name.endswith(".json")


def _walk(
    directory: Path, reader: EntryReader, unlisted: set[Stage]
) -> Iterator[Delivery | NumberedPart | Unmatched]:
    """Yield possible files of a table's days, and other names with a day in the same folder."""
    unseen: list[str] = []
    table = reader.table
    depth = table.path.folder.count("/") + 1 if table.path.folder else 0
    waiting = [(depth, table.path.folder)]
    while waiting:
        level, folder = waiting.pop()
        is_last = level == len(table.path.parts) - 1
        if is_last and table.path.has_parts and not PLACE.search(table.path.parts[-1]):
            yield from reader.folder_of_parts(directory, folder)
            continue
        for entry in _entries(directory / folder, unseen, reader.folders, required=not folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if is_last:
                yield from reader.read(path, entry)
            elif table.path.patterns[level].fullmatch(entry.name):
                waiting.append((level + 1, path))
    if unseen:
        reader.problems.extend(unseen)
        unlisted.add(table.stage)


def _marked(
    directory: Path,
    marker: str | None,
    files: Mapping[tuple[Partition, Stage], SourceFile],
    folders: Folders,
) -> frozenset[Partition]:
    if marker is None:
        return frozenset()
    days = {partition for partition, _ in files}
    return frozenset(day for day in days if folders.has(directory / format(day, marker)))


def _reports(
    folder: Path,
    matches: Callable[[str], object],
    problems: list[str],
    boundary: Boundary,
    folders: Folders,
) -> Iterator[Report]:
    there = _entries(folder, problems, folders, required=False)
    named = [entry for entry in there if matches(entry.name)]
    for entry in sorted(named, key=lambda entry: entry.name, reverse=True):
        if (reason := impossible_summary(entry.name)) is not None:
            problems.append(f"{folder.name}/{plain(entry.name)}: {reason}, not used")
            continue
        try:
            status = entry.stat()
        except OSError as error:
            problems.append(f"{folder.name}/{plain(entry.name)}: {reason_of(error)}")
            continue
        if not stat.S_ISREG(status.st_mode):
            problems.append(f"{folder.name}/{plain(entry.name)}: not a regular file")
        elif boundary.is_crossed(entry):
            problems.append(f"{folder.name}/{plain(entry.name)}: {OUTSIDE}")
        else:
            yield Report(Path(entry.path), take_stamp(status))


def _entries(folder: Path, problems: list[str], folders: Folders, *, required: bool) -> list[Entry]:
    try:
        entries = folders.scan(folder)
        return [entry for entry in entries if not is_temporary(entry.name) or is_stuck(entry)]
    except PlaceError:  # one folder fails like all: half a listing is worthless
        raise
    except OSError as error:
        if required:
            raise
        if not isinstance(error, FileNotFoundError):
            problems.append(f"{folder.name}: {reason_of(error)}")
        return []
