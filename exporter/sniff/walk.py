"""The files below the given paths; nothing is opened."""

import os
import re
import stat
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from exporter.discover.layout import DQ_FOLDER, TASK_FOLDER, is_sidecar, is_temporary
from exporter.errors import UserError, reason_of
from exporter.places.url import refuse_remote
from exporter.plain import plain

OWN_FOLDER = "monitoring"  # the exporter's default output folder
LEFT_OUT = frozenset((OWN_FOLDER, DQ_FOLDER, TASK_FOLDER))
MOST_FILES = 100_000
DEEPEST = 12  # nested folders
SIDECAR = "named like a checksum, manifest or log"
UNFINISHED = "named like a hidden or unfinished file"
REPORTS = "a folder of reports"
DEEP = f"more than {DEEPEST} folders deep"
LeftOut = dict[str, list[Path]]  # files and folders by the reason why they are skipped
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
    left_out: Mapping[str, Sequence[Path]] = field(default_factory=dict)

    def name_left_out(self, besides: Container[str] = ()) -> str:
        """Name what is skipped, besides what has one of these reasons; empty if there is nothing."""
        named = []
        for reason, paths in self.left_out.items():
            if reason not in besides:
                first = plain(paths[0].relative_to(self.directory).as_posix())
                more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
                named.append(f"{first}{more} ({reason})")
        return ", ".join(named)


def walk(paths: Sequence[Path]) -> Walked:
    """List the files of folders, and individually given files.

    Files being written, hidden ones and sidecars are left out, with the reason. Raises UserError for a path
    that does not exist or cannot be listed.
    """
    for path in paths:
        refuse_remote(path, "copy a few days to this machine and run init on those")
    named = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  resolve() would follow links
    found: dict[Path, os.stat_result] = {}
    left_out: LeftOut = defaultdict(list)
    cut = False
    for path, shown in zip(named, paths, strict=True):
        for one, status in _below(path, shown, left_out):
            if len(found) >= MOST_FILES:
                cut = True
                break
            found[one] = status
    directory = _common(named)
    ignored = {reason: sorted({*paths} - found.keys()) for reason, paths in left_out.items()}
    return replace(
        _walked(directory, found, cut=cut),
        left_out={reason: paths for reason, paths in ignored.items() if paths},
    )


def raise_base(walked: Walked) -> Walked | None:
    """Include one more parent folder in the paths, whose name may contain a part of the date; or ``None``."""
    directory = walked.directory
    if directory.parent == directory or not re.search("[0-9]", directory.name):
        return None
    found = tuple(replace(one, relative=f"{directory.name}/{one.relative}") for one in walked.files)
    return replace(walked, directory=directory.parent, files=found)


def _walked(directory: Path, found: dict[Path, os.stat_result], *, cut: bool) -> Walked:
    files = (
        Found(path, path.relative_to(directory).as_posix(), status.st_size, status.st_mtime_ns)
        for path, status in found.items()
    )
    return Walked(directory, tuple(sorted(files, key=lambda one: one.relative)), cut)


def _common(named: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in named]
    return Path(os.path.commonpath(folders))


def _below(path: Path, shown: Path, left_out: LeftOut) -> Iterator[tuple[Path, os.stat_result]]:
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
        yield from _in_folder(path, DEEPEST, left_out)
    elif stat.S_ISREG(status.st_mode):
        yield path, status
    else:
        raise UserError(f"{shown}: not a regular file")


def _in_folder(folder: Path, deeper: int, left_out: LeftOut) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        left_out[reason_of(error)].append(folder)
        return
    for entry in entries:
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            status = entry.stat()
        except FileNotFoundError:  # a broken link, or deleted since
            continue
        except OSError as error:
            left_out[reason_of(error)].append(Path(entry.path))
            continue
        reason = _reason(entry.name, deeper, is_folder=is_folder)
        if reason is not None:
            left_out[reason].append(Path(entry.path))
        elif is_folder:
            yield from _in_folder(Path(entry.path), deeper - 1, left_out)
        elif stat.S_ISREG(status.st_mode):
            yield Path(entry.path), status


def _reason(name: str, deeper: int, *, is_folder: bool) -> str | None:
    """Return why a file or folder is skipped, judging by its name; ``None`` if it is."""
    if is_temporary(name):
        return UNFINISHED
    if not is_folder:
        return SIDECAR if is_sidecar(name) else None
    if name in LEFT_OUT:
        return REPORTS
    return None if deeper else DEEP
