"""The noise of counting: small counts vary by chance, unless their own past shows that they do not."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import SHARE, VOLUME

from exporter.history.counting import factors, is_chance, standard_error
from exporter.history.detection import Readiness
from exporter.history.trend import PartitionTrends, Trend
from exporter.history.verdict import Verdict, decide
from exporter.history.window import Day, compute_trends

FIRST = date(2025, 1, 6)
ORDERS = Trend(
    "checkouts", "puffy_partition_checkouts", ("raw",), VOLUME, ("puffy_partition_checkouts", ("raw",))
)
REVENUE = Trend(
    "revenue", "puffy_partition_revenue", ("raw",), VOLUME, ("puffy_partition_checkouts", ("raw",))
)
SUNDAYS = (11, 9, 10, 12, 6, 10, 10, 5)  # orders of the Sundays before


def shop(today: float, *, quiet: bool = True, worth: float = 1000.0, days: int = 56) -> PartitionTrends:
    """Return the trends of a Sunday after weeks of 20 orders a day, fewer on Sundays unless not ``quiet``."""
    counts = [
        float(SUNDAYS[number // 7]) if quiet and number % 7 == 6 else 20.0 + number % 2
        for number in range(56 - days, 55)
    ]
    history = {
        FIRST + timedelta(days=number): Day(
            {
                "puffy_partition_checkouts": {("raw",): orders},
                "puffy_partition_revenue": {("raw",): worth * orders},
                "puffy_partition_rows": {("raw",): 100 * orders},
            }
        )
        for number, orders in enumerate([*counts, today])
    }
    last = max(history)
    return compute_trends(history, [ORDERS, REVENUE], [last])[last]


def verdict(found: PartitionTrends, trend: Trend) -> Verdict | None:
    """Judge the day."""
    assert found.trends is not None
    return decide(found.trends[trend.name], (found.detections or {}).get(trend.name), trend.band)


@pytest.mark.parametrize("trend", [ORDERS, REVENUE], ids=["orders", "revenue"])
def test_few_orders_on_a_quiet_weekday_are_chance_and_hardly_any_are_not(trend: Trend) -> None:
    """Its own Sundays count, not only the steadier days; nor does the worth of an order matter."""
    assert (shop(8).detections or {})[trend.name].readiness is Readiness.ARMED
    assert [orders for orders in range(1, 24) if verdict(shop(orders), trend)] == [1, 2, 22, 23]


def test_a_count_that_is_steadier_than_chance_keeps_its_limits() -> None:
    """20 or 21 rows every day, such as one for each shop: 17 are an anomaly."""
    assert verdict(shop(17, quiet=False), ORDERS) is not None
    assert verdict(shop(20, quiet=False), ORDERS) is None


def test_what_is_neither_a_count_nor_a_sum_has_no_noise_of_counting() -> None:
    """The same values, of a trend that counts nothing."""
    plain = Trend("mean", "puffy_partition_checkouts", ("raw",), VOLUME)
    history = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_checkouts": {("raw",): 10.0}, "puffy_partition_rows": {("raw",): 10.0}}
        )
        for number in range(20)
    }
    last = max(history)
    figures = (compute_trends(history, [plain], [last])[last].trends or {})["mean"]
    assert figures.chance is None


def test_the_7_day_rule_knows_the_noise_of_counting_too() -> None:
    """Its standard error is that of a count and of the mean of seven days."""
    found = shop(4, days=8)
    assert found.trends is not None
    figures = found.trends["checkouts"]
    average = figures.baseline_avg
    assert average is not None
    assert figures.chance == pytest.approx(math.sqrt(average * (1 + 1 / 7)))
    assert found.trends["revenue"].chance == pytest.approx(1000 * figures.chance)
    assert verdict(found, ORDERS) is not None
    assert verdict(shop(8, days=8), ORDERS) is None
    assert (shop(8, quiet=False, days=7).trends or {})["checkouts"].chance == 0


def test_a_steady_week_has_no_standard_error() -> None:
    """Days that vary by less than half of chance are no chance."""
    average, members = np.array([100.0, 100.0, 400.0]), np.array([7.0, 7.0, 7.0])
    found = standard_error(average, np.array([4.9, 5.1, 30.0]), np.array([1.0, 1.0, 4.0]), members)
    assert found.tolist() == pytest.approx([0.0, 10 * math.sqrt(8 / 7), 40 * math.sqrt(8 / 7)])


@pytest.mark.parametrize(("noise", "chance"), [(0.249, False), (0.25, True), (0.5, True), (0.8, True)])
def test_a_count_with_half_the_noise_of_chance_is_chance(noise: float, *, chance: bool) -> None:
    """Counts of 4 vary by a half; it does not matter whether all days vary, or those of its own weekday."""
    expected, none = np.array([4.0]), np.array([0.0])
    steady, varied = np.zeros((5, 1)), np.array([noise, noise, -noise, -noise, 0.0])[:, None]
    assert is_chance(expected, np.array([noise]), steady).tolist() == [chance]
    assert is_chance(expected, none, varied).tolist() == [chance]


@pytest.mark.parametrize("mean", [5.0, 10.0, 25.0, 100.0, 1000.0])
def test_a_poisson_count_is_outside_as_rarely_as_a_normal_one(mean: float) -> None:
    """Exact probabilities, with an expectation that is known: 0.6% on both sides together."""
    least, most = (
        mean * float(one[0]) for one in factors(np.array([mean]), np.array([1e9]), np.array([2.75]))
    )
    inside = sum(
        math.exp(-mean + number * math.log(mean) - math.lgamma(number + 1))
        for number in range(math.ceil(least), math.floor(most) + 1)
    )
    assert 0.002 < 1 - inside < 0.012


def test_a_share_has_the_chance_of_its_rows() -> None:
    """Counting changes nothing for shares."""
    share = Trend("reject_ratio", "puffy_partition_reject_ratio", (), SHARE)
    history = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_reject_ratio": {(): 0.1}, "puffy_partition_rows": {("raw",): 1000.0}}
        )
        for number in range(10)
    }
    last = max(history)
    figures = (compute_trends(history, [share], [last])[last].trends or {})["reject_ratio"]
    assert figures.chance == pytest.approx(math.sqrt(0.1 * 0.9 * (1 / 1000 + 1 / 7000)), rel=1e-2)
