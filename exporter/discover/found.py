"""One entry of a folder as a file: its stamp, or why it cannot be read."""

import os
import stat
import time
from dataclasses import dataclass, field

from exporter.discover.layout import PARTIAL
from exporter.errors import reason_of
from exporter.model import Stamp
from exporter.places.folders import Entry

STUCK_SECONDS = 3600
OUTSIDE = "a link to outside the data directory (data.follow_links_outside)"


def take_stamp(status: os.stat_result) -> Stamp:
    """Keep the part of a ``stat`` that changes when content does."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass(frozen=True, slots=True)
class Boundary:
    """What links may not lead out of, during one listing: a real path, or ``None`` for no limit.

    A link to outside could expose any file of the machine.
    """

    root: str | None
    _folders: dict[str, bool] = field(default_factory=dict)  # whether each is outside

    def is_crossed(self, entry: Entry) -> bool:
        """Return whether an entry is outside: a link that leads there, or below a folder that is one."""
        if self.root is None:
            return False
        folder = os.path.dirname(entry.path)  # noqa: PTH120  called for every file
        if folder not in self._folders:
            self._folders[folder] = self._is_outside(folder)
        return self._folders[folder] or (entry.is_symlink() and self._is_outside(entry.path))

    def _is_outside(self, path: str) -> bool:
        return os.path.commonpath([self.root or "", os.path.realpath(path)]) != self.root


def look_at(entry: Entry, boundary: Boundary) -> tuple[Stamp, str | None] | None:
    """Return an entry's stamp and why it cannot be read, if so; ``None`` if it is gone."""
    try:
        status, fault = entry.stat(), None
    except OSError as error:  # a broken link or a loop of links: the name exists, the content does not
        fault = reason_of(error)
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted since the listing
            return None
    else:
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait forever
            fault = "not a regular file"
    if fault is None and boundary.is_crossed(entry):
        fault = OUTSIDE
    return take_stamp(status), fault


def is_folder(entry: Entry) -> bool:
    """Return whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def is_stuck(entry: Entry) -> bool:
    """Return whether an upload was abandoned: its name says that it is being written, but nobody writes."""
    try:
        return entry.name.endswith(PARTIAL) and time.time() - entry.stat().st_mtime > STUCK_SECONDS
    except OSError:
        return False
