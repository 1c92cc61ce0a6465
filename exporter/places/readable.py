"""An open file, wherever it lies."""

import errno
from pathlib import PurePath
from typing import Any, Protocol

from exporter.model import Stamp


class FileChanged(OSError):  # noqa: N818  it is no error of anybody's, and is told apart from those
    """The file was replaced, cut or written to since it was found, so that no profile of it can be true."""

    def __init__(self, path: PurePath | None = None) -> None:
        super().__init__(errno.ESTALE, "changed while it was read", path and str(path))

    def __reduce__(self) -> tuple[type["FileChanged"], tuple[PurePath | None]]:
        """Let it come from another process."""
        return type(self), (self.filename and PurePath(self.filename),)


class PlaceError(OSError):
    """The bytes could not be had just now, which is no fault of the file's."""


class Readable(Protocol):
    """An open file that several threads read at places of their own. Errors are OSErrors.

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
        """Be told that this thread is about to read all of ``[start, end)``, from its start on.

        What lies far away may then be fetched ahead; without it no byte is fetched that nobody asks for.
        """

    def arrow(self) -> Any:
        """Open it as a ``pyarrow.NativeFile`` with a place of its own, for one thread."""


class OpenFile(Readable, Protocol):
    """A file as it was opened, before anything was made of it."""

    def stamp(self) -> Stamp:
        """Return what it is now; raises IsADirectoryError where it is a folder."""
