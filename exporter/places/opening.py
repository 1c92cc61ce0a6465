"""Open a file where it lies."""

from contextlib import AbstractContextManager

from exporter.model import PartFile
from exporter.places.local import open_local
from exporter.places.readable import OpenFile


def opened(part: PartFile) -> AbstractContextManager[OpenFile]:
    """Open a file that was found; in any process, for all of it is in ``part``.

    Whether it is still the one that was found its ``stamp()`` says. Raises OSError.
    """
    return open_local(part)
