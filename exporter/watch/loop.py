"""Watch, wait, make a pass; forever, whatever errors a pass raises."""

import logging
import threading
from collections.abc import Callable

from exporter.watch.observer import Watch
from exporter.watch.schedule import Schedule

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 1.0


def run(
    watch: Watch,
    schedule: Schedule,
    refresh: Callable[[], float | None],
    stop: threading.Event,
    *,
    on_error: Callable[[BaseException], None],
) -> None:
    """Call ``refresh`` at once and then whenever there is a reason, until ``stop`` is set.

    ``refresh`` returns the seconds until it wants to be called again, or ``None``. Errors go to
    ``on_error`` and it is retried with increasing delays, up to once per rescan.
    """
    retry = FIRST_RETRY_SECONDS
    try:
        while not stop.is_set():
            try:
                watch.attend()  # before the pass: later arrivals raise an event
                wanted = refresh()
                retry = FIRST_RETRY_SECONDS
            except Exception as error:  # a failed pass must not end the loop
                log.error("pass failed", extra={"reason": error_line(error)})  # noqa: TRY400  traceback only at debug
                log.debug("pass failed", exc_info=True)
                on_error(error)
                wanted, retry = retry, min(2 * retry, schedule.rescan_seconds)
            schedule.wait(stop, wanted)
    finally:
        watch.stop()


def error_line(error: BaseException) -> str:
    """Return an error as one line of the log."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
