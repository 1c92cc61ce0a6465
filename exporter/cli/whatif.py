"""What-if at another time: reads the state of production without changing it."""

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from exporter.cli.wiring import Places
from exporter.config.load import Config
from exporter.discover.calendar import parse_as_of
from exporter.discover.listing import list_directory
from exporter.errors import UserError
from exporter.gate.audit import AUDIT

log = logging.getLogger(__name__)

STATE_FILES = ("state.db", "state.db-wal")  # the log holds what SQLite has not yet moved to the file


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Provide a temporary folder. Raises UserError if none can be created."""
    try:
        folder = tempfile.mkdtemp(prefix="puffy-what-if-")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"--as-of needs a temporary folder, set TMPDIR: {reason}") from None
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def borrowed_places(places: Places, scratch: Path) -> Places:
    """Return folders to use instead of ``places``, with copies of the state and the audit log.

    Known files are not read again, acknowledgements count, and the real folder is not changed. Raises
    UserError if the audit log cannot be read: without it every day would look held.
    """
    for name in (*STATE_FILES, AUDIT):
        try:
            shutil.copyfile(places.output / name, scratch / name)
        except FileNotFoundError:
            continue
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            if name == AUDIT:
                raise UserError(f"{places.output / name}: {reason}") from None
            log.warning("no state: every file is read", extra={"reason": reason})
    return Places(places.data, scratch)


def refuse_before_all_data(config: Config, places: Places, as_of: str) -> None:
    """Raise UserError if no day had begun by then: there would be nothing to show."""
    moment = parse_as_of(as_of, config.calendar.zone)
    try:
        first = min((day for day, _ in list_directory(places.data, config.feed).files), default=None)
    except OSError:  # the pass reports it better
        return
    if first is not None and moment <= config.calendar.day(first).start_ns:
        raise UserError(f"--as-of {as_of}: before all data; the first day is {first}")
