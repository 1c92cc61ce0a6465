"""When to look again at many things: a few looks at a time, those that have been due longest first."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from exporter.watch.loop import FIRST_RETRY_SECONDS, error_line
from exporter.watch.schedule import LONGEST_SLEEP_SECONDS

log = logging.getLogger(__name__)

WORKERS = 2
SLOW_SECONDS = 5.0  # a look that takes longer leaves its place to the next one
ROUNDS = 12  # of rescans in the time of one; what is looked at in the same makes one page
MOST_SLOW = 8  # looks beside the workers' own; a mount that hangs must not take a thread for each feed

Look = Callable[[], float | None]  # returns in how many seconds it wants to be called again


@dataclass(frozen=True, slots=True)
class Pace:
    """What ``Schedule`` is given for one feed holds for each of many."""

    debounce_seconds: float = 0.5
    rescan_seconds: float = 60.0
    most_seconds: float = 2.0

    def next_rescan(self, now: float) -> float:
        """Return when to look again in any case: not later than ``rescan_seconds`` from now, with others."""
        latest = now + self.rescan_seconds
        return latest - latest % (self.rescan_seconds / ROUNDS)


@dataclass(slots=True, eq=False)
class _Task:
    """One thing to look at. Its times are read and written under the lock of ``Passes``."""

    name: str
    look: Look
    on_error: Callable[[BaseException], None]
    rescan_at: float  # by the monotonic clock, as all but wanted_wall
    wanted_at: float | None = None
    wanted_wall: float = 0.0
    first_told: float | None = None  # of a burst of notifications
    last_told: float = 0.0
    begun_at: float | None = None  # of the look under way
    retry: float = FIRST_RETRY_SECONDS
    afterwards: Callable[[], None] | None = None  # once it is removed

    def due_at(self, now: float, wall: float, pace: Pace) -> float:
        """Return when to look, by the monotonic clock."""
        times = [self.rescan_at]
        if self.wanted_at is not None:  # a wall-clock time: after a jump forward it has come earlier
            times.append(min(self.wanted_at, now + self.wanted_wall - wall))
        if self.first_told is not None:
            most = max(pace.most_seconds, pace.debounce_seconds)
            times.append(min(self.last_told + pace.debounce_seconds, self.first_told + most))
        return min(times)


@dataclass(slots=True)
class Passes:
    """Calls each look at once and then whenever there is a reason. No look runs twice at a time.

    ``workers`` looks run side by side. One that takes longer than ``slow_seconds`` no longer counts, so that
    it delays no other. What a look raises goes to its ``on_error``, and it is tried again, ever more slowly.
    """

    pace: Pace = field(default_factory=Pace)
    workers: int = WORKERS
    slow_seconds: float = SLOW_SECONDS
    _tasks: dict[str, _Task] = field(default_factory=dict)
    _running: set[_Task] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopped: bool = False

    def add(self, name: str, look: Look, on_error: Callable[[BaseException], None]) -> None:
        """Look at one thing more, soon."""
        with self._changed:
            self._tasks[name] = _Task(name, look, on_error, rescan_at=time.monotonic())
            self._changed.notify_all()

    def remove(self, name: str, afterwards: Callable[[], None]) -> None:
        """Look no more; ``afterwards`` is called once no look is under way."""
        with self._changed:
            task = self._tasks.pop(name)
            if task in self._running:
                task.afterwards = afterwards
                return
        afterwards()

    def notify(self, name: str) -> None:
        """Ask for a look soon. Cheap: called for every file event."""
        now = time.monotonic()
        with self._changed:
            task = self._tasks.get(name)
            if task is None:
                return
            task.last_told = now
            if task.first_told is None:
                task.first_told = now
                self._changed.notify_all()

    def run(self) -> None:
        """Start looks as they come due, until told to stop; for a thread of its own."""
        with self._changed:
            while not self._stopped:
                self._changed.wait(min(self._start_due(), LONGEST_SLEEP_SECONDS))

    def stop(self, patience: float) -> None:
        """Start no look any more, and wait a while for those under way."""
        until = time.monotonic() + patience
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            while self._running and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _start_due(self) -> float:
        """Start what is due and has a place; return in how many seconds there is more to do."""
        now, wall = time.monotonic(), time.time()
        busy = {task.name for task in self._running}  # one that was removed may still be under way
        idle = (task for name, task in self._tasks.items() if name not in busy)
        waiting = sorted(((task.due_at(now, wall, self.pace), task) for task in idle), key=lambda due: due[0])
        for due_at, task in waiting:
            if due_at > now:
                return due_at - now
            place_in = self._seconds_to_place(now)
            if place_in > 0:
                return place_in
            task.begun_at, task.first_told, task.wanted_at = now, None, None
            self._running.add(task)
            threading.Thread(
                target=self._work, args=(task,), name=f"pass of {task.name}", daemon=True
            ).start()
        return LONGEST_SLEEP_SECONDS

    def _seconds_to_place(self, now: float) -> float:
        """Return in how many seconds one more look may begin, unless one ends before."""
        since = sorted(now - (task.begun_at or now) for task in self._running)  # the newest first
        if len(since) >= self.workers + MOST_SLOW:
            return LONGEST_SLEEP_SECONDS
        if len(since) < self.workers:
            return 0.0
        return self.slow_seconds - since[self.workers - 1]

    def _work(self, task: _Task) -> None:
        wanted: float | None = None
        try:
            wanted = task.look()
            task.retry = FIRST_RETRY_SECONDS
        except Exception as error:  # a look that fails must not end the looking
            reason = {"feed": task.name, "reason": error_line(error)}
            log.error("pass failed", extra=reason)  # noqa: TRY400  traceback only at debug
            log.debug("pass failed", exc_info=True)
            wanted, task.retry = task.retry, min(2 * task.retry, self.pace.rescan_seconds)
            task.on_error(error)
        finally:
            self._end(task, wanted)

    def _end(self, task: _Task, wanted: float | None) -> None:
        with self._changed:
            now = time.monotonic()
            task.rescan_at = self.pace.next_rescan(now)
            if wanted is not None:
                task.wanted_at, task.wanted_wall = now + wanted, time.time() + wanted
            afterwards = task.afterwards
            if afterwards is None:
                self._leave(task)
        if afterwards is not None:
            afterwards()
            with self._changed:
                self._leave(task)

    def _leave(self, task: _Task) -> None:
        task.begun_at = None
        self._running.discard(task)
        self._changed.notify_all()
