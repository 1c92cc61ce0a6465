"""An open file as a Python file object, for libraries that need one."""

import io
import os
from typing import Any

from exporter.places.readable import Readable

TOGETHER = 1 << 18  # bytes read by default


class Stream(io.RawIOBase):
    """Reads a file at its own position, for one thread. Closing it leaves the file open."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        """Return that it is readable."""
        return True

    def seekable(self) -> bool:
        """Return that it is seekable."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._place

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to another position."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._file.size}[whence]
        self._place = begin + place
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        data = self._file.read(TOGETHER if size < 0 else size, self._place)
        self._place += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes."""
        count = self._file.read_into(memoryview(buffer).cast("B"), self._place)
        self._place += count
        return count
