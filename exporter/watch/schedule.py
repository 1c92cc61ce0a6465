"""When to make a pass: after a burst of file events, at a requested time, and at regular intervals."""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

LONGEST_SLEEP_SECONDS = 60.0  # after which the wall clock is read again: it may have jumped


class Reason(StrEnum):
    """Why the wait ended."""

    EVENTS = "events"
    WANTED = "wanted"
    RESCAN = "rescan"
    STOP = "stop"


class Schedule:
    """The only place that waits. Any thread may notify, one thread waits.

    A burst of notifications is over once ``debounce_seconds`` pass without one; a stream that never pauses is
    cut off after ``most_seconds``. A wait ends after ``rescan_seconds`` at the latest, in case no event
    reported a change.
    """

    def __init__(
        self,
        debounce_seconds: float,
        rescan_seconds: float,
        *,
        most_seconds: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.debounce_seconds = debounce_seconds
        self.rescan_seconds = rescan_seconds
        self.most_seconds = max(most_seconds, debounce_seconds)
        self._monotonic = monotonic
        self._wall = wall
        self._notified = threading.Event()

    def notify(self) -> None:
        """Request a pass soon. Cheap: called for every file event."""
        self._notified.set()

    def wait(self, stop: threading.Event, wanted_in: float | None = None) -> Reason:
        """Wait for a reason to make a pass. ``wanted_in``: seconds until one is wanted anyway."""
        rescan_at = self._monotonic() + self.rescan_seconds
        wanted_at = None if wanted_in is None else self._monotonic() + wanted_in
        # A due time is a wall-clock time: after a jump forward, or a suspended night, it is due earlier.
        wanted_wall = None if wanted_in is None else self._wall() + wanted_in
        while not stop.is_set():
            now = self._monotonic()
            if wanted_at is not None and wanted_wall is not None:
                if now >= wanted_at or self._wall() >= wanted_wall:
                    return Reason.WANTED
                left = min(wanted_at - now, wanted_wall - self._wall(), rescan_at - now)
            else:
                left = rescan_at - now
            if now >= rescan_at:
                return Reason.RESCAN
            if self._notified.wait(min(max(left, 0.0), LONGEST_SLEEP_SECONDS)):
                self._settle(stop)
                return Reason.STOP if stop.is_set() else Reason.EVENTS
        return Reason.STOP

    def _settle(self, stop: threading.Event) -> None:
        begun = self._monotonic()
        while not stop.is_set() and self._monotonic() - begun < self.most_seconds:
            self._notified.clear()
            if not self._notified.wait(self.debounce_seconds):
                break
        self._notified.clear()
