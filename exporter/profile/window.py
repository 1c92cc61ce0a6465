"""A sliding view of one byte range of an open file: memory is bounded by a block, not by the range."""

import errno
import os
from dataclasses import dataclass, field

import xxhash


@dataclass(frozen=True, slots=True)
class Span:
    """A byte range of a file, ``[start, end)``, that begins and ends where records do."""

    start: int
    end: int


class FileChanged(OSError):
    """The file was replaced, cut or written to since it was found, so that no profile of it can be true."""

    def __init__(self, path: object) -> None:
        super().__init__(errno.ESTALE, "changed while it was read", str(path))


@dataclass(slots=True)
class Window:
    """What has been read of a span and is not done with yet."""

    descriptor: int
    position: int  # of the next byte to read
    end: int
    digest: xxhash.xxh3_128 = field(default_factory=xxhash.xxh3_128)
    buffer: bytearray = field(default_factory=bytearray)
    filled: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing is left to be read."""
        return self.position >= self.end

    def view(self, start: int, stop: int) -> memoryview:
        """Return bytes of the buffer, good until the next ``fill``."""
        return memoryview(self.buffer)[start:stop]

    def fill(self, size: int) -> None:
        """Read up to ``size`` more bytes. Raises FileChanged where the file ends early."""
        wanted = min(size, self.end - self.position)
        if self.filled + wanted > len(self.buffer):
            self._grow(self.filled + wanted)
        while wanted:
            room = self.view(self.filled, self.filled + wanted)
            count = os.preadv(self.descriptor, [room], self.position)
            if count == 0:
                raise FileChanged(self.descriptor)
            self.digest.update(room[:count])
            self.filled += count
            self.position += count
            wanted -= count

    def drop(self, count: int) -> None:
        """Forget the first ``count`` bytes."""
        rest = self.filled - count
        if rest and count:
            self.buffer[:rest] = bytes(self.view(count, self.filled))
        self.filled = rest

    def line_end(self) -> int:
        """Return where the last whole line ends: nothing that is still to be read can change it."""
        if self.final:
            return self.filled
        # A carriage return in last place may be half of a line end.
        feed = self.buffer.rfind(b"\n", 0, self.filled)
        return max(feed, self.buffer.rfind(b"\r", max(feed, 0), max(self.filled - 1, 0))) + 1

    def _grow(self, size: int) -> None:
        larger = bytearray(size)
        larger[: self.filled] = self.view(0, self.filled)
        self.buffer = larger
