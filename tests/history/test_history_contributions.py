"""Which value explains a total's change: the one that fell, or none if all fell alike."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from exporter.history.contributions import Breakdown, Usual, break_down, known_alike
from exporter.model import Split

NORMAL = Usual(400.0, 0.85, 1.18)
SHARES = (0.5, 0.2, 0.15, 0.1, 0.05)
OWN = [number % 7 == 6 for number in range(28)]
Draw = np.random.Generator


def split(rng: Draw, orders: float, factors: Sequence[float], *, amounts: bool = False) -> Split:
    """Draw a day's orders by value; the total has noise of its own."""
    size = orders * math.exp(0.04 * rng.normal())
    counts = [int(rng.poisson(size * share * factor)) for share, factor in zip(SHARES, factors, strict=True)]
    rows = {f"v{place}": count for place, count in enumerate(counts) if count}
    sold = {name: float(rng.lognormal(4, 1, count).sum()) for name, count in rows.items()}
    return Split("m", "c", "category", rows, 0, sold if amounts else None)


def judge(
    seed: int, factors: Sequence[float], orders: float = 400, *, amounts: bool = False
) -> Breakdown | None:
    """Compare a day with four weeks."""
    rng = np.random.default_rng(seed)
    past = [split(rng, orders, [1.0] * len(SHARES), amounts=amounts) for _ in OWN]
    today = split(rng, orders, factors, amounts=amounts)
    expected = float(np.median([sum((one.amounts or one.rows).values()) for one in past]))
    reach = 0.35 if amounts else 0.16
    return break_down("checkouts", today, past, OWN, Usual(expected, math.exp(-reach), math.exp(reach)))


@pytest.mark.parametrize("amounts", [False, True])
def test_one_value_that_falls_is_named_nearly_always_and_never_another(*, amounts: bool) -> None:
    """By 96 in a hundred, with half of all orders."""
    found = [judge(seed, (0.04, 1, 1, 1, 1), amounts=amounts) for seed in range(200)]
    named = [one.leading.value for one in found if one is not None]
    assert set(named) == {"v0"}
    assert len(named) >= 190


@pytest.mark.parametrize("amounts", [False, True])
@pytest.mark.parametrize("factor", [0.04, 0.56, 1.6])
@pytest.mark.parametrize("orders", [40, 4000])
def test_where_all_values_change_alike_none_is_named(factor: float, orders: int, *, amounts: bool) -> None:
    """Not even the largest, whose own change is half of it or more; nor if hardly anything is left."""
    draws = 20 if amounts and orders > 400 else 100
    found = [judge(seed, [factor] * len(SHARES), orders, amounts=amounts) for seed in range(draws)]
    assert found == [None] * draws


def test_a_breakdown_adds_up() -> None:
    """The named value and all others are the total, and the largest changes come first."""
    found = judge(2, (0.04, 1, 1, 1, 1))
    assert found is not None
    assert found.leading.found + found.others.found == found.total.found
    assert found.leading.usual + found.others.usual == pytest.approx(found.total.usual)
    shares = [found.share(part) for part in found.parts]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] >= 2 / 3
    assert found.leading.ratio == pytest.approx(-0.96, abs=0.05)


@pytest.mark.parametrize(("found", "named"), [((3000, 4000), True), ((3000, 3999), False)])
def test_exactly_two_thirds_of_a_change_are_most_of_it(found: tuple[int, int], *, named: bool) -> None:
    """One row less, and nothing is named."""
    past = [Split("m", "c", "category", {"a": 5000, "b": 5000}, 0) for _ in OWN]
    today = Split("m", "c", "category", dict(zip("ab", found, strict=True)), 0)
    judged = break_down("checkouts", today, past, OWN, Usual(10_000.0, 0.75, 1.3))
    assert (judged is not None) is named
    assert judged is None or judged.leading.value == "a"


def test_two_values_that_fall_together_are_not_one() -> None:
    """Neither is two thirds of it."""
    assert judge(1, (0.6, 0.04, 1, 1, 1)) is None


def test_what_does_not_return_to_normal_without_the_value_is_not_explained_by_it() -> None:
    """The others have fallen out of their normal range, too."""
    assert judge(2, (0.04, 0.6, 0.6, 0.6, 0.6)) is None


@pytest.mark.parametrize(
    ("found", "named"),
    [((0, 3750), True), ((0, 3749), False), ((12_000, 6500), True), ((12_000, 6501), False)],
)
def test_others_at_the_edge_of_normal_are_normal(found: tuple[int, int], *, named: bool) -> None:
    """Three quarters to 1.3 times the usual 5,000 rows; one row beyond, and they have changed, too."""
    past = [Split("m", "c", "category", {"a": 5000, "b": 5000}, 0) for _ in OWN]
    today = Split("m", "c", "category", dict(zip("ab", found, strict=True)), 0)
    judged = break_down("checkouts", today, past, OWN, Usual(10_000.0, 0.75, 1.3))
    assert (judged is not None) is named


def test_too_few_days_and_too_few_others_say_nothing() -> None:
    """Five days at least, and ten rows of the others."""
    rng = np.random.default_rng(1)
    past = [split(rng, 400, [1.0] * 5) for _ in OWN]
    today = split(rng, 400, (0.04, 1, 1, 1, 1))
    assert break_down("x", today, past[:5], OWN[:5], NORMAL) is not None
    assert break_down("x", today, past[:4], OWN[:4], NORMAL) is None
    lone = [Split("m", "c", "url", {"a": 400, "b": 5}) for _ in OWN]
    assert break_down("x", Split("m", "c", "url", {"a": 10, "b": 5}), lone, OWN, NORMAL) is None


