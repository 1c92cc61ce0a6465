"""Open a file at its location."""

from contextlib import AbstractContextManager
from pathlib import Path

from exporter.model import PartFile, Stamp
from exporter.places.local import open_local
from exporter.places.readable import OpenFile
from exporter.places.settings import used
from exporter.places.url import is_remote

NO_STAMP = Stamp(0, 0, 0, 0)


def opened(part: PartFile) -> AbstractContextManager[OpenFile]:
    """Open a file that was found, in any process: ``part`` has everything needed.

    Its ``stamp()`` shows whether it is still the same. Raises OSError.
    """
    if is_remote(part.path):
        from exporter.places.remote import open_remote  # noqa: PLC0415  few need it

        return open_remote(part)
    return open_local(part)


def read_small(path: Path, most: int) -> bytes:
    """Return the first bytes of a file, changed or not. Raises OSError."""
    with opened(PartFile(path, NO_STAMP, used())) as file:
        return file.read(most, 0)
