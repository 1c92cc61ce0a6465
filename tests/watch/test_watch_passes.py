"""Passes over many feeds: few at a time, never two over the same feed, and slow ones do not block others."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from running import until
from watching import refuse

from exporter.watch.passes import Pace, Passes

QUICK = Pace(debounce_seconds=0.02, rescan_seconds=60)


@contextmanager
def running(passes: Passes) -> Iterator[Passes]:
    """Make passes until the block ends."""
    thread = threading.Thread(target=passes.run, daemon=True)
    thread.start()
    try:
        yield passes
    finally:
        passes.stop(5)
        thread.join(5)
        assert not thread.is_alive()


def ignore(_: BaseException) -> None:
    """Ignore a failure."""


def test_each_gets_one_pass_and_more_when_notified_or_on_request() -> None:
    """A burst causes a single pass; a task that asks for another one gets it."""
    looks: list[str] = []
    with running(Passes(QUICK)) as passes:
        passes.add("told", lambda: looks.append("told"), ignore)
        passes.add(
            "wanting",
            lambda: looks.append("wanting") or (0.05 if looks.count("wanting") < 3 else None),
            ignore,
        )
        assert until(lambda: looks.count("wanting") == 3)
        for _ in range(50):
            passes.notify("told")
        assert until(lambda: looks.count("told") == 2)
        time.sleep(0.1)
        assert looks.count("told") == 2


def test_there_is_one_pass_per_worker_and_never_two_over_the_same_feed() -> None:
    """However often they are notified."""
    lock, under_way, most = threading.Lock(), list[int](), 0

    def look_at(number: int) -> None:
        nonlocal most
        with lock:
            assert number not in under_way
            under_way.append(number)
            most = max(most, len(under_way))
        time.sleep(0.01)
        with lock:
            under_way.remove(number)

    failures: list[BaseException] = []
    with running(Passes(QUICK)) as passes:
        for number in range(8):
            passes.add(str(number), lambda number=number: look_at(number), failures.append)
        for _ in range(30):
            for number in range(8):
                passes.notify(str(number))
            time.sleep(0.01)
    assert (most, failures) == (2, [])


def test_slow_passes_give_up_their_slots() -> None:
    """If as many hang as there are workers, the next one still gets its pass."""
    hang, looked = threading.Event(), threading.Event()
    with running(Passes(QUICK, slow_seconds=0.1)) as passes:
        for name in ("a", "b"):
            passes.add(name, lambda: hang.wait(20) and None, ignore)
        passes.add("c", looked.set, ignore)
        assert looked.wait(10)
        hang.set()


def test_the_longest_due_comes_first() -> None:
    """A feed whose files never stop changing does not keep the others waiting."""
    looks: list[str] = []
    hang = threading.Event()
    with running(Passes(QUICK, workers=1)) as passes:
        passes.add("first", lambda: hang.wait(20) and None, ignore)
        for name in ("x", "y", "z"):
            passes.add(name, lambda name=name: looks.append(name), ignore)
        passes.notify("z")
        passes.notify("x")
        hang.set()
        assert until(lambda: len(looks) == 3)
    assert looks == ["x", "y", "z"]


def test_a_failing_pass_is_reported_and_retried() -> None:
    """The others continue."""
    failures: list[BaseException] = []
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("no")

    with running(Passes(QUICK)) as passes:
        passes.add("bad", look, failures.append)
        assert until(lambda: len(looks) == 2)
    assert [str(error) for error in failures] == ["no"]


def test_a_removed_task_ends_once_its_pass_is_over() -> None:
    """A new task of the same name starts only then."""
    events: list[str] = []
    begun, hang = threading.Event(), threading.Event()

    def look() -> None:
        begun.set()
        hang.wait(20)
        events.append("old")

    with running(Passes(QUICK)) as passes:
        passes.add("a", look, ignore)
        assert begun.wait(10)
        passes.remove("a", lambda: events.append("closed"))
        passes.add("a", lambda: events.append("new"), ignore)
        time.sleep(0.05)
        hang.set()
        assert until(lambda: len(events) == 3)
    assert events == ["old", "closed", "new"]


def test_nearby_rescans_are_merged_and_none_is_late() -> None:
    """Twelve slots per interval: a page over several feeds is rendered once for all passes of a slot."""
    pace = Pace(rescan_seconds=60)
    for tenths in range(3000):
        now = 12_345.6 + tenths / 10
        assert now + 55 <= pace.next_rescan(now) <= now + 60
    assert len({pace.next_rescan(100 + tenths / 10) for tenths in range(600)}) == 12


def test_a_task_without_notifications_is_rescanned() -> None:
    """At every rescan interval."""
    looks: list[float] = []
    with running(Passes(replace(QUICK, rescan_seconds=0.2))) as passes:
        passes.add("quiet", lambda: looks.append(time.monotonic()), ignore)
        assert until(lambda: len(looks) == 4)
    pauses = [after - before for before, after in itertools.pairwise(looks)]
    assert all(pause >= 0.2 * 11 / 12 - 0.02 for pause in pauses), pauses


def test_a_thread_that_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine may be out of threads for a moment; the pass that was due is still made."""
    looks: list[None] = []
    refuse(monkeypatch, "pass of one", times=2)
    monkeypatch.setattr("exporter.watch.passes.FIRST_RETRY_SECONDS", 0.05)
    with running(Passes(QUICK)) as passes:
        passes.add("one", lambda: looks.append(None), ignore)
        assert until(lambda: len(looks) == 1)
        refuse(monkeypatch, "pass of one", times=1)
        passes.notify("one")
        assert until(lambda: len(looks) == 2)
