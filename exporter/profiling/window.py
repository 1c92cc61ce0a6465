"""A sliding view of one byte range of an open file: memory is bounded by a block, not by the range."""

from dataclasses import dataclass, field

import numpy as np
import xxhash

from exporter.places.readable import FileChanged, Readable

FEED, RETURN, NUL = b"\n", b"\r", b"\0"
FIRST_BEYOND_ASCII = 0x80
SLICE = 1 << 20  # bytes read and processed together: they fit in a core's cache

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Span:
    """A byte range of a file, ``[start, end)``, that begins and ends at record boundaries."""

    start: int
    end: int


@dataclass(slots=True)
class Window:
    """The part of a span that has been read but not processed."""

    file: Readable
    position: int  # of the next byte to read
    end: int
    digest: xxhash.xxh3_128 = field(default_factory=xxhash.xxh3_128)
    buffer: bytearray = field(default_factory=bytearray)
    filled: int = 0
    feeds: int = 0  # line feeds in the buffer
    has_returns: bool = False  # carriage returns in the buffer
    has_nuls: bool = False  # zero bytes in the buffer
    is_ascii: bool = True  # so is the whole buffer
    _scratch: Flags = field(default_factory=lambda: np.empty(SLICE, np.bool_))

    @property
    def final(self) -> bool:
        """Whether everything has been read."""
        return self.position >= self.end

    @property
    def certain(self) -> int:
        """How many bytes can be judged: a carriage return in last position may be half of a line end."""
        return self.filled - (self.buffer[self.filled - 1 : self.filled] == RETURN)

    def view(self, start: int, stop: int) -> memoryview:
        """Return bytes of the buffer, valid until the next ``fill``."""
        return memoryview(self.buffer)[start:stop]

    def fill(self, size: int) -> None:
        """Read up to ``size`` more bytes. Raises FileChanged if the file ends early."""
        goal = self.filled + min(size, self.end - self.position)
        if goal > len(self.buffer):
            self._grow(goal)
        while self.filled < goal:
            room = self.view(self.filled, min(goal, self.filled + SLICE))
            count = self.file.read_into(room, self.position)
            if count == 0:
                raise FileChanged
            self.digest.update(room[:count])
            self._look(self.filled, self.filled + count)
            self.filled += count
            self.position += count

    def drop(self, count: int) -> None:
        """Drop the first ``count`` bytes."""
        rest = self.filled - count
        self.buffer[:rest] = bytes(self.view(count, self.filled))
        self.filled = rest
        self.feeds, self.has_returns, self.has_nuls, self.is_ascii = 0, False, False, True
        for start in range(0, rest, SLICE):
            self._look(start, min(start + SLICE, rest))

    def line_end(self) -> int:
        """Return the end of the last complete line, which later bytes cannot change."""
        return self.filled if self.final else self._after_newline(self.certain)

    def last_line(self, end: int) -> int:
        """Return the start of the last line before ``end``."""
        if self.buffer[end - 1 : end] in (FEED, RETURN):
            end -= 2 if self.buffer[end - 2 : end] == RETURN + FEED else 1
        return self._after_newline(end)

    def count_lines(self, end: int) -> int:
        """Count the lines before ``end``, the end of the last complete line, including blank ones."""
        lines = self.feeds + (self.buffer[end - 1 : end] not in (FEED, RETURN))
        if self.has_returns:
            octets = np.frombuffer(self.buffer, np.uint8, end)
            returns = octets == RETURN[0]
            returns[:-1] &= octets[1:] != FEED[0]
            lines += int(np.count_nonzero(returns))
        return lines

    def _look(self, start: int, stop: int) -> None:
        """Inspect new bytes while they are still in the cache."""
        octets = np.frombuffer(self.buffer, np.uint8, stop - start, start)
        feeds = np.equal(octets, FEED[0], out=self._scratch[: stop - start])
        self.feeds += int(np.count_nonzero(feeds))
        self.has_returns = self.has_returns or self.buffer.find(RETURN, start, stop) >= 0
        self.has_nuls = self.has_nuls or self.buffer.find(NUL, start, stop) >= 0
        self.is_ascii = self.is_ascii and bool(octets.max() < FIRST_BEYOND_ASCII)

    def _after_newline(self, end: int) -> int:
        feed = self.buffer.rfind(FEED, 0, end)
        return (max(feed, self.buffer.rfind(RETURN, feed + 1, end)) if self.has_returns else feed) + 1

    def _grow(self, size: int) -> None:
        larger = bytearray(size + (size >> 3))
        larger[: self.filled] = self.view(0, self.filled)
        self.buffer = larger
