"""Prefetched bytes are correct, each is fetched once, and at most two blocks are held."""

from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.places import ahead
from exporter.places.ahead import Ahead

DATA = bytes(range(256)) * 4


@given(
    start=st.integers(0, 1000), length=st.integers(0, 1024), steps=st.lists(st.integers(1, 300), max_size=40)
)
def test_a_range_comes_once_and_in_order(start: int, length: int, steps: list[int]) -> None:
    """However it is read; nothing beyond the range is fetched."""
    fetched: list[tuple[int, int]] = []

    def submit(position: int, size: int) -> "Future[bytes]":
        fetched.append((position, size))
        future: Future[bytes] = Future()
        future.set_result(DATA[position : position + size])
        return future

    end = min(start + length, len(DATA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "BLOCK", 100)
        reader, position = Ahead(submit, start, end), start
        for step in steps:
            found = reader.read(min(step, end - position), position)
            if position >= end:
                break
            assert found is not None
            assert bytes(found) == DATA[position : position + len(found)]
            assert len(found) > 0
            position += len(found)
            assert sum(size for _, size in fetched) <= position - start + 200
    assert sum(size for _, size in fetched) <= max(0, end - start)
    assert len({place for place, _ in fetched}) == len(fetched)


def test_unannounced_ranges_are_not_prefetched() -> None:
    """Reads elsewhere make a request of their own."""
    assert Ahead(lambda *_: Future(), 10, 10).read(5, 0) is None
