"""What is promised of the detectors is what the simulation finds."""

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from feeds import SHARE, VOLUME

from exporter.history import promise as promised
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.promise import promise
from exporter.history.trend import Band, TrendFigures

DRAWS = 12_000


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """Give the simulation, which is a program of its own."""
    path = Path(__file__).parents[2] / "bench" / "detectors.py"
    spec = importlib.util.spec_from_file_location("bench_detectors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def simulated(bench: ModuleType, name: str) -> tuple[float, float]:
    """Return the figures of one case, of alerts and of confirmed ones: a year's, or a share."""
    case = next(case for case in bench.CASES if case.name == name)
    flags = case.detector(case.draw(np.random.default_rng(5), DRAWS))
    scale = 365 if case.healthy else 1
    return float(flags.alerts.mean()) * scale, float(flags.confirmed.mean()) * scale


@pytest.mark.parametrize("case", ["healthy", "healthy, a bad day in the last six"])
def test_a_healthy_metric_alarms_less_than_three_times_a_year(bench: ModuleType, case: str) -> None:
    """With a weekly rhythm and 5 % noise, whether confirmed or not."""
    alerts, confirmed = simulated(bench, case)
    assert confirmed <= alerts < 3.3  # three, and the noise of so many draws


@pytest.mark.parametrize("case", ["-30 %", "-30 %, a bad day in the last six"])
def test_nearly_every_day_that_lost_30_percent_is_caught(bench: ModuleType, case: str) -> None:
    """The bad day before it does not help it through."""
    alerts, confirmed = simulated(bench, case)
    assert alerts >= 0.955
    assert confirmed >= 0.945


def test_a_lasting_change_of_level_pages_nobody_for_weeks(bench: ModuleType) -> None:
    """It is told as a warning until the weeks have caught up."""
    assert simulated(bench, "25 % higher for good since 6 days")[1] < 5
    assert simulated(bench, "25 % higher for good since 13 days")[1] < 1


@pytest.mark.parametrize(("case", "said"), [("healthy", promised.WEEKDAY), ("share: healthy", promised.RATE)])
def test_the_false_alarms_that_we_speak_of_are_the_simulations(
    bench: ModuleType, case: str, said: promised.FalseAlarms
) -> None:
    """To what so many draws can tell."""
    assert simulated(bench, case) == pytest.approx((said.alerts, said.confirmed), abs=0.7)


def test_the_drop_that_is_promised_is_caught_19_times_of_20(bench: ModuleType) -> None:
    """At a spread that is known, on days as noisy as it says."""
    detection = Detection(Method.WEEKDAY, Readiness.ARMED, 28, expected=1000.0, spread=0.05)
    drop = promise(Method.WEEKDAY, TrendFigures(1000.0), detection, VOLUME).drop
    assert drop == pytest.approx(1 - math.exp(-(3.5 + 1.645) * 0.05))
    days = 1000 * (1 - drop) * np.exp(np.random.default_rng(3).normal(0, 0.05, DRAWS))
    assert np.mean(np.log(days / 1000) / 0.05 < -3.5) == pytest.approx(0.95, abs=0.005)


def test_a_share_is_promised_in_its_own_unit() -> None:
    """A drop of more than all there is cannot be promised."""
    detection = Detection(Method.RATE, Readiness.ARMED, 28, expected=0.05, spread=0.005, rows=4000.0)
    known = promise(Method.RATE, TrendFigures(0.05), detection, SHARE)
    usual = known.normal
    assert (usual.low, usual.high) == (pytest.approx(0.0325), pytest.approx(0.0675))
    assert (known.drop, known.rise) == (pytest.approx(0.5145), pytest.approx(0.5145))
    wide = promise(Method.RATE, TrendFigures(0.05), replace(detection, spread=0.02), SHARE)
    assert wide.drop is None


def test_while_learning_the_promise_is_that_of_the_seven_day_rule() -> None:
    """With its own band, members and false alarms."""
    figures = TrendFigures(100.0, None, 7, 100.0, 5.0, 0.0, 0.0)
    learning = Detection(Method.WEEKDAY, Readiness.LEARNING, 12)
    known = promise(Method.WEEKDAY, figures, learning, VOLUME)
    usual = known.normal
    assert (usual.method, usual.members, usual.low, usual.high) == (Method.AVERAGE, 7, 85.0, 115.0)
    assert known.drop == pytest.approx((15 + 1.645 * 5) / 100)
    assert known.false_alarms == promised.AVERAGE_OF_VOLUME
    assert promise(Method.RATE, figures, learning, Band()).false_alarms == promised.AVERAGE_OF_SHARE
    assert promise(Method.RATE, TrendFigures(1.0), learning, Band()).drop is None
