"""Files of this machine."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from exporter.model import PartFile, Stamp


@dataclass(frozen=True, slots=True)
class LocalFile:
    """An open descriptor, owned by its opener: a file's, or a temporary one's."""

    descriptor: int

    @property
    def size(self) -> int:
        """Its current size in bytes."""
        return os.fstat(self.descriptor).st_size

    def read(self, length: int, position: int) -> bytes:
        """Return up to ``length`` bytes at ``position``."""
        return os.pread(self.descriptor, length, position)

    def read_into(self, buffer: memoryview, position: int) -> int:
        """Fill the buffer with the bytes at ``position``."""
        return os.preadv(self.descriptor, [buffer], position)

    def expect(self, start: int, end: int) -> None:
        """Do nothing: the system reads ahead by itself."""

    def arrow(self) -> Any:
        """Open it again, for Arrow."""
        import pyarrow as pa  # noqa: PLC0415  Arrow takes long to load

        return pa.OSFile(f"/dev/fd/{self.descriptor}", mode="r")

    def stamp(self) -> Stamp:
        """Return its current stamp."""
        status = os.fstat(self.descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@contextmanager
def open_local(part: PartFile) -> Iterator[LocalFile]:
    """Open a file of this machine; see ``opened``."""
    descriptor = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield LocalFile(descriptor)
    finally:
        os.close(descriptor)
