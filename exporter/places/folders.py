"""Folders in any location, like ``os.scandir`` and ``os.stat`` for local ones."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exporter.model import Place
from exporter.places.settings import used
from exporter.places.url import is_remote

FEW = 8  # folders up to which they are listed one by one
LISTED_TOGETHER = 1000  # names per response


class Entry(Protocol):
    """A name in a folder: the used part of ``os.DirEntry``."""

    @property
    def name(self) -> str: ...  # noqa: D102  as os.DirEntry has it

    @property
    def path(self) -> str: ...  # noqa: D102

    def is_dir(self, *, follow_symlinks: bool = True) -> bool: ...  # noqa: D102

    def is_file(self, *, follow_symlinks: bool = True) -> bool: ...  # noqa: D102

    def is_symlink(self) -> bool: ...  # noqa: D102

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result: ...  # noqa: D102


class Folders(Protocol):
    """One consistent listing of folders, cached. Errors are OSErrors."""

    @property
    def place(self) -> Place:
        """How they are accessed."""

    def scan(self, folder: Path) -> list[Entry]:
        """Return what is in a folder."""

    def touched_ns(self, folder: Path) -> int:
        """Return when a folder's entries last changed, zero if unknown."""

    def has(self, path: Path) -> bool:
        """Return whether a name exists."""


@dataclass(frozen=True, slots=True)
class LocalFolders:
    """Local folders."""

    place: Place = field(default_factory=Place)

    def scan(self, folder: Path) -> list[Entry]:
        """Return what is in a folder."""
        with os.scandir(folder) as entries:
            return list(entries)

    def touched_ns(self, folder: Path) -> int:
        """Return when a name was last added to a folder or removed."""
        return folder.stat().st_mtime_ns

    def has(self, path: Path) -> bool:
        """Return whether a name exists."""
        return path.exists()


@dataclass(slots=True)
class RemoteFolders:
    """Folders on object storage, each listed once.

    If a folder contains many others and one of them is needed, everything below it is listed at once: one
    request per thousand names instead of one per folder.
    """

    place: Place = field(default_factory=used)
    _known: dict[Path, list[Entry]] = field(default_factory=dict)
    _whole: set[Path] = field(default_factory=set)  # folders whose whole content is known

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
        """Return zero: folders are only prefixes of names there."""
        return 0

    def has(self, path: Path) -> bool:
        """Return whether a name exists, by listing its folder."""
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
    """Return whether listing everything below a folder takes fewer requests than listing its folders."""
    folders = sum(entry.is_dir() for entry in entries)
    return folders > FEW + len(entries) // LISTED_TOGETHER


def folders_at(directory: Path) -> Folders:
    """Return the listing of a directory."""
    return RemoteFolders() if is_remote(directory) else LocalFolders()
