"""Ranges counted and merged elsewhere, eight at a time, so that no process ever holds them all."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Semaphore
from typing import Any, NamedTuple, Protocol

from exporter.engine.pieces import Piece, count, fold, ids_of, pick, settle, sizes, strip
from exporter.profiling.format import Advance
from exporter.profiling.ids import MOST_SHARES

TOGETHER = 8  # pieces merged into one
MOST_IDS = 1 << 20  # ids counted together, 8 or 16 bytes each
SHARES_ABREAST = 4  # counted at a time, as each is a copy


class Task(NamedTuple):
    """A range to count, and how many bytes it has."""

    work: Callable[..., Piece]
    given: tuple[Any, ...]
    size: int


class Pool(Protocol):
    """Other processes. Inputs and results stay there and are referred to by handles."""

    def submit(self, work: Callable[..., Any], *given: Any) -> Any:
        """Submit work; handles among the arguments refer to their results. Raises EngineError."""

    def follow(self, handle: Any) -> None:
        """Have ``next_done`` return a handle."""

    def next_done(self) -> Any:
        """Wait for the next finished handle, successful or not. Raises EngineError."""

    def refuse_failed(self, handle: Any) -> None:
        """Raise what the work raised, an OSError, or EngineError where it is not the work's fault."""

    def fetch(self, handle: Any) -> Any:
        """Return a handle's result. Raises the work's error, or EngineError."""

    def cancel(self, handles: list[Any]) -> None:
        """Cancel unfinished work."""


class _Node(NamedTuple):
    level: int
    place: int
    size: int = 0


@dataclass
class Tree:
    """Counts the ranges of one day's files. ``room`` limits the ranges submitted at a time."""

    pool: Pool
    room: Semaphore
    advance: Advance
    _waiting: dict[Any, _Node] = field(default_factory=dict)
    _ready: dict[tuple[int, int], Any] = field(default_factory=dict)  # by level and place
    _held: list[Any] = field(default_factory=list)  # the ids of the first merges
    _sizes: list[Any] = field(default_factory=list)
    _count: int = 0  # submitted ranges
    _is_whole: bool = False  # there are no more

    def gather(self, tasks: Iterator[Task]) -> Piece:
        """Return the total. Raises the error of the first unreadable range, or EngineError."""
        failed: dict[int, OSError] = {}
        try:
            while True:
                if not failed:
                    self._give_away(tasks)
                if not self._must_wait(failed):
                    break
                self._take_back(failed)
        finally:
            self._give_up()
        if failed:
            raise failed[min(failed)]
        return self._root()

    def _must_wait(self, failed: dict[int, OSError]) -> bool:
        """Return whether to wait for more; after a failure, whether an earlier range may fail too."""
        if not failed:
            return bool(self._waiting)
        return any(node.level == 0 and node.place < min(failed) for node in self._waiting.values())

    def _give_away(self, tasks: Iterator[Task]) -> None:
        """Submit as many ranges as there is room for; if none is running, wait for room."""
        while not self._is_whole and self.room.acquire(blocking=not self._waiting):
            try:
                task = next(tasks, None)
                handle = None if task is None else self._submit(task.work, *task.given)
            except BaseException:
                self.room.release()
                raise
            if task is None:
                self.room.release()
                self._is_whole = True
                self._merge_ends()
            else:
                self._waiting[handle] = _Node(0, self._count, task.size)
                self._count += 1

    def _submit(self, work: Callable[..., Piece], *given: Any) -> Any:
        handle = self.pool.submit(work, *given)
        self.pool.follow(handle)
        return handle

    def _take_back(self, failed: dict[int, OSError]) -> None:
        handle = self.pool.next_done()
        node = self._waiting.pop(handle)
        if node.level == 0:
            self.room.release()
        try:
            self.pool.refuse_failed(handle)
        except OSError as error:
            failed[node.place] = error
            return
        self.advance(node.size)
        if not failed:
            self._put(node.level, node.place, handle)

    def _put(self, level: int, place: int, handle: Any) -> None:
        """Store a result, and merge it with its neighbours as soon as they are ready."""
        self._ready[level, place] = handle
        self._merge(level, place // TOGETHER)

    def _merge(self, level: int, group: int) -> None:
        width = self._width(level)
        if width == 1:
            return
        end = (group + 1) * TOGETHER
        places = [
            (level, place) for place in range(group * TOGETHER, end if width is None else min(end, width))
        ]
        if not all(place in self._ready for place in places):
            return
        members = [self._ready.pop(place) for place in places]
        if level == 1:
            members = [self._without_ids(member) for member in members]
        self._waiting[self._submit(fold, *members)] = _Node(level + 1, group)

    def _merge_ends(self) -> None:
        """Merge the incomplete group at the end of each level."""
        level = 0
        while (width := self._width(level)) is not None and width > 1:
            self._merge(level, (width - 1) // TOGETHER)
            level += 1

    def _width(self, level: int) -> int | None:
        """Return the size of a level, or ``None`` if it is not known yet."""
        if not self._is_whole:
            return None
        width = self._count
        for _ in range(level):
            width = -(-width // TOGETHER)
        return width

    def _without_ids(self, handle: Any) -> Any:
        """Return a piece without its ids, which stay where they are until all are ready."""
        ids = self.pool.submit(ids_of, handle)
        self._held.append(ids)
        self._sizes.append(self.pool.submit(sizes, ids))
        return self.pool.submit(strip, handle)

    def _root(self) -> Piece:
        level = 0
        while (width := self._width(level)) is not None and width > 1:
            level += 1
        root = self._ready.pop((level, 0), None)
        if root is None:  # of no range at all
            return fold()
        if level == 0:
            found: Piece = self.pool.fetch(root)
            return found.settle()
        if not self._held:
            whole: Piece = self.pool.fetch(self.pool.submit(settle, root))
            return whole
        rest: Piece = self.pool.fetch(root)
        return Piece(rest.tally, rest.files, distinct=self._distinct())

    def _distinct(self) -> dict[str, int]:
        """Count the ids of all pieces in shares small enough for one process."""
        totals: dict[str, int] = {}
        for handle in self._sizes:
            for name, size in self.pool.fetch(handle).items():
                totals[name] = totals.get(name, 0) + size
        return {name: sum(self._shares(name, -(-total // MOST_IDS) or 1)) for name, total in totals.items()}

    def _shares(self, name: str, shares: int) -> Iterator[int]:
        shares = min(shares, MOST_SHARES)
        counting: list[Any] = []
        for number in range(shares):
            picked = [self.pool.submit(pick, ids, name, number, shares) for ids in self._held]
            counting.append(self.pool.submit(count, *picked))
            if len(counting) == SHARES_ABREAST:
                yield self.pool.fetch(counting.pop(0))
        for handle in counting:
            yield self.pool.fetch(handle)

    def _give_up(self) -> None:
        left = list(self._waiting)
        for node in self._waiting.values():
            if node.level == 0:
                self.room.release()
        self._waiting.clear()
        if left:
            with suppress(Exception):
                self.pool.cancel(left)
