"""Memory that is free goes back to the system, though not at every pass."""

import subprocess
import sys

import pytest

from exporter.service.memory import LEAST_SECONDS, MEMORY, Memory

# Of many small blocks of a thread's arena nearly all are freed, but glibc keeps what lies between the others.
FRAGMENTS = """
import ctypes, threading
import psutil
from exporter.service.memory import Memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
used = lambda: psutil.Process().memory_info().rss
size, count = 8192, 8000

def fragment():
    blocks = [libc.malloc(size) for _ in range(count)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for place, block in enumerate(blocks):
        if place % 20:
            libc.free(block)

thread = threading.Thread(target=fragment)
before = used()
thread.start()
thread.join()
kept = used() - before
Memory().give_back()
print(kept, used() - before)
"""


@pytest.mark.skipif(MEMORY.trim is None, reason="the C library is not glibc")
def test_what_lies_free_between_blocks_goes_back() -> None:
    """Nine tenths of 65 MB; without that the process would keep nearly all of it."""
    done = subprocess.run([sys.executable, "-c", FRAGMENTS], capture_output=True, text=True, check=True)
    kept, left = map(int, done.stdout.split())
    assert kept > 50e6
    assert left < 0.5 * kept


def test_it_is_given_back_once_a_minute() -> None:
    """However many feeds make passes."""
    calls: list[int] = []
    now = 1000.0

    def trim(padding: int) -> int:
        calls.append(padding)
        return 1

    memory = Memory(trim, lambda: now)
    memory.give_back()
    memory.give_back()
    assert calls == [0]
    now += LEAST_SECONDS
    memory.give_back()
    assert calls == [0, 0]


def test_another_c_library_has_nothing_to_give_back() -> None:
    """Such as that of Alpine or of macOS: nothing happens."""
    asked: list[float] = []

    def clock() -> float:
        asked.append(1.0)
        return 1.0

    Memory(None, clock).give_back()
    assert asked == []
