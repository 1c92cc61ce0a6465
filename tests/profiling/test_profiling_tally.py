"""Tallies add up like numbers do."""

import random
import sys
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import day_of

from exporter.model import Defect
from exporter.profiling import names
from exporter.profiling.names import Names
from exporter.profiling.orders import tally_orders
from exporter.profiling.tally import Part, Tally, exact

DAY = day_of(date(2025, 3, 30))
COUNTS = st.integers(0, 5)
NAMES = st.builds(Names.bounded, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 5)), COUNTS)
INSTANTS = st.one_of(st.none(), st.integers(-(10**20), 10**20))
TALLIES = st.builds(
    Tally,
    rows=COUNTS,
    malformed_rows=COUNTS,
    missing_client_id=COUNTS,
    events=NAMES,
    checkouts=COUNTS,
    with_transaction_id=COUNTS,
    transaction_ids=st.frozensets(st.sampled_from([b"a", b"b", b"c"])),
    revenue=st.floats(allow_nan=False, allow_infinity=False).map(exact),
    out_of_day_rows=COUNTS,
    first_event_ns=INSTANTS,
    last_event_ns=INSTANTS,
    minutes=st.integers(0, 2**1440 - 1),
    reasons=NAMES,
    timestamp_shapes=NAMES,
    invalid_utf8_lines=COUNTS,
    malformed_orders=COUNTS,
    malformed_fields=NAMES,
    repeated_headers=COUNTS,
    parts=st.dictionaries(COUNTS, st.just(Part(1, b"x", 2, (1,))), max_size=2),
)


@given(one=TALLIES, two=TALLIES, three=TALLIES)
def test_merging_is_associative_and_order_free(one: Tally, two: Tally, three: Tally) -> None:
    """Parts can be put together in any grouping and any order, two or many at a time."""
    assert one.merge(two).merge(three) == one.merge(two.merge(three)) == three.merge(one, two)
    assert one.merge(two) == two.merge(one)


@given(one=TALLIES)
def test_the_tally_of_nothing_changes_nothing(one: Tally) -> None:
    """``Tally()`` is the identity of merging."""
    assert one.merge(Tally()) == Tally().merge(one) == one.merge() == one


@settings(deadline=None)
@given(
    parts=st.lists(st.dictionaries(st.integers(0, 12).map(str), st.integers(1, 9)), min_size=1),
    bound=st.integers(1, 6),
)
def test_names_beyond_the_bound_are_the_same_however_parts_are_merged(
    parts: list[dict[str, int]], bound: int
) -> None:
    """The smallest names keep their whole counts, and the rest add up, in any order of merging."""
    before, names.BOUND = names.BOUND, bound
    try:
        whole: Counter[str] = Counter()
        for part in parts:
            whole.update(part)
        step = Names()
        for part in parts:
            step = Names.merge([Names.bounded(part), step])
        assert step == Names.merge(map(Names.bounded, reversed(parts))) == Names.bounded(whole)
        assert list(sorted(whole)[:bound]) == sorted(step.counts)
        assert sum(step.counts.values()) + step.overflow == sum(whole.values())
    finally:
        names.BOUND = before


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)))
def test_revenue_is_the_exact_sum_rounded_once(values: list[float]) -> None:
    """No order of adding gives anything but the double nearest to the true sum."""
    total = Tally().merge(*(Tally(revenue=exact(value)) for value in values))
    assert total.seal((), DAY).revenue == float(sum(map(Fraction, values)))


@pytest.mark.parametrize("sign", [1, -1])
def test_revenue_beyond_the_largest_double_stays_finite(sign: int) -> None:
    """A sum that no double can hold saturates."""
    largest = sign * sys.float_info.max
    assert Tally(revenue=3 * exact(largest)).seal((), DAY).revenue == largest


@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [
        ([], 86_400),
        ([0], 86_340),
        ([1439], 86_340),
        ([720], 43_200),
        (range(1440), 0),
        (range(0, 1440, 7), 360),
    ],
)
def test_silence_is_the_longest_run_of_minutes_without_an_event(minutes: list[int], seconds: int) -> None:
    """Runs at either end of the day count like those within it."""
    tally = Tally(rows=1, minutes=sum(1 << minute for minute in minutes))
    assert tally.seal((), DAY).longest_silence_seconds == seconds


def test_a_file_without_good_rows_has_no_silence() -> None:
    """Where nothing could be heard, silence says nothing."""
    assert Tally(rows=3, malformed_rows=3).seal((), DAY).longest_silence_seconds is None


def test_an_id_used_in_two_parts_is_a_duplicate_of_the_whole() -> None:
    """Duplicates are rows with an id less distinct ids, across every cut."""
    cells = [f'{{"transaction_id": "{number}"}}' for number in (1, 2, 1, 3, 1)]
    random.Random(1).shuffle(cells)
    parts = Tally().merge(*(tally_orders([cell]) for cell in cells))
    assert parts == tally_orders(cells)
    assert parts.seal((), DAY).defects[Defect.DUPLICATE_TRANSACTION_ID] == 2
