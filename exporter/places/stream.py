"""An open file as Python's own kind of file: for what reads no other."""

import io
import os
from typing import Any

from exporter.places.readable import Readable

TOGETHER = 1 << 18  # bytes read where nobody says how many


class Stream(io.RawIOBase):
    """Reads a file at a place of its own, for one thread. Closing it leaves the file open."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be gone to."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._place

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._file.size}[whence]
        self._place = begin + place
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes, none at the end."""
        data = self._file.read(TOGETHER if size < 0 else size, self._place)
        self._place += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes."""
        count = self._file.read_into(memoryview(buffer).cast("B"), self._place)
        self._place += count
        return count
