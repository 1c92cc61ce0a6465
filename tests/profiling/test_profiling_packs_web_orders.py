"""The pack of web orders: exact sums, ids over every cut, and nothing if it is not switched on."""

import random
import sys
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from feeds import PLAIN_RAW, orders
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of
from test_profiling_run import find, rows, write

from exporter.profiling.exact import exact
from exporter.profiling.order_tally import Defect, OrderTally, orders_of, tally_of
from exporter.profiling.orders import read_order
from exporter.profiling.run import profile_file

DAY = day_of(date(2025, 3, 30))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)))
def test_revenue_is_the_exact_sum_rounded_once(values: list[float]) -> None:
    """No order of adding gives anything but the double nearest to the true sum."""
    total = OrderTally().merge(*(OrderTally(revenue=exact(value)) for value in values))
    assert total.seal().revenue == float(sum(map(Fraction, values)))


@pytest.mark.parametrize("sign", [1, -1])
def test_revenue_beyond_the_largest_double_stays_finite(sign: int) -> None:
    """A sum that no double can hold saturates."""
    largest = sign * sys.float_info.max
    assert OrderTally(revenue=3 * exact(largest)).seal().revenue == largest


def test_an_id_used_in_two_parts_is_a_duplicate_of_the_whole() -> None:
    """Duplicates are rows with an id less distinct ids, across every cut."""
    cells = [f'{{"transaction_id": "{number}"}}' for number in (1, 2, 1, 3, 1)]
    random.Random(1).shuffle(cells)
    orders = [read_order(cell) for cell in cells]
    parts = OrderTally().merge(*(tally_of([order]) for order in orders))
    assert parts == tally_of(orders)
    assert parts.seal().defects[Defect.DUPLICATE_TRANSACTION_ID] == 2


def test_a_table_without_the_pack_has_no_orders(tmp_path: Path) -> None:
    """What is particular to a shop is looked for where its contract asks for it, and nowhere else."""
    path = write(tmp_path, rows(10))
    assert orders(profile_file(find(path), DAY, table=PLAIN_RAW)).events == {"page_viewed": 10}
    found = profile_file(find(path), DAY, table=replace(PLAIN_RAW, packs=()))
    assert orders_of(found) is None
    assert (found.rows, found.missing) == (10, {"client_id": 0, "timestamp": 0, "event_name": 0})
