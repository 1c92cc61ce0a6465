"""One entry of a folder as a file: its stamp, or why it cannot be read."""

import os
import stat
import time
from pathlib import Path

from exporter.discover.layout import PARTIAL
from exporter.errors import reason_of
from exporter.model import Stamp
from exporter.places.folders import Entry

STUCK_SECONDS = 3600
OUTSIDE = "a link to outside the data directory (data.follow_links_outside)"


def take_stamp(status: os.stat_result) -> Stamp:
    """Keep the part of a ``stat`` that changes when content does."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def look_at(entry: Entry, root: str | None) -> tuple[Stamp, str | None] | None:
    """Return an entry's stamp and why it cannot be read, if so; ``None`` if it is gone.

    A link to outside ``root`` could expose any file of the machine, so it is not followed if there is a root.
    """
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
    if fault is None and entry.is_symlink() and leads_outside(Path(entry.path), root):
        fault = OUTSIDE
    return take_stamp(status), fault


def is_folder(entry: Entry) -> bool:
    """Return whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def leads_outside(path: Path, root: str | None) -> bool:
    """Return whether a link points outside ``root``."""
    if root is None or not path.is_symlink():
        return False
    return os.path.commonpath([root, os.path.realpath(path)]) != root


def is_stuck(entry: Entry) -> bool:
    """Return whether an upload was abandoned: its name says that it is being written, but nobody writes."""
    try:
        return entry.name.endswith(PARTIAL) and time.time() - entry.stat().st_mtime > STUCK_SECONDS
    except OSError:
        return False
