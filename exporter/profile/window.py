"""A sliding view of one byte range of an open file: memory is bounded by a block, not by the range."""

import errno
import os
from dataclasses import dataclass, field

import numpy as np
import xxhash

FEED, RETURN = b"\n", b"\r"
SLICE = 1 << 18  # bytes looked at together: what stays in a core's cache


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
        return self._after_newline(
            self.filled - 1 if self.buffer[self.filled - 1 : self.filled] == RETURN else self.filled
        )

    def last_line(self, end: int) -> int:
        """Return where the last of the lines before ``end`` begins."""
        if self.buffer[end - 1 : end] in (FEED, RETURN):
            end -= 2 if self.buffer[end - 2 : end] == RETURN + FEED else 1
        return self._after_newline(end)

    def count_lines(self, end: int) -> int:
        """Count the lines of the first ``end`` bytes, blank ones and one without an end included."""
        octets = np.frombuffer(self.buffer, np.uint8, end)
        lines = int(octets[-1] not in (FEED[0], RETURN[0]))
        returns = self.buffer.find(RETURN, 0, end) >= 0
        for start in range(0, end, SLICE):
            part = octets[start : start + SLICE]
            feeds = part == FEED[0]
            lines += int(np.count_nonzero(feeds))
            if returns:
                following = octets[start + 1 : start + SLICE + 1] == FEED[0]
                lone = part == RETURN[0]
                lone[: following.size] &= ~following
                lines += int(np.count_nonzero(lone))
        return lines

    def _after_newline(self, end: int) -> int:
        feed = self.buffer.rfind(FEED, 0, end)
        return max(feed, self.buffer.rfind(RETURN, feed + 1, end)) + 1

    def _grow(self, size: int) -> None:
        larger = bytearray(size + (size >> 3))
        larger[: self.filled] = self.view(0, self.filled)
        self.buffer = larger
