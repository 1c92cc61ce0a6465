"""Keys that occur again are counted, in any cut and over any columns."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, chunked

from exporter.profiling import keys
from exporter.profiling.keys import KeyState, tally_keys
from exporter.profiling.missing import NO_VALUE, is_missing

PART = st.one_of(st.sampled_from([*ODD, "1", "12", "2"]), st.text("12 ", max_size=3))


def tally(rows: Sequence[Sequence[str]], width: int) -> KeyState:
    """Tally the keys of rows."""
    return tally_keys([chunked([[row[place] for row in rows]]) for place in range(width)], NO_VALUE)


def expected(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows whose whole key was there before."""
    whole = [tuple(part.strip() for part in row) for row in rows if not any(map(is_missing, row))]
    return len(whole) - len({*whole})


@settings(max_examples=200)
@given(data=st.data(), width=st.integers(1, 3))
def test_duplicates_do_not_depend_on_the_cut(data: st.DataObject, width: int) -> None:
    """A row that lacks a part of its key is no duplicate, and ``1|12`` is another key than ``11|2``."""
    row = st.lists(PART, min_size=width, max_size=width)
    parts = data.draw(st.lists(st.lists(row, max_size=12), max_size=6))
    states = [tally(part, width) for part in parts]
    rows = [row for part in parts for row in part]
    one_by_one = KeyState()
    for state in states:
        one_by_one = state.merge(one_by_one)
    assert one_by_one.duplicates() == KeyState().merge(*reversed(states)).duplicates() == expected(rows)


@pytest.mark.parametrize("bound", [99, 100])
def test_too_many_keys_cannot_be_told_apart(bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However they come, and however often each of them does."""
    monkeypatch.setattr(keys, "BOUND", bound)
    rows = [[f"order-{number % 100}"] for number in range(250)]
    states = [tally(rows[start : start + 10], 1) for start in range(0, 250, 10)]
    random.Random(1).shuffle(states)
    found = [tally(rows, 1), KeyState().merge(*states), KeyState()]
    for state in states:
        found[2] = found[2].merge(state)
    monkeypatch.setattr(keys, "TOGETHER", 20)
    found.append(KeyState().merge(*states))
    assert [state.duplicates() for state in found] == [150 if bound == 100 else None] * 4
    assert found[0].merge(KeyState()).duplicates() == found[0].duplicates()


def test_runs_stay_few() -> None:
    """However many parts there are, a hash is merged a few times only."""
    state = KeyState()
    for part in range(200):
        state = state.merge(tally([[f"{part}-{number}"] for number in range(5)], 1))
    assert state.duplicates() == 0
    assert len(state.runs or ()) <= 9


def test_similar_keys_have_different_hashes() -> None:
    """Numbers, dates and padded texts by the hundred thousand collide nowhere."""
    texts = [f"{number:016d}" for number in range(0, 10**8, 997)]
    texts += [f"2025-{number % 12:02d}-{number % 28:02d}T{number:08d}Z" for number in range(100_000)]
    texts += [f"{number}" for number in range(100_000)]
    texts += ["a" * number for number in range(1, 600)]
    assert tally([[text] for text in texts], 1).duplicates() == 0
    assert tally([[text[:5], text[5:] or "-"] for text in texts], 2).duplicates() == 0


def test_no_columns_are_no_key() -> None:
    """Then nothing repeats."""
    assert tally_keys([], NO_VALUE).duplicates() == 0
