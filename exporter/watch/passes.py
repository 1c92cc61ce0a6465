"""When to make passes over many feeds: a few at a time, longest due first."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from exporter.watch.loop import FIRST_RETRY_SECONDS, error_line
from exporter.watch.schedule import LONGEST_SLEEP_SECONDS

log = logging.getLogger(__name__)

WORKERS = 2
SLOW_SECONDS = 5.0  # a slower pass gives up its slot to the next one
ROUNDS = 12  # slots for rescans within one interval; passes in the same slot share a page
MOST_SLOW = 8  # passes beyond the workers' own; a hanging mount must not block a thread per feed

Look = Callable[[], float | None]  # returns the seconds until it wants to be called again


@dataclass(frozen=True, slots=True)
class Pace:
    """The settings of ``Schedule``, for each of many feeds."""

    debounce_seconds: float = 0.5
    rescan_seconds: float = 60.0
    most_seconds: float = 2.0

    def next_rescan(self, now: float) -> float:
        """Return the next rescan: at most ``rescan_seconds`` from now, together with others."""
        latest = now + self.rescan_seconds
        return latest - latest % (self.rescan_seconds / ROUNDS)


@dataclass(slots=True, eq=False)
class _Task:
    """One task. Its times are read and written under the lock of ``Passes``."""

    name: str
    look: Look
    on_error: Callable[[BaseException], None]
    rescan_at: float  # on the monotonic clock, like all but wanted_wall
    wanted_at: float | None = None
    wanted_wall: float = 0.0
    first_told: float | None = None  # of a burst of notifications
    last_told: float = 0.0
    begun_at: float | None = None  # of the running pass
    retry: float = FIRST_RETRY_SECONDS
    afterwards: Callable[[], None] | None = None  # called once it is removed

    def due_at(self, now: float, wall: float, pace: Pace) -> float:
        """Return the due time, on the monotonic clock."""
        times = [self.rescan_at]
        if self.wanted_at is not None:  # a wall-clock time: after a jump forward it is due earlier
            times.append(min(self.wanted_at, now + self.wanted_wall - wall))
        if self.first_told is not None:
            most = max(pace.most_seconds, pace.debounce_seconds)
            times.append(min(self.last_told + pace.debounce_seconds, self.first_told + most))
        return min(times)


@dataclass(slots=True)
class Passes:
    """Calls each task immediately and then whenever there is a reason, never twice at a time.

    ``workers`` tasks run in parallel. One that takes longer than ``slow_seconds`` no longer counts, so that
    it delays no other. Errors of a task go to its ``on_error``, and it is retried with increasing delays.
    """

    pace: Pace = field(default_factory=Pace)
    workers: int = WORKERS
    slow_seconds: float = SLOW_SECONDS
    _tasks: dict[str, _Task] = field(default_factory=dict)
    _running: set[_Task] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopped: bool = False

    def add(self, name: str, look: Look, on_error: Callable[[BaseException], None]) -> None:
        """Add a task, to be run soon."""
        with self._changed:
            self._tasks[name] = _Task(name, look, on_error, rescan_at=time.monotonic())
            self._changed.notify_all()

    def remove(self, name: str, afterwards: Callable[[], None]) -> None:
        """Remove a task; ``afterwards`` is called once it is not running."""
        with self._changed:
            task = self._tasks.pop(name)
            if task in self._running:
                task.afterwards = afterwards
                return
        afterwards()

    def notify(self, name: str) -> None:
        """Request a pass soon. Cheap: called for every file event."""
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
        """Start due tasks until stopped; to be run in its own thread."""
        with self._changed:
            while not self._stopped:
                self._changed.wait(min(self._start_due(), LONGEST_SLEEP_SECONDS))

    def stop(self, patience: float) -> None:
        """Start no more tasks, and wait a limited time for running ones."""
        until = time.monotonic() + patience
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            while self._running and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _start_due(self) -> float:
        """Start due tasks that have a slot; return the seconds until there is more to do."""
        now, wall = time.monotonic(), time.time()
        busy = {task.name for task in self._running}  # a removed one may still be running
        idle = (task for name, task in self._tasks.items() if name not in busy)
        waiting = sorted(((task.due_at(now, wall, self.pace), task) for task in idle), key=lambda due: due[0])
        for due_at, task in waiting:
            if due_at > now:
                return due_at - now
            place_in = self._seconds_to_place(now)
            if place_in > 0:
                return place_in
            pass_ = threading.Thread(
                target=self._work, args=(task,), name=f"pass of {task.name}", daemon=True
            )
            try:
                pass_.start()  # it waits for the lock before it ends
            except RuntimeError as error:  # no thread is left, for now
                reason = {"feed": task.name, "reason": error_line(error)}
                log.error("pass not started", extra=reason)  # noqa: TRY400  the reason says it all
                return FIRST_RETRY_SECONDS
            task.begun_at, task.first_told, task.wanted_at = now, None, None
            self._running.add(task)
        return LONGEST_SLEEP_SECONDS

    def _seconds_to_place(self, now: float) -> float:
        """Return the seconds until one more task may start, unless one ends before."""
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
        except Exception as error:  # a failed pass must not end the loop
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
