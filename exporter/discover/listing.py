"""What lies in the data directory at this moment: one look, nothing opened."""

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from exporter.discover.layout import (
    DQ_FOLDER,
    DQ_SUMMARY,
    PARTIAL,
    TASK_FOLDER,
    date_within,
    impossible_summary,
    is_sidecar,
    is_temporary,
)
from exporter.feed import Feed, Table
from exporter.model import Partition, SourceFile, Stage, Stamp
from exporter.plain import plain
from exporter.template import PLACE

STUCK_SECONDS = 3600
OUTSIDE = "a link that leads out of the data directory (data.follow_links_outside)"


@dataclass(frozen=True, slots=True)
class Report:
    """A file that upstream writes about its own run."""

    path: Path
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name that speaks of a day and that no stage's pattern matches. ``shown`` is safe to show."""

    partition: Partition
    stage: Stage  # whose folder it lies in
    shown: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Compressed:
    """A file that counts where there is no plain one; ``otherwise`` is what it is beside a plain one."""

    source: SourceFile
    otherwise: Unmatched | None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look goes by, and the lines about what is odd that it gathers."""

    root: str | None  # links that lead out of it are refused; None: they are followed
    known: Mapping[str, SourceFile]  # by path
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """Event files by partition and stage, upstream's reports newest first, and what was odd."""

    files: Mapping[tuple[Partition, Stage], SourceFile]
    dq_summaries: tuple[Report, ...]
    task_runs: tuple[Report, ...]
    problems: tuple[str, ...]
    unmatched: tuple[Unmatched, ...] = ()
    unlisted: frozenset[Stage] = frozenset()  # stages whose folder is there and cannot be listed
    lost: frozenset[tuple[Partition, Stage]] = frozenset()  # files that count as last seen
    lost_folders: int = 0  # whose files or records are all gone
    markers: frozenset[Partition] = frozenset()  # days whose marker says that they are complete


def list_directory(
    directory: Path,
    feed: Feed,
    *,
    marker: str | None = None,
    outside: bool = False,
    known: Iterable[SourceFile] = (),
) -> Listing:
    """Look once at the data directory and the folders that upstream fills.

    ``marker`` is the name of a file, a format of the day, that says that the day is complete. Links that lead
    out of the directory are followed only where ``outside`` says so. ``known`` are files that an earlier look
    for the same feed found: one that is as it was is the same object again. Raises OSError where the data
    directory itself cannot be listed: an empty answer would read as "every partition is missing". A folder of
    a later stage may well not be there yet.
    """
    problems: list[str] = []
    files: dict[tuple[Partition, Stage], SourceFile] = {}
    unmatched: list[Unmatched] = []
    unlisted: set[Stage] = set()
    look = _Look(
        None if outside else os.path.realpath(directory),
        {str(source.path): source for source in known},
        problems,
    )
    for stage, table in feed.tables.items():
        compressed: list[_Compressed] = []
        for found in _table_files(directory, table, look, unlisted):
            if isinstance(found, _Compressed):
                compressed.append(found)
            elif isinstance(found, Unmatched):
                unmatched.append(found)
            else:
                files[found.partition, stage] = found
        unmatched += _take_compressed(compressed, files, feed)
    taken = {source.path for source in files.values()}
    unmatched = [
        found
        for found in unmatched
        if found.path not in taken
        and not (found.shown.endswith(PARTIAL) and (found.partition, found.stage) in files)
        and not (marker is not None and found.shown == format(found.partition, marker))
        and not _is_of_another(found.shown, found.stage, feed)
    ]
    return Listing(
        unmatched=tuple(sorted(unmatched, key=lambda found: (found.partition, found.shown))),
        unlisted=frozenset(unlisted),
        markers=_marked(directory, marker, files),
        files=files,
        dq_summaries=tuple(_reports(directory / DQ_FOLDER, DQ_SUMMARY.fullmatch, look)),
        task_runs=tuple(_reports(directory / TASK_FOLDER, _names_task_run, look)),
        problems=tuple(problems),
    )


