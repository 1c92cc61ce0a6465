"""Tallies add up like numbers do."""

from collections import Counter
from datetime import date

import pytest
from feeds import RAW
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of

from exporter.profiling import names
from exporter.profiling.constants import NOTHING, Constant, Values
from exporter.profiling.exact import exact
from exporter.profiling.names import Names
from exporter.profiling.order_tally import OrderTally
from exporter.profiling.splits import SplitKey, SplitState
from exporter.profiling.tally import Part, Tally

DAY = day_of(date(2025, 3, 30))
COUNTS = st.integers(0, 5)
NAMES = st.builds(Names.bounded, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 5)), COUNTS)
INSTANTS = st.one_of(st.none(), st.integers(-(10**20), 10**20))
ORDERS = st.builds(
    OrderTally,
    events=NAMES,
    checkouts=COUNTS,
    with_transaction_id=COUNTS,
    transaction_ids=st.frozensets(st.sampled_from([b"a", b"b", b"c"])),
    revenue=st.floats(allow_nan=False, allow_infinity=False).map(exact),
    malformed_orders=COUNTS,
    revenue_shapes=NAMES,
    data_shapes=NAMES,
    worths=NAMES,
)
TALLIES = st.builds(
    Tally,
    rows=COUNTS,
    malformed_rows=COUNTS,
    missing=st.dictionaries(st.sampled_from("ab"), st.integers(1, 5)),
    untimed=COUNTS,
    out_of_day_rows=COUNTS,
    first_event_ns=INSTANTS,
    last_event_ns=INSTANTS,
    minutes=st.integers(0, 2**1440 - 1),
    hours=st.just(()) | st.lists(st.integers(0, 10**9), min_size=24, max_size=24).map(tuple),
    reasons=NAMES,
    timestamp_shapes=NAMES,
    invalid_utf8_lines=COUNTS,
    packs=st.dictionaries(st.just("web-orders"), ORDERS),
    splits=st.dictionaries(
        st.sampled_from([SplitKey("a", "b", "url"), SplitKey("a", "c", "url")]), st.builds(SplitState, NAMES)
    ),
    malformed_fields=NAMES,
    repeated_headers=COUNTS,
    empty_rows=COUNTS,
    odd_records=st.dictionaries(st.sampled_from("ab"), st.integers(1, 5)),
    odd_bytes=st.dictionaries(st.sampled_from("ab"), st.integers(1, 5)),
    placeholders=st.dictionaries(st.sampled_from("ab"), NAMES),
    constants=st.dictionaries(
        st.sampled_from("ab"), st.builds(Constant, COUNTS, st.sampled_from([b"x", b"y", None]))
    ),
    unread=st.dictionaries(
        st.sampled_from("ab"),
        st.just(NOTHING) | st.builds(Values, st.integers(1, 9), st.sampled_from([b"x", b"y", None])),
    ),
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
    assert tally.seal((), RAW, DAY).longest_silence_seconds == seconds


def test_a_file_without_good_rows_has_no_silence() -> None:
    """Where nothing could be heard, silence says nothing."""
    assert Tally(rows=3, malformed_rows=3).seal((), RAW, DAY).longest_silence_seconds is None
