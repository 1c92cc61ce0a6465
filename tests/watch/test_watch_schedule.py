"""When the wait ends, with a clock of our own and real threads."""

import threading
import time

import pytest

from exporter.watch.schedule import Reason, Schedule

SOON = 4.0  # well before the rescan that would end any wait, with room for a busy machine


def schedule(**changes: float) -> Schedule:
    """Return a schedule with short intervals."""
    return Schedule(**{"debounce_seconds": 0.05, "rescan_seconds": 5.0, "most_seconds": 0.3, **changes})


def later(seconds: float, call) -> None:  # noqa: ANN001
    """Call from another thread after a delay."""
    threading.Timer(seconds, call).start()


def test_a_notification_ends_the_wait() -> None:
    """Shortly after the burst is over."""
    waiting = schedule()
    later(0.1, waiting.notify)
    begun = time.monotonic()
    assert waiting.wait(threading.Event()) is Reason.EVENTS
    assert 0.14 < time.monotonic() - begun < SOON


def test_a_notification_before_the_wait_is_not_lost() -> None:
    """Events during a pass cause another one."""
    waiting = schedule()
    waiting.notify()
    assert waiting.wait(threading.Event()) is Reason.EVENTS


def test_a_burst_ends_only_one_wait() -> None:
    """A thousand notifications end one wait, and the next wait lasts."""
    waiting = schedule(rescan_seconds=0.4)
    for _ in range(1000):
        waiting.notify()
    assert waiting.wait(threading.Event()) is Reason.EVENTS
    assert waiting.wait(threading.Event()) is Reason.RESCAN


def test_a_steady_stream_does_not_starve_the_pass() -> None:
    """It is cut off after a while."""
    waiting = schedule()
    over = threading.Event()

    def stream() -> None:
        while not over.wait(0.01):
            waiting.notify()

    thread = threading.Thread(target=stream)
    thread.start()
    begun = time.monotonic()
    reason = waiting.wait(threading.Event())
    taken = time.monotonic() - begun
    over.set()
    thread.join()
    assert reason is Reason.EVENTS
    assert 0.25 < taken < SOON


def test_a_wanted_time_ends_the_wait_without_any_event() -> None:
    """A missing file causes no event."""
    begun = time.monotonic()
    assert schedule().wait(threading.Event(), wanted_in=0.2) is Reason.WANTED
    assert 0.19 < time.monotonic() - begun < SOON


def test_without_any_other_reason_it_rescans() -> None:
    """It catches what no event reported."""
    assert schedule(rescan_seconds=0.1).wait(threading.Event(), wanted_in=60) is Reason.RESCAN


def test_stopping_ends_the_wait_at_once() -> None:
    """Together with the notification that accompanies it."""
    waiting, stop = schedule(), threading.Event()

    def end() -> None:
        stop.set()
        waiting.notify()

    later(0.05, end)
    begun = time.monotonic()
    assert waiting.wait(stop) is Reason.STOP
    assert time.monotonic() - begun < SOON


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_jump_of_the_wall_clock_neither_wedges_nor_spins(jump: float) -> None:
    """Backward, the monotonic clock still ends the wait; forward, a due time comes earlier."""
    jumped = 0.0
    waiting = schedule_with(lambda: time.time() + jumped)
    begun = time.monotonic()

    def leap() -> None:
        nonlocal jumped
        jumped = jump
        waiting.notify()

    later(0.05, leap)
    assert waiting.wait(threading.Event(), wanted_in=0.4) in {Reason.EVENTS, Reason.WANTED}
    assert waiting.wait(threading.Event(), wanted_in=0.2) is Reason.WANTED
    assert 0.2 < time.monotonic() - begun < SOON


def schedule_with(wall) -> Schedule:  # noqa: ANN001
    """Return a schedule with a different wall clock."""
    return Schedule(0.05, 5.0, most_seconds=0.3, wall=wall)
