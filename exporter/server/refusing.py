"""Logs refused requests, without letting their sender fill the disk."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


class Refusals:
    """Logs a refused request once a minute at most, with the number of those since the last line.

    Nothing of the request itself is logged: a damaged header may hold a password.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock()
        self._count = 0

    def note(self, client: str, status: int) -> None:
        """Count a request from the address ``client`` that was answered with ``status``."""
        self._count += 1
        now = self._clock()
        if now >= self._next:
            log.warning("requests refused", extra={"count": self._count, "client": client, "status": status})
            self._next, self._count = now + EVERY_SECONDS, 0
