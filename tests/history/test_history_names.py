"""Which events are gone, which are new, and whether orders have stopped."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from made import profile

from exporter.history.names import compare_events
from exporter.model import EventChanges, Profile

KNOWN = ("page_viewed", "checkout_completed")


def day(orders: int = 24, **events: int) -> Profile:
    """Return a raw profile with page views and these events."""
    return profile(
        events={"page_viewed": 900, **({"checkout_completed": orders} if orders else {}), **events},
        checkouts=orders,
    )


def changes(today: Profile, *before: Profile, known: tuple[str, ...] = KNOWN) -> EventChanges:
    """Compare a day with those before it."""
    return compare_events(today, before, known) or EventChanges()


def test_a_renamed_event_is_gone_and_new_by_name() -> None:
    """With the usual count of one and the actual count of the other."""
    found = changes(day(orders=0, purchase=24), *[day()] * 3)
    assert found.lost_orders == 24
    assert found.appeared == {"purchase": 24}
    assert found.vanished == {}  # the checkout event is reported once


def test_any_other_event_vanishes_by_name() -> None:
    """The total hardly moves and does not show it."""
    found = changes(
        day(), *[day(product_added_to_cart=60), day(product_added_to_cart=40), day(product_added_to_cart=50)]
    )
    assert found == EventChanges(vanished={"product_added_to_cart": 50.0})


@pytest.mark.parametrize(
    "before",
    [
        [],
        [day(newsletter=60)] * 2,
        [day(newsletter=60), day(newsletter=60), day()],
        [day(newsletter=6), day(newsletter=6), day(newsletter=6)],
    ],
    ids=["no history", "two days", "not every day", "few rows"],
)
def test_what_may_well_be_absent_has_not_vanished(before: list[Profile]) -> None:
    """A weekend without an event of weekdays, a rare event, a short history."""
    assert changes(day(), *before).vanished == {}


@pytest.mark.parametrize(
    ("usual", "days", "lost"),
    [(24, 2, True), (4, 2, True), (3, 5, True), (3, 3, False), (24, 1, False), (1, 14, False)],
)
def test_orders_have_stopped_if_a_day_without_any_is_no_chance(usual: int, days: int, lost: bool) -> None:  # noqa: FBT001  parametrized
    """Four a day for two days, or three a day for five; for a smaller shop nothing can be said."""
    found = changes(day(orders=0), *[day(orders=usual)] * days)
    assert (found.lost_orders == usual) is lost


def test_one_day_without_orders_among_the_last_is_enough_to_keep_quiet() -> None:
    """It has happened before."""
    assert changes(day(orders=0), day(), day(orders=0), day()).lost_orders is None


@pytest.mark.parametrize(
    ("events", "before", "appeared"),
    [
        ({"purchase": 4}, [], {"purchase": 4}),
        ({"purchase": 2}, [], {}),
        ({"purchase": 2}, [day(orders=2), day(orders=3)], {"purchase": 2}),
        ({"purchase": 2}, [day(orders=2), day(orders=1)], {}),
        ({"purchase": 1}, [day(orders=2), day(orders=3)], {}),
        ({"page_1": 1, "page_2": 1, "page_3": 1}, [], {"page_1": 1, "page_2": 1, "page_3": 1}),
        ({"purchase": 4}, [day(purchase=1)], {}),
        ({"page_viewed": 4}, [], {}),
    ],
)
def test_a_name_is_new_where_nobody_knows_it(
    events: Mapping[str, int], before: list[Profile], appeared: dict[str, int]
) -> None:
    """On the very first day too; a name that occurred before, however rarely, is not new.

    A few rows are reported if orders are at a low, or if many names have a few rows each.
    """
    today: dict[str, Any] = {"events": {"page_viewed": 900, **events}, "checkouts": 1}
    assert changes(profile(**today), *before).appeared == appeared


@pytest.mark.parametrize(
    "spoiled",
    [
        {"malformed_rows": 501},
        {"missing": {"client_id": 0, "timestamp": 0, "event_name": 1000}},
        {"rows": 0},
    ],
)
def test_a_day_that_cannot_be_read_says_nothing_of_names(spoiled: dict[str, Any]) -> None:
    """Neither as the day nor among those before it."""
    bad = profile(**({"events": {}, "checkouts": 0} | spoiled))
    assert compare_events(bad, [day()] * 5, KNOWN) is None
    assert changes(day(orders=0), bad, bad, day()).lost_orders is None


def test_healthy_shops_are_left_alone() -> None:
    """A thousand simulated days each with Poisson orders: the cost is at three orders a day, and is 3%."""
    random = Random(7)
    for usual, most in ((1, 0), (2, 9), (3, 35), (4, 20), (8, 3), (30, 0)):
        counts = [poisson(random, usual) for _ in range(1000)]
        days = [day(orders=count) for count in counts]
        alarms = sum(
            changes(days[place], *days[place - 14 : place]).lost_orders is not None
            for place in range(14, 1000)
        )
        assert alarms <= most, usual


def poisson(random: Random, mean: float) -> int:
    """Draw a count: arrivals within one unit of time."""
    time, count = random.expovariate(mean), 0
    while time < 1:
        time, count = time + random.expovariate(mean), count + 1
    return count
