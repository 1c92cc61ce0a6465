"""Values are told apart by their bytes, short ones as numbers, and every row keeps its own."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, chunked

from exporter.profiling.values import codes
from exporter.profiling.values.codes import code, count

SHORT = st.text("01a\u00e9\U0001f409", max_size=8)
TEXTS = st.lists(st.one_of(SHORT, st.sampled_from(ODD)), max_size=20)


def test_short_values_become_numbers_and_texts_again() -> None:
    """Of each length up to eight bytes; the longest decides how many bytes a number has."""
    for longest in range(9):
        texts = ["abcdefgh"[:length] for length in range(longest + 1)] * 2
        found, rows = count(chunked([texts[:3], texts[3:]]))
        assert dict(zip(found.array.to_pylist(), rows.tolist(), strict=True)) == Counter(texts)


@settings(max_examples=200)
@given(chunks=st.lists(st.one_of(st.lists(SHORT, max_size=20), TEXTS), max_size=3), row_by_row=st.booleans())
def test_values_are_counted_as_they_are(chunks: list[list[str]], row_by_row: bool) -> None:  # noqa: FBT001
    """A zero byte at an end is part of a value, not of what fills it up."""
    texts = [text for chunk in chunks for text in chunk]
    with bounds(row_by_row=row_by_row):
        found, rows = count(chunked(chunks))
        coded = code(chunked(chunks))
    for values, times in ((found, rows), (coded.strings, coded.counts)):
        counted: Counter[str] = Counter()
        for text, number in zip(values.array.to_pylist(), times.tolist(), strict=True):
            counted[text] += number
        assert counted == Counter(texts)
    lengths = [len(text.encode()) for text in texts]
    assert coded.spread(coded.strings.lengths).tolist() == lengths


@pytest.mark.parametrize("length", [3, 8, 9])
def test_values_of_many_rows_keep_their_rows(length: int) -> None:
    """Whether they are numbers or not."""
    texts = [f"{number % 700:0{length}}" for number in range(2 * codes.SAMPLE)]
    coded = code(chunked([texts]))
    assert coded.codes is not None
    assert coded.strings.array.take(coded.codes.tolist()).to_pylist() == texts
    assert coded.counts.sum() == len(texts)
