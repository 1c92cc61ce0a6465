"""Prefetch a range: one block is being read while the next is on its way."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

BLOCK = 4 << 20  # bytes per request; each reading thread holds two blocks

Submit = Callable[[int, int], "Future[bytes | memoryview]"]


@dataclass(slots=True)
class Ahead:
    """Prefetches ``[start, end)`` for one thread, which reads it from the start.

    ``submit`` starts fetching some bytes at a position.
    """

    submit: Submit
    start: int
    end: int
    _held: memoryview = field(default_factory=lambda: memoryview(b""))
    _at: int = -1  # where the held block begins
    _coming: "Future[bytes | memoryview] | None" = None
    _next: int = field(init=False)  # where the next block begins

    def __post_init__(self) -> None:
        self._next = self.start
        self._begin()

    def read(self, length: int, position: int) -> memoryview | None:
        """Return bytes at a position, fewer at the end of a block; ``None`` if they are not prefetched."""
        if self._coming is not None and position == self._next:
            self._held, self._at = memoryview(self._coming.result()), self._next
            self._next += len(self._held)
            self._begin()
        offset = position - self._at
        if self._at < 0 or not 0 <= offset < len(self._held):
            return None
        return self._held[offset : offset + length]

    def _begin(self) -> None:
        length = min(BLOCK, self.end - self._next)
        self._coming = self.submit(self._next, length) if length > 0 else None