@pytest.mark.parametrize(("others", "named"), [(10, True), (9, False)])
def test_ten_rows_of_the_others_are_enough(others: int, *, named: bool) -> None:
    """They are a quarter of all rows, and all that is left."""
    past = [Split("m", "c", "url", {"a": 3 * others, "b": others}) for _ in OWN]
    found = break_down("x", Split("m", "c", "url", {"b": others}), past, OWN, Usual(4.0 * others, 0.85, 1.18))
    assert (found is not None) is named


@pytest.mark.parametrize(("rows", "named"), [(119, False), (118, True), (310, False), (311, True)])
def test_a_share_of_rows_that_is_off_by_four_standard_errors_is_named(rows: int, *, named: bool) -> None:
    """Here half of 400 rows are usual; one row closer to it, and it may be chance."""
    past = [Split("m", "c", "url", {"a": 200, "b": 200}) for _ in OWN]
    found = break_down("x", Split("m", "c", "url", {"a": rows, "b": 200}), past, OWN, NORMAL)
    assert (found is not None) is named


@pytest.mark.parametrize("unit", [1.0, 2.0**-20, 2.0**20])
def test_the_unit_of_amounts_does_not_matter(unit: float) -> None:
    """A day's revenue is no less broken down in millions, where all of it is less than one."""
    rows = {"a": 200, "b": 200}
    past = [Split("m", "c", "url", rows, 0, {"a": 9000 * unit, "b": 9000 * unit}) for _ in OWN]
    today = Split("m", "c", "url", {"a": 8, "b": 200}, 0, {"a": 300 * unit, "b": 9000 * unit})
    found = break_down("x", today, past, OWN, Usual(18_000 * unit, 0.85, 1.18))
    assert found is not None
    assert (found.leading.value, found.leading.found) == ("a", 300 * unit)
    assert found.share(found.leading) == 1


def test_days_without_rows_are_no_days() -> None:
    """A day that lacks all rows cannot be broken down either."""
    past = [Split("m", "c", "url", {"a": 200, "b": 200}) for _ in OWN]
    empty = Split("m", "c", "url", {})
    assert break_down("x", empty, past, OWN, NORMAL) is None
    assert break_down("x", past[0], [empty] * 28, OWN, NORMAL) is None


@pytest.mark.parametrize("amount", [1.7e308, -1.7e308, 0.0])
def test_amounts_beyond_all_bounds_have_no_shares(amount: float) -> None:
    """Neither do those whose sum is zero or negative."""
    rows = {"a": 200, "b": 200}
    past = [Split("m", "c", "url", rows, 0, {"a": 200.0, "b": 200.0}) for _ in OWN]
    today = Split("m", "c", "url", rows, 0, {"a": amount, "b": amount})
    assert break_down("x", today, past, OWN, NORMAL) is None
    assert break_down("x", past[0], [today] * 28, OWN, NORMAL) is None


def test_a_day_that_was_off_itself_does_not_hide_the_value() -> None:
    """One of the ten days before may lack it, too."""
    rng = np.random.default_rng(1)
    past = [split(rng, 400, [0.04 if day in {3, 11} else 1.0, 1, 1, 1, 1]) for day in range(28)]
    today = split(rng, 400, (0.04, 1, 1, 1, 1))
    found = break_down("x", today, past, OWN, NORMAL)
    assert found is not None
    assert found.leading.value == "v0"


def test_a_value_that_goes_up_and_down_is_not_named_for_doing_so() -> None:
    """For example, a campaign that runs every other day."""
    rng = np.random.default_rng(1)
    past = [split(rng, 400, [0.04 if day % 2 else 1.0, 1, 1, 1, 1]) for day in range(28)]
    today = split(rng, 400, (0.04, 1, 1, 1, 1))
    assert break_down("x", today, past, OWN, NORMAL) is None


@pytest.mark.parametrize(("rows", "named"), [(1400, False), (500, True)])
def test_a_share_that_varies_by_more_than_chance_must_be_off_by_more(rows: int, *, named: bool) -> None:
    """Half of 4,000 rows, but 48 to 52% from day to day: a few percentage points more are not much."""
    past = [
        Split("m", "c", "url", {"a": 2000 + move, "b": 2000 - move})
        for move in (-80, -40, 0, 40, 80, 80, -80) * 4
    ]
    found = break_down(
        "x", Split("m", "c", "url", {"a": rows, "b": 2000}), past, OWN, Usual(4000.0, 0.85, 1.18)
    )
    assert (found is not None) is named


def test_rows_of_values_beyond_the_bound_are_part_of_the_total() -> None:
    """Their names are unknown; they count among the others."""
    past = [Split("m", "c", "url", {"a": 200, "b": 100}, overflow=100) for _ in OWN]
    found = break_down("x", Split("m", "c", "url", {"a": 8, "b": 100}, overflow=100), past, OWN, NORMAL)
    assert found is not None
    assert (found.leading.value, found.leading.found) == ("a", 8)
    assert (found.total.found, found.others.found) == (208, 200)
    assert (found.leading.usual, found.others.usual) == (200, 200)


def test_beyond_the_bound_only_names_that_every_day_knows_are_compared() -> None:
    """Names are kept in order up to the bound; what comes after it is unknown for every day."""
    full = Split("m", "c", "url", {"a": 1, "c": 1}, overflow=7)
    wide = Split("m", "c", "url", {"a": 1, "b": 2, "d": 3})
    assert known_alike((full, wide)) == ("a", "b", "c")
    assert known_alike((wide, wide)) == ("a", "b", "d")
    assert known_alike((Split("m", "c", "url", {}, overflow=1), wide)) == ()
