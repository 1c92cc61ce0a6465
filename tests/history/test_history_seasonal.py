"""The fit of a volume's past: what it expects of the next day, by hand-made pasts."""

import numpy as np
import pytest

from exporter.history.lags import Array
from exporter.history.seasonal import Fit, fit

WEEK = 7
PROFILE = np.array([0.0, 0.1, 0.2, 0.1, 0.0, -0.3, -0.2])  # by lag; the last is the next day's weekday
NOISE = 0.02


def past(weeks: int = 16, seed: int = 1) -> Array:
    """Return logarithms by lag, newest first: a level of 5, a profile, and noise."""
    noise = np.random.default_rng(seed).normal(0.0, NOISE, weeks * WEEK)
    values: Array = 5.0 + np.tile(PROFILE, weeks) + noise
    return values


def fitted(values: Array) -> Fit:
    """Fit one column whose level has not changed."""
    return fit(values[:, None], np.array([len(values) // WEEK]), np.array([0]))


@pytest.mark.parametrize("moves", [(), (0.3,), (0.3, -0.3, 0.3), (-0.3, 0.3, 0.3)])
def test_a_weekday_keeps_its_profile_unless_its_newest_weeks_agree(moves: tuple[float, ...]) -> None:
    """One bad day has not moved it, nor have days far off in both directions."""
    values = past()
    for week, move in enumerate(moves):
        values[(week + 1) * WEEK - 1] += move
    assert fitted(values).expected[0] == pytest.approx(5.0 + PROFILE[-1], abs=3 * NOISE)


@pytest.mark.parametrize("weeks", [2, 3, 5])
@pytest.mark.parametrize("move", [0.3, -0.3])
def test_a_weekday_whose_newest_weeks_agree_has_moved(move: float, weeks: int) -> None:
    """A new timetable: those weeks are its profile, and the other weekdays keep theirs."""
    values = past()
    values[WEEK - 1 : weeks * WEEK : WEEK] += move
    found = fitted(values)
    assert found.expected[0] == pytest.approx(5.0 + PROFILE[-1] + move, abs=3 * NOISE)
    assert found.scale[0] == pytest.approx(NOISE, rel=0.5)


def test_a_weekday_that_has_just_moved_is_less_certain() -> None:
    """As certain as the mean of its few weeks, on top of the uncertainty of the level."""
    usual = fitted(past()).uncertainty[0]
    for weeks in (2, 4):
        values = past()
        values[WEEK - 1 : weeks * WEEK : WEEK] += 0.3
        assert fitted(values).uncertainty[0] == pytest.approx(usual + 1 / weeks, abs=0.1)


def test_a_week_without_the_day_does_not_end_a_move() -> None:
    """A missing file says nothing."""
    values = past()
    values[[WEEK - 1, 3 * WEEK - 1]] += 0.3
    values[2 * WEEK - 1] = np.nan
    assert fitted(values).expected[0] == pytest.approx(5.0 + PROFILE[-1] + 0.3, abs=3 * NOISE)


@pytest.mark.parametrize("weeks", [(5, 16), (9, 12)])
def test_columns_of_different_ages_are_fitted_as_if_alone(weeks: tuple[int, int]) -> None:
    """A column with few weeks has no values in the older parts of the others."""
    longest = max(weeks)
    together = np.full((longest * WEEK, len(weeks)), np.nan)
    for place, count in enumerate(weeks):
        together[: count * WEEK, place] = past(count, seed=place)
    found = fit(together, np.array(weeks), np.zeros(len(weeks), int))
    for place, count in enumerate(weeks):
        alone = fitted(past(count, seed=place))
        for name in ("expected", "growth", "scale", "uncertainty"):
            assert getattr(found, name)[place] == pytest.approx(getattr(alone, name)[0], rel=1e-9), name
