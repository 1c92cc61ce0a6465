"""Folders, wherever they lie: what ``os.scandir`` and ``os.stat`` are for those of this machine."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exporter.model import Place
from exporter.places.settings import used
from exporter.places.url import is_remote

FEW = 8  # folders that are rather listed one by one
LISTED_TOGETHER = 1000  # names in an answer


class Entry(Protocol):
    """A name in a folder: of ``os.DirEntry`` what is asked here."""

    @property
    def name(self) -> str: ...  # noqa: D102  as os.DirEntry has it

    @property
    def path(self) -> str: ...  # noqa: D102

    def is_dir(self, *, follow_symlinks: bool = True) -> bool: ...  # noqa: D102

    def is_file(self, *, follow_symlinks: bool = True) -> bool: ...  # noqa: D102

    def is_symlink(self) -> bool: ...  # noqa: D102

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result: ...  # noqa: D102


class Folders(Protocol):
    """One look at folders: what it said once it says again. Errors are OSErrors."""

    @property
    def place(self) -> Place:
        """How they are reached."""

    def scan(self, folder: Path) -> list[Entry]:
        """Return what is in a folder."""

    def touched_ns(self, folder: Path) -> int:
        """Return when a folder's own entries last changed, zero where nobody knows."""

    def has(self, path: Path) -> bool:
        """Return whether a name is there."""


@dataclass(frozen=True, slots=True)
class LocalFolders:
    """Those of this machine."""

    place: Place = field(default_factory=Place)

    def scan(self, folder: Path) -> list[Entry]:
        """Return what is in a folder."""
        with os.scandir(folder) as entries:
            return list(entries)

    def touched_ns(self, folder: Path) -> int:
        """Return when a name was last put into a folder or taken out of it."""
        return folder.stat().st_mtime_ns

    def has(self, path: Path) -> bool:
        """Return whether a name is there."""
        return path.exists()


@dataclass(slots=True)
class RemoteFolders:
    """Those on object storage, each listed once for a look.

    Where a folder holds many others and one of these is asked for, all that is below it is listed at once: a
    request for a thousand names in place of one for each of many folders.
    """

    place: Place = field(default_factory=used)
    _known: dict[Path, list[Entry]] = field(default_factory=dict)
    _whole: set[Path] = field(default_factory=set)  # of which all that is below is known

    def scan(self, folder: Path) -> list[Entry]:
        """Return what is in a folder. Raises FileNotFoundError, PlaceError."""
        if folder not in self._known:
            beside = self._known.get(folder.parent)
            if beside is not None and not any(entry.name == folder.name for entry in beside):
                raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
            if beside is not None and _is_cheaper(beside) and folder.parent not in self._whole:
                self._list(folder.parent, recursive=True)
            else:
                self._list(folder, recursive=False)
        return self._known.setdefault(folder, [])

    def touched_ns(self, folder: Path) -> int:  # noqa: ARG002  as those of this machine have it
        """Return zero: folders are only a part of names there."""
        return 0

    def has(self, path: Path) -> bool:
        """Return whether a name is there, by what its folder lists."""
        try:
            return any(entry.name == path.name for entry in self.scan(path.parent))
        except FileNotFoundError:
            return False

    def _list(self, folder: Path, *, recursive: bool) -> None:
        from exporter.places.remote import list_folder  # noqa: PLC0415  few need it

        found: dict[Path, list[Entry]] = {folder: []}
        for entry in list_folder(folder, self.place, recursive=recursive):
            found.setdefault(Path(entry.path).parent, []).append(entry)
            if entry.folder and recursive:
                found.setdefault(Path(entry.path), [])
        self._known |= found
        if recursive:
            self._whole.add(folder)


def _is_cheaper(entries: Sequence[Entry]) -> bool:
    """Return whether to list all that is below a folder takes fewer requests than to list those in it."""
    folders = sum(entry.is_dir() for entry in entries)
    return folders > FEW + len(entries) // LISTED_TOGETHER


def folders_at(directory: Path) -> Folders:
    """Return what looks at a directory once."""
    return RemoteFolders() if is_remote(directory) else LocalFolders()
