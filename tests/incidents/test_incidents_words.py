"""Figures in words: short, with a unit, and never a crash."""

import math

import pytest
from feeds import CHECKS, TRENDS
from made import DAY

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Severity, State
from exporter.history.trend import TrendFigures
from exporter.incidents.words import LONGEST_SEEN, LONGEST_TITLE, words_of
from exporter.plain import cut

REVENUE = next(check for check in CHECKS if check.name == "anomaly_revenue")
CHECKOUTS = next(check for check in CHECKS if check.name == "anomaly_checkouts")


def said(value: float, average: float, check: object = REVENUE) -> str:
    """Return the details of an anomaly."""
    alert = Alert(check, DAY, Severity.WARNING, value, average, State.FIRING, {})  # type: ignore[arg-type]
    problem = Problem(alert.check.name, "", Severity.WARNING, State.FIRING, "analytics", (alert,))
    figures = TrendFigures(value, baseline_count=7, baseline_avg=average, baseline_stddev=average / 10)
    return words_of(problem, {trend.name: figures for trend in TRENDS}, {}).seen


def test_an_anomaly_says_what_is_usual_and_how_far_it_is_off() -> None:
    """Four significant digits, and the noun of what is counted."""
    assert said(1204.0, 2150.0, CHECKOUTS) == "1,204 orders, usually 1,505 to 2,795, \N{MINUS SIGN}44%"


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300, 1e15, 1e300, 1.7976931348623157e308, -1.7e308])
@pytest.mark.parametrize("average", [0.0, 1e-300, 20_000.0, 1.7e308])
def test_no_figure_is_too_large_to_be_said(value: float, average: float) -> None:
    """A browser can send any revenue; the pass must not fail."""
    seen = said(value, average)
    assert 0 < len(seen) <= 200
    assert not {"inf", "nan"} & set(seen.lower().replace(",", " ").split())
    assert math.isfinite(value)


def test_what_is_cut_for_people_ends_in_an_ellipsis() -> None:
    """A hash would mean nothing to them."""
    assert cut("a" * 200, LONGEST_TITLE) == "a" * (LONGEST_TITLE - 1) + "\N{HORIZONTAL ELLIPSIS}"
    assert cut("short", LONGEST_SEEN) == "short"
    assert cut("two\nlines", 100) == "two\\x0alines"
