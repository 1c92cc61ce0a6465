"""What-if at another time: reads the state of production without changing it."""

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from exporter.cli.places import Places
from exporter.config.load import Config
from exporter.discover.calendar import parse_as_of
from exporter.discover.listing import list_directory
from exporter.durable import lock
from exporter.errors import UserError, reason_of
from exporter.gate.audit import AUDIT

log = logging.getLogger(__name__)

STATE_FILES = ("state.db", "state.db-wal")  # the log holds what SQLite has not yet moved to the file
PREFIX = "puffy-what-if-"
ABANDONED_SECONDS = 60.0  # a younger folder without a lock may be about to get one


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Provide a temporary folder. Raises UserError if none can be created.

    It is locked while in use, so that the next process can remove what a killed one left.
    """
    _remove_abandoned()
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        reason = reason_of(error)
        where = error.filename or tempfile.gettempdir()
        raise UserError(f"--as-of needs a temporary folder, set TMPDIR: {where}: {reason}") from None
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock(descriptor)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned() -> None:
    """Remove the folders of killed processes. Those of other users, and links, are left alone."""
    latest = time.time() - ABANDONED_SECONDS
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                known = os.fstat(descriptor)
                if known.st_uid == os.geteuid() and known.st_mtime < latest:
                    lock(descriptor, patience=0)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def borrowed_places(places: Places, scratch: Path) -> Places:
    """Return folders to use instead of ``places``, with copies of the state and the audit log.

    Known files are not read again, acknowledgements count, and the real folder is not changed. Raises
    UserError if the audit log cannot be read: without it every day would look held.
    """
    try:
        for name in STATE_FILES:
            _copy(places.output / name, scratch)
    except OSError as error:
        for name in STATE_FILES:  # a part of the state is none
            (scratch / name).unlink(missing_ok=True)
        log.warning("no state: every file is read", extra={"reason": reason_of(error)})
    try:
        _copy(places.output / AUDIT, scratch)
    except OSError as error:
        raise UserError(f"{places.output / AUDIT}: {reason_of(error)}") from None
    return Places(places.data, scratch)


def _copy(path: Path, to: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(path, to / path.name)


def refuse_before_all_data(config: Config, places: Places, as_of: str) -> None:
    """Raise UserError if no day had begun by then: there would be nothing to show."""
    moment = parse_as_of(as_of, config.calendar.zone)
    try:
        first = min((day for day, _ in list_directory(places.data, config.feed).files), default=None)
    except OSError:  # the pass reports it better
        return
    if first is not None and moment <= config.calendar.day(first).start_ns:
        raise UserError(f"--as-of {as_of}: before all data; the first day is {first}")
