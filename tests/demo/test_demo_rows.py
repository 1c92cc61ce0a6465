"""A healthy day looks like a shop's, and its ratios keep within what a healthy pipeline's do."""

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from exporter.demo.rows import CART, CHECKOUT_STARTED, EMAIL, ORDER, PAGE_VIEWED, Recipe, Row, healthy_rows

DAY = date(2025, 3, 5)
SYNTHETIC = re.compile(r"https://source-[0-9a-f]{8}\.com/")
MONDAY = date(2025, 3, 3)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Provide a healthy day of the usual size."""
    return healthy_rows(DAY, Recipe())


def orders(rows: list[Row]) -> list[dict[str, object]]:
    """Return the orders of a day."""
    return [json.loads(row.event_data) for row in rows if row.event_name == ORDER]


def test_the_event_names_keep_their_shares(rows: list[Row]) -> None:
    """Nine rows of ten are page views, and a day has about forty orders."""
    counts = Counter(row.event_name for row in rows)
    assert set(counts) == {PAGE_VIEWED, CART, CHECKOUT_STARTED, EMAIL, ORDER}
    assert 0.89 < counts[PAGE_VIEWED] / len(rows) < 0.94
    assert 35 <= counts[ORDER] <= 45


def test_few_client_ids_are_missing(rows: list[Row]) -> None:
    """About one client id in a hundred is missing, and only on page views."""
    without = [row for row in rows if not row.client_id]
    assert 0.008 < len(without) / len(rows) < 0.011
    assert {row.event_name for row in without} == {PAGE_VIEWED}


def test_some_visitors_come_back(rows: list[Row]) -> None:
    """A client id names one browser, and a good part of the rows are of known visitors."""
    browsers = {(row.client_id, row.user_agent) for row in rows if row.client_id}
    visitors = {row.client_id for row in rows if row.client_id}
    assert len(browsers) == len(visitors)
    assert 0.6 < len(visitors) / len(rows) < 0.8


def test_most_referrers_are_empty_and_some_synthetic(rows: list[Row]) -> None:
    """Seven referrers of ten are empty, one in twelve is an anonymised host."""
    synthetic = [row for row in rows if SYNTHETIC.fullmatch(row.referrer)]
    assert 0.67 < sum(not row.referrer for row in rows) / len(rows) < 0.73
    assert 0.08 < len(synthetic) / len(rows) < 0.09
    assert sum("source-" in row.referrer for row in rows) == len(synthetic)


def test_times_rise_within_the_day(rows: list[Row]) -> None:
    """Timestamps are RFC 3339 in UTC, in order, and of the day."""
    times = [datetime.fromisoformat(row.timestamp) for row in rows]
    assert times == sorted(times)
    assert {(time.date(), time.tzinfo) for time in times} == {(DAY, UTC)}
    assert all(re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\.[0-9]{3}Z", row.timestamp) for row in rows)


def test_the_night_is_thin(rows: list[Row]) -> None:
    """The busiest hour has more than twice the events of the thinnest."""
    hours = Counter(row.timestamp[11:13] for row in rows)
    assert len(hours) == 24
    assert max(hours.values()) > 2 * min(hours.values())


def test_orders_are_sound(rows: list[Row]) -> None:
    """Every order has its own id, a revenue above 0 and priced items; names bear quotes within."""
    known = orders(rows)
    assert len({order["transaction_id"] for order in known}) == len(known)
    for order in known:
        revenue, items = order["revenue"], order["items"]
        assert isinstance(revenue, int | float)
        assert isinstance(items, list)
        total = sum(item["item_price"] for item in items)
        assert revenue == total or revenue == pytest.approx(total * 0.9)
        assert all(item["item_id"] for item in items)
        assert re.fullmatch(r"[0-9a-f]{64}", str(order["user_email"]))
    assert any('\\"' in json.dumps(order) for order in known)


def test_order_values_are_those_of_a_furniture_shop(rows: list[Row]) -> None:
    """Half of the orders cost between 500 and 1,200 or less, the dearest several thousand."""
    values = sorted(float(str(order["revenue"])) for order in orders(rows))
    assert 500 < values[len(values) // 2] < 1200
    assert values[0] < 200
    assert 2500 < values[-1] < 8000


def test_event_data_is_json_or_empty(rows: list[Row]) -> None:
    """A third of the carts and started checkouts lack event data; the rest is a JSON object."""
    data = [row.event_data for row in rows if row.event_name in (CART, CHECKOUT_STARTED)]
    assert 0.3 < data.count("") / len(data) < 0.4
    assert all(isinstance(json.loads(text), dict) for text in data if text)
    assert not any(row.event_data for row in rows if row.event_name == PAGE_VIEWED)


def test_user_agents_bear_commas(rows: list[Row]) -> None:
    """Most user agents hold a comma, so that a CSV must quote them."""
    assert 0.9 < sum("," in row.user_agent for row in rows) / len(rows) < 1


def test_pages_take_parameters(rows: list[Row]) -> None:
    """About half of the pages were reached through links with hashed parameters."""
    views = [row.page_url for row in rows if row.event_name == PAGE_VIEWED]
    linked = [url for url in views if "?" in url]
    assert 0.45 < len(linked) / len(views) < 0.58
    assert all(re.fullmatch(r"[^?]+\?utm_source=[0-9A-F]{6}(&[a-z_]+=[0-9A-F]{6})+", url) for url in linked)


def test_weekdays_differ_moderately() -> None:
    """Over a week the mean is the recipe's, and no day is more than 8% off it."""
    counts = [len(healthy_rows(MONDAY + timedelta(days=ahead), Recipe(rows=1000))) for ahead in range(7)]
    assert sum(counts) / 7 == pytest.approx(1000, rel=0.015)
    assert all(920 <= count <= 1080 for count in counts)
    assert max(counts) - min(counts) > 50


@pytest.mark.parametrize("size", [25, 40, 100, 600])
def test_small_days_keep_the_ratios(size: int) -> None:
    """A day of a few dozen rows has orders, and no ratio above its limit by rounding."""
    for ahead in range(14):
        rows = healthy_rows(DAY + timedelta(days=ahead), Recipe(rows=size))
        assert abs(len(rows) / size - 1) < 0.1
        assert len(orders(rows)) >= 3
        assert sum(not row.client_id for row in rows) <= 0.011 * len(rows)
        lacking = [row for row in rows if row.event_name in (CART, CHECKOUT_STARTED) and not row.event_data]
        assert len(lacking) / len(rows) < 0.045


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_day_of_hardly_any_rows_is_possible(size: int) -> None:
    """The smallest recipes give as many rows as they say."""
    assert len(healthy_rows(DAY, Recipe(rows=size))) == size


def test_a_recipe_sets_the_shares() -> None:
    """What the recipe says of missing ids, referrers and orders is what comes out."""
    recipe = Recipe(
        rows=1000, missing_id_share=0, null_referrer_share=1, order_share=0.05, empty_data_share=0
    )
    rows = healthy_rows(DAY, recipe)
    assert all(row.client_id and not row.referrer for row in rows)
    assert len(orders(rows)) == pytest.approx(0.05 * len(rows), rel=0.05)
    assert all(row.event_data for row in rows if row.event_name == CART)
