"""A day with unusual hours is found, whatever its volume; ordinary variation is not reported."""

import numpy as np
import pytest

from exporter.history.hours import FEWEST_ROWS, HIGH, LOW, Stretch, unusual_hours

WEEKDAY = np.array([2, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 10, 9, 9, 10, 10, 9, 9, 10, 11, 10, 8, 5, 3]) * 20
WEEKEND = np.roll(WEEKDAY, 3)


def day(back: int, seed: int = 0, busy: float = 1.0) -> list[int]:
    """Return the rows by hour of the day that is this many days before a Wednesday."""
    chance = np.random.default_rng(1000 * seed + back)
    usual = WEEKEND if (3 - back) % 7 in (0, 6) else WEEKDAY
    return [int(rows) for rows in chance.poisson(usual * busy * np.exp(chance.normal(0, 0.05, 24)))]


def before(days: int = 14, seed: int = 0) -> dict[int, list[int]]:
    """Return the days before, by their distance in days."""
    return {back: day(back, seed) for back in range(1, days + 1)}


def changed(start: int, end: int, share: float, seed: int = 0) -> list[int]:
    """Return a day in which some hours have a multiple of their rows."""
    rows = day(0, seed)
    return [round(count * share) if start <= hour < end else count for hour, count in enumerate(rows)]


@pytest.mark.parametrize("busy", [0.5, 1.0, 3.0])
def test_a_usual_day_is_none_however_many_rows_it_has(busy: float) -> None:
    """Other checks judge the total, and a weekend is not unusual as such."""
    for seed in range(40):
        assert unusual_hours(day(0, seed, busy), before(seed=seed)) is None
        assert unusual_hours(day(4, seed + 50), {back - 4: day(back, seed) for back in range(5, 19)}) is None


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
def test_hours_that_lost_rows_are_found(share: float) -> None:
    """With their rows and what is usual on a day of this size."""
    found = unusual_hours(changed(9, 12, share), before())
    assert found is not None
    assert found.start in (8, 9)
    assert found.end in (12, 13)
    assert found.rows <= LOW * found.expected
    assert found.expected == pytest.approx(WEEKDAY[found.start : found.end].sum(), rel=0.2)


@pytest.mark.parametrize(("start", "end", "share"), [(8, 12, 2.2), (3, 7, 3.0)])
def test_hours_with_far_too_many_rows_are_found(start: int, end: int, share: float) -> None:
    """A batch that was delivered a second time, in hours that make up much or little of the day."""
    found = unusual_hours(changed(start, end, share), before())
    assert found is not None
    assert found.start >= start - 1
    assert found.end <= end + 1
    assert found.rows >= HIGH * found.expected


def test_a_stretch_with_some_rows_has_at_least_two_hours() -> None:
    """Even if one of them is far more unusual than the other."""
    today = day(0)
    today[10], today[11] = round(today[10] * 0.2), round(today[11] * 0.7)
    found = unusual_hours(today, before())
    assert found is not None
    assert (found.start, found.end) == (10, 12)
    assert unusual_hours(changed(10, 11, 0.2), before()) is None


def test_one_busy_hour_without_rows_is_found() -> None:
    """But not a quiet one, which may be empty by chance."""
    for seed in range(20):
        found = unusual_hours(changed(10, 11, 0.0, seed), before(seed=seed))
        assert found is not None
        assert (found.start, found.end, found.rows) == (10, 11, 0)
    assert unusual_hours(changed(2, 3, 0.0), before()) is None


def test_one_busy_hour_is_nothing() -> None:
    """Mailings and crawlers cause those."""
    assert unusual_hours(changed(4, 5, 6.0), before()) is None


@pytest.mark.parametrize("days", [6, 14])
def test_a_burst_that_weighs_in_the_day_is_found_as_such(days: int) -> None:
    """An hour with a third of the day; the usual hours are not too low, although it makes the day larger."""
    for seed in range(20):
        found = unusual_hours(changed(4, 5, 45.0, seed), before(days, seed))
        assert found is not None
        assert (found.start, found.end) == (4, 5)
        assert found.expected == pytest.approx(WEEKDAY[4], rel=0.8)


def test_a_burst_in_an_hour_that_is_usually_empty_is_found() -> None:
    """Nothing is expected there; a day of which only one hour is known has no burst."""
    quiet = {back: [0, *rows[1:]] for back, rows in before().items()}
    found = unusual_hours([700, *day(0)[1:]], quiet)
    assert found == Stretch(0, 1, 700, 0.0)
    assert unusual_hours([0] * 12 + [3000] + [0] * 11, before(6)) is None


def test_half_a_day_without_rows_does_not_make_the_other_half_unusual() -> None:
    """The size of a day follows from its middle hour, not from its total."""
    found = unusual_hours([0 if hour < 8 else rows for hour, rows in enumerate(day(0))], before())
    assert found is None or (found.rows == 0 and found.end <= 8)


def test_what_has_been_as_far_off_lately_is_not_unusual() -> None:
    """The worst of many days is ignored: one incident does not hide the next, but two make it usual."""
    once, twice = before(), before()
    once[3] = twice[3] = [0 if 9 <= hour < 12 else rows for hour, rows in enumerate(once[3])]
    twice[6] = [0 if 9 <= hour < 12 else rows for hour, rows in enumerate(twice[6])]
    today = changed(9, 12, 0.2)
    assert unusual_hours(today, once) is not None
    assert unusual_hours(today, twice) is None


@pytest.mark.parametrize(("days", "found"), [(7, None), (8, (4, 5))])
def test_of_seven_days_the_worst_counts_and_of_eight_it_does_not(
    days: int, found: tuple[int, int] | None
) -> None:
    """A burst like that of one of so few days may be usual."""
    earlier = before(days)
    earlier[2][4] *= 45
    stretch = unusual_hours(changed(4, 5, 45.0), earlier)
    assert (None if stretch is None else (stretch.start, stretch.end)) == found


def test_of_a_long_gap_six_hours_are_reported() -> None:
    """For longer stretches, the rest of the day says little."""
    found = unusual_hours(changed(8, 16, 0.0), before())
    assert found is not None
    assert 8 <= found.start < found.end <= 16
    assert found.end - found.start == 6


def test_without_the_same_weekday_or_enough_days_nothing_is_said() -> None:
    """Neither for a day of another length, an empty one, or hours with few rows."""
    today = changed(9, 12, 0.0)
    assert unusual_hours(today, before(6)) is None
    assert unusual_hours(today, {7: day(7), 14: day(14)}) is None
    assert unusual_hours([*today, 0], before()) is None
    assert unusual_hours([0] * 24, before()) is None
    assert unusual_hours([], {}) is None
    few = {back: [rows // 60 for rows in rows_of] for back, rows_of in before().items()}
    assert unusual_hours([rows // 60 for rows in today], few) is None


def test_a_stretch_is_never_of_few_rows() -> None:
    """Those are empty by chance."""
    found = unusual_hours(changed(0, 5, 0.0), before())
    assert found is None or found.expected >= FEWEST_ROWS


def test_all_rows_in_one_hour_do_not_divide_by_nothing() -> None:
    """A batch job stamps every row alike; on another hour that is unusual, and said without a NaN."""
    batch = {back: [0] * 23 + [1000] for back in range(1, 15)}
    assert unusual_hours([0] * 23 + [900], batch) is None
    found = unusual_hours([900] + [0] * 23, batch)
    assert found is None or found == Stretch(found.start, found.end, found.rows, found.expected)
