"""What lies in the data directory at this moment: one look, nothing opened."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.discover.layout import DQ_FOLDER, DQ_SUMMARY, STAGES, TASK_FOLDER, is_temporary, parse_partition
from exporter.model import Partition, SourceFile, Stage, Stamp


@dataclass(frozen=True, slots=True)
class Report:
    """A file that upstream writes about its own run."""

    path: Path
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Listing:
    """Event files by partition and stage, upstream's reports newest first, and what was odd."""

    files: Mapping[tuple[Partition, Stage], SourceFile]
    dq_summaries: tuple[Report, ...]
    task_runs: tuple[Report, ...]
    problems: tuple[str, ...]


def list_directory(directory: Path) -> Listing:
    """Look once at the data directory and the folders that upstream fills.

    Raises OSError where the data directory itself cannot be listed: an empty answer would read as
    "every partition is missing". A folder of a later stage may well not be there yet.
    """
    problems: list[str] = []
    files: dict[tuple[Partition, Stage], SourceFile] = {}
    for stage in Stage:
        for source in _stage_files(directory, stage, problems):
            files[source.partition, stage] = source
    return Listing(
        files=files,
        dq_summaries=tuple(_reports(directory / DQ_FOLDER, DQ_SUMMARY.fullmatch, problems)),
        task_runs=tuple(_reports(directory / TASK_FOLDER, _names_task_run, problems)),
        problems=tuple(problems),
    )


def take_stamp(status: os.stat_result) -> Stamp:
    """Keep the part of a ``stat`` that changes when content does."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _names_task_run(name: str) -> bool:
    return name.endswith(".json")


def _stage_files(directory: Path, stage: Stage, problems: list[str]) -> Iterator[SourceFile]:
    place = STAGES[stage]
    for entry in _entries(directory / place.folder, problems, required=not place.folder):
        match = place.name.fullmatch(entry.name)
        if match is None:
            continue
        try:
            partition = parse_partition(match[1])
        except ValueError:
            problems.append(f"{_shown(directory, entry)}: the name holds no possible date, file left out")
            continue
        source = _source(partition, stage, entry)
        if source is not None:
            yield source


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


def _reports(folder: Path, matches: Callable[[str], object], problems: list[str]) -> Iterator[Report]:
    named = [entry for entry in _entries(folder, problems, required=False) if matches(entry.name)]
    for entry in sorted(named, key=lambda entry: entry.name, reverse=True):
        try:
            status = entry.stat()
        except OSError as error:
            problems.append(f"{folder.name}/{entry.name}: {(error.strerror or str(error)).lower()}")
            continue
        if stat.S_ISREG(status.st_mode):
            yield Report(Path(entry.path), take_stamp(status))


def _entries(folder: Path, problems: list[str], *, required: bool) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not is_temporary(entry.name)]
    except OSError as error:
        if required:
            raise
        if not isinstance(error, FileNotFoundError):
            problems.append(f"{folder.name}: {(error.strerror or str(error)).lower()}")
        return []


def _shown(directory: Path, entry: os.DirEntry[str]) -> str:
    return str(Path(entry.path).relative_to(directory))
