"""An open file in any location."""

import errno
from pathlib import PurePath
from typing import Any, Protocol

from exporter.model import Stamp


class FileChanged(OSError):  # noqa: N818  it is not an error, and is distinguished from those
    """The file was replaced, truncated or written to since it was found, so its profile would be wrong."""

    def __init__(self, path: PurePath | None = None) -> None:
        super().__init__(errno.ESTALE, "changed while it was read", path and str(path))

    def __reduce__(self) -> tuple[type["FileChanged"], tuple[PurePath | None]]:
        """Make it picklable."""
        return type(self), (self.filename and PurePath(self.filename),)


class PlaceError(OSError):
    """The bytes are temporarily unavailable, which is not the file's fault."""


class Readable(Protocol):
    """An open file that several threads read at their own positions. Errors are OSErrors.

    It is not sent to other processes: those open the same ``PartFile`` again, and its stamp is checked there.
    """

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, length: int, position: int) -> bytes:
        """Return up to ``length`` bytes at ``position``: fewer at the end, none behind it."""

    def read_into(self, buffer: memoryview, position: int) -> int:
        """Fill the buffer with the bytes at ``position``, and return how many there were; none: the end."""

    def expect(self, start: int, end: int) -> None:
        """Announce that this thread is about to read all of ``[start, end)`` from its start.

        Remote bytes may then be prefetched; otherwise only requested bytes are fetched.
        """

    def arrow(self) -> Any:
        """Open it as a ``pyarrow.NativeFile`` with its own position, for one thread."""


class OpenFile(Readable, Protocol):
    """A file as opened, before decompression."""

    def stamp(self) -> Stamp:
        """Return what it is now; raises IsADirectoryError where it is a folder."""
