"""The files below the given paths; nothing is opened."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exporter.discover.layout import DQ_FOLDER, TASK_FOLDER, is_sidecar, is_temporary
from exporter.errors import UserError, reason_of
from exporter.places.url import refuse_remote

OWN_FOLDER = "monitoring"  # the exporter's default output folder
LEFT_OUT = frozenset((OWN_FOLDER, DQ_FOLDER, TASK_FOLDER))
MOST_FILES = 100_000
DEEPEST = 12  # nested folders
UPWARDS = 6  # folders above the given ones whose names may contain a part of the date


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file with its ``stat``. ``relative`` has ``/`` between folders."""

    path: Path
    relative: str
    size: int
    mtime_ns: int
    parts: tuple[Path, ...] = ()  # of a day in several files, in order

    @property
    def paths(self) -> tuple[Path, ...]:
        """The parts, or the one file."""
        return self.parts or (self.path,)


@dataclass(frozen=True, slots=True)
class Walked:
    """The files below ``directory``, by name. ``cut`` means that there are more than are inspected."""

    directory: Path
    files: tuple[Found, ...]
    cut: bool = False


def walk(paths: Sequence[Path]) -> Walked:
    """List the files of folders, and individually given files.

    Files being written, hidden ones and sidecars are left out. Raises
    UserError for a path that does not exist or cannot be listed.
    """
    for path in paths:
        refuse_remote(path, "copy a few days to this machine and run init on those")
    named = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  resolve() would follow links
    found: dict[Path, os.stat_result] = {}
    cut = False
    for path, shown in zip(named, paths, strict=True):
        for one, status in _below(path, shown):
            if len(found) >= MOST_FILES:
                cut = True
                break
            found[one] = status
    directory = _common(named)
    return _walked(directory, found, cut=cut)


def raise_base(walked: Walked) -> Walked | None:
    """Include one more parent folder in the paths, whose name may contain a part of the date; or ``None``."""
    directory = walked.directory
    if directory.parent == directory or not re.search("[0-9]", directory.name):
        return None
    found = tuple(replace(one, relative=f"{directory.name}/{one.relative}") for one in walked.files)
    return Walked(directory.parent, found, walked.cut)


def _walked(directory: Path, found: dict[Path, os.stat_result], *, cut: bool) -> Walked:
    files = (
        Found(path, path.relative_to(directory).as_posix(), status.st_size, status.st_mtime_ns)
        for path, status in found.items()
    )
    return Walked(directory, tuple(sorted(files, key=lambda one: one.relative)), cut)


def _common(named: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in named]
    return Path(os.path.commonpath(folders))


def _below(path: Path, shown: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(path):
                pass  # a folder that cannot be listed is an error only if it was given
    except OSError as error:
        raise UserError(f"{shown}: {reason_of(error)}") from None
    except ValueError as error:  # no path: it contains NUL
        raise UserError(f"{shown}: {error}") from None
    if stat.S_ISDIR(status.st_mode):
        yield from _in_folder(path, DEEPEST)
    elif stat.S_ISREG(status.st_mode):
        yield path, status
    else:
        raise UserError(f"{shown}: not a regular file")


def _in_folder(folder: Path, deeper: int) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if is_temporary(entry.name):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if deeper and entry.name not in LEFT_OUT:
                    yield from _in_folder(Path(entry.path), deeper - 1)
                continue
            status = entry.stat()
        except OSError:  # a broken link, or deleted since
            continue
        if stat.S_ISREG(status.st_mode) and not is_sidecar(entry.name):
            yield Path(entry.path), status
