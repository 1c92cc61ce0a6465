"""Fetch a range ahead of who reads it: a block that is being read, and the next one on its way."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

BLOCK = 4 << 20  # bytes fetched together; two of them are held for each thread that reads

Submit = Callable[[int, int], "Future[bytes]"]


@dataclass(slots=True)
class Ahead:
    """What is fetched of ``[start, end)`` for one thread, which reads it from its start on.

    ``submit`` begins to fetch so many bytes at a place.
    """

    submit: Submit
    start: int
    end: int
    _held: memoryview = field(default_factory=lambda: memoryview(b""))
    _at: int = -1  # where what is held begins
    _coming: "Future[bytes] | None" = None
    _next: int = field(init=False)  # where what is coming begins

    def __post_init__(self) -> None:
        self._next = self.start
        self._begin()

    def read(self, length: int, position: int) -> memoryview | None:
        """Return bytes at a place, fewer where a block ends; ``None`` if it is not here that they come."""
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