def take_stamp(status: os.stat_result) -> Stamp:
    """Keep the part of a ``stat`` that changes when content does."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _names_task_run(name: str) -> bool:
    return name.endswith(".json")


def _take_compressed(
    compressed: list[_Compressed], files: dict[tuple[Partition, Stage], SourceFile], feed: Feed
) -> Iterator[Unmatched]:
    """Take compressed files for the days of a table that have no plain one; yield the others."""
    for found in compressed:
        source = found.source
        key = source.partition, source.stage
        if key not in files and not _is_of_another(source.path.name, source.stage, feed):
            files[key] = source
        elif found.otherwise is not None:
            yield found.otherwise


def _table_files(
    directory: Path, table: Table, look: _Look, unlisted: set[Stage]
) -> Iterator[SourceFile | Unmatched | _Compressed]:
    """Yield a table's files, and the names in their folder that speak of a day and are none of them."""
    unseen: list[str] = []
    depth = table.path.folder.count("/") + 1 if table.path.folder else 0
    waiting = [(depth, table.path.folder)]
    while waiting:
        level, folder = waiting.pop()
        is_last = level == len(table.path.parts) - 1
        for entry in _entries(directory / folder, unseen, required=not folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not table.path.patterns[level].fullmatch(entry.name):
                if is_last:
                    yield from _others(table, path, entry, look)
            elif not is_last:
                waiting.append((level + 1, path))
            else:
                yield from _matched(table, path, entry, look)
    if unseen:
        look.problems.extend(unseen)
        unlisted.add(table.stage)


def _others(
    table: Table, path: str, entry: os.DirEntry[str], look: _Look
) -> Iterator[Unmatched | _Compressed]:
    """Yield a file whose name is not that of a day's plain file, where it speaks of a day all the same."""
    prefix = PLACE.split(table.path.parts[-1])[0]
    day = None if is_sidecar(entry.name) else date_within(entry.name, prefix)
    other = None if day is None else Unmatched(day, table.stage, plain(entry.name), Path(entry.path))
    is_compressed = table.path.patterns[-1].fullmatch(table.path.plain(entry.name)) is not None
    sources = list(_matched(table, path, entry, look)) if is_compressed else []
    yield from (_Compressed(source, other) for source in sources)
    if other is not None and not sources:
        yield other


def _matched(table: Table, path: str, entry: os.DirEntry[str], look: _Look) -> Iterator[SourceFile]:
    known = look.known.get(entry.path)
    if known is not None and known.stage is table.stage and _is_as_it_was(known, entry):
        yield known
        return
    try:
        partition = table.path.date_of(path)
    except ValueError:
        look.problems.append(f"{plain(path)}: the name holds no possible date, file left out")
        return
    source = None if partition is None else _source(partition, table.stage, entry)
    if source is not None:
        yield _within(source, look.root) if entry.is_symlink() else source


def _is_as_it_was(known: SourceFile, entry: os.DirEntry[str]) -> bool:
    """Tell whether a file is the one that was found before; of a link it is looked up anew where it leads."""
    if known.fault is not None or entry.is_symlink():
        return False
    try:
        return take_stamp(entry.stat()) == known.stamp
    except OSError:
        return False


def _is_of_another(name: str, stage: Stage, feed: Feed) -> bool:
    """Tell whether a name is that of another table's file, which may lie in the same folder."""
    return any(
        table.path.patterns[-1].fullmatch(name)
        for table in feed.tables.values()
        if table.path.folder == feed.tables[stage].path.folder
    )


def _source(partition: Partition, stage: Stage, entry: os.DirEntry[str]) -> SourceFile | None:
    path = Path(entry.path)
    try:
        status, fault = entry.stat(), None
    except OSError as error:  # a broken link or a loop of links: the name is there, the content is not
        fault = (error.strerror or str(error)).lower()
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted between the listing and this look
            return None
    else:
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            fault = "not a regular file"
    return SourceFile(partition, stage, path, take_stamp(status), fault)


def _within(source: SourceFile, root: str | None) -> SourceFile:
    """Refuse a link that leads out of the data directory: it could show any file of the machine."""
    if source.fault is not None or not _leads_outside(source.path, root):
        return source
    return replace(source, fault=OUTSIDE)


def _leads_outside(path: Path, root: str | None) -> bool:
    if root is None or not path.is_symlink():
        return False
    return os.path.commonpath([root, os.path.realpath(path)]) != root


def _marked(
    directory: Path, marker: str | None, files: Mapping[tuple[Partition, Stage], SourceFile]
) -> frozenset[Partition]:
    if marker is None:
        return frozenset()
    days = {partition for partition, _ in files}
    return frozenset(day for day in days if (directory / format(day, marker)).exists())


def _reports(folder: Path, matches: Callable[[str], object], look: _Look) -> Iterator[Report]:
    named = [entry for entry in _entries(folder, look.problems, required=False) if matches(entry.name)]
    for entry in sorted(named, key=lambda entry: entry.name, reverse=True):
        if (reason := impossible_summary(entry.name)) is not None:
            look.problems.append(f"{folder.name}/{plain(entry.name)}: {reason}, not used")
            continue
        try:
            status = entry.stat()
        except OSError as error:
            look.problems.append(
                f"{folder.name}/{plain(entry.name)}: {(error.strerror or str(error)).lower()}"
            )
            continue
        if not stat.S_ISREG(status.st_mode):
            look.problems.append(f"{folder.name}/{plain(entry.name)}: not a regular file")
        elif _leads_outside(Path(entry.path), look.root):
            look.problems.append(f"{folder.name}/{plain(entry.name)}: {OUTSIDE}")
        else:
            yield Report(Path(entry.path), take_stamp(status))


def _entries(folder: Path, problems: list[str], *, required: bool) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not is_temporary(entry.name) or _is_stuck(entry)]
    except OSError as error:
        if required:
            raise
        if not isinstance(error, FileNotFoundError):
            problems.append(f"{folder.name}: {(error.strerror or str(error)).lower()}")
        return []


def _is_stuck(entry: os.DirEntry[str]) -> bool:
    """Tell whether an upload was given up: its name says that it is being written, and nobody writes."""
    try:
        return entry.name.endswith(PARTIAL) and time.time() - entry.stat().st_mtime > STUCK_SECONDS
    except OSError:
        return False
