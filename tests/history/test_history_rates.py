"""The detector of shares."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import SHARE

from exporter.history.detection import Detection, Readiness
from exporter.history.trend import Trend, TrendFigures, edges
from exporter.history.verdict import Verdict, decide
from exporter.history.window import Day, compute_trends

TREND = Trend("reject_ratio", "puffy_partition_reject_ratio", (), SHARE)
FIRST = date(2025, 1, 1)


EVEN = [0.0315, 0.0317, 0.0313, 0.0316, 0.0314, 0.0315, 0.0315]  # less apart than chance would have them


def judge(
    shares: list[float], rows: float, excluded: frozenset[int] = frozenset()
) -> tuple[TrendFigures, Detection, Verdict | None]:
    """Return the verdict on the last of some days with equal row counts."""
    days = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_rows": {("raw",): rows}, "puffy_partition_reject_ratio": {(): share}},
            "schema mismatch" if number in excluded else None,
        )
        for number, share in enumerate(shares)
    }
    last = compute_trends(days, [TREND])[FIRST + timedelta(days=len(shares) - 1)]
    figures, detection = (last.trends or {})["reject_ratio"], (last.detections or {})["reject_ratio"]
    return figures, detection, decide(figures, detection, SHARE)


def wandering(center: float, by: float, days: int = 28) -> list[float]:
    """Return alternating shares."""
    return [center + by * ((number * 7) % 11 - 5) / 5 for number in range(days)]


@pytest.mark.parametrize(
    ("past", "share", "rows", "anomalous"),
    [
        (EVEN, 67 / 2378, 2378, False),  # 75 rows were likely, and 8 fewer are no surprise
        (EVEN, 67 / 2378, 237_800, True),  # 800 fewer of a hundred times as many are
        ([0.0] * 7, 1 / 500, 500, False),  # the first bad row of a week
        ([0.0] * 7, 0.05, 500, True),
        ([0.03] * 7, 0.10, 40, False),  # four of forty
        ([0.03] * 7, 0.90, 40, True),
        ([0.03] * 7, 0.0, 4000, True),  # 120 were likely, and none came
    ],
)
def test_the_7_day_rule_reports_no_share_that_chance_explains(
    past: list[float],
    share: float,
    rows: float,
    anomalous: bool,  # noqa: FBT001
) -> None:
    """While the detector is learning, the same rows decide what the counts of so few can say."""
    figures, detection, verdict = judge([*past, share], rows)
    assert detection.readiness is Readiness.LEARNING
    assert (verdict is not None) is anomalous
    low, high = edges(figures, SHARE) or (0.0, 0.0)
    assert (not low <= share <= high) is anomalous  # the interval that is shown is the one that judges


def test_chance_is_known_of_shares_alone() -> None:
    """One in five of 400 rows, after 2,800 of which as many were: 2.1 percentage points."""
    figures, _, _ = judge([0.2] * 8, 400)
    assert figures.chance == pytest.approx(math.sqrt(562 / 2804 * (1 - 562 / 2804) * (1 / 400 + 1 / 2800)))
    days = {FIRST + timedelta(days=n): Day({"puffy_partition_rows": {("raw",): 400.0}}) for n in range(8)}
    last = compute_trends(days, [Trend("events", "puffy_partition_rows", ("raw",))])[
        FIRST + timedelta(days=7)
    ]
    assert (last.trends or {})["events"].chance is None


@pytest.mark.parametrize(
    ("past", "share", "rows", "anomalous"),
    [
        ([0.0] * 28, 1 / 20, 20, False),  # one of twenty
        ([0.0] * 28, 0.003, 10_000_000, True),  # three in a thousand, of ten million
        ([0.0] * 28, 0.0019, 10_000_000, False),  # significant, but too small to matter
        ([0.0] * 28, 0.05, 4000, True),
        ([0.05] * 28, 0.05, 4000, False),
        ([0.05] * 28, 0.055, 4000, False),  # chance: one standard error and a half
        ([0.05] * 28, 0.07, 4000, True),
        ([0.05] * 28, 0.03, 4000, True),
        (wandering(0.05, 0.02), 0.07, 4000, False),  # its days are overdispersed
        (wandering(0.05, 0.02), 0.20, 4000, True),
        ([0.05] * 27 + [0.9], 0.05, 4000, False),  # a bad day in the past has no effect
        ([0.05] * 27 + [0.9], 0.09, 4000, True),
        ([1.0] * 28, 1.0, 50, False),
        ([0.5] * 28, 0.9, 10, False),  # nine of ten, of ten rows
    ],
)
def test_what_is_anomalous(past: list[float], share: float, rows: float, anomalous: bool) -> None:  # noqa: FBT001
    """Few rows prove little, many prove trifles, and days vary anyway."""
    _, detection, verdict = judge([*past, share], rows)
    assert detection.readiness is Readiness.ARMED
    assert (verdict is not None) is anomalous


def test_without_overdispersion_the_bound_is_wilsons() -> None:
    """A share is anomalous exactly if its past is outside its score interval."""
    _, detection, _ = judge([*[0.05] * 28, 0.08], 4000)
    behind = 28 * 4000
    wary = (0.05 * behind + 2) / (behind + 4)
    assert detection.spread == pytest.approx((wary * (1 - wary) * (1 / 4000 + 1 / behind)) ** 0.5, rel=1e-12)
    assert detection.score == pytest.approx(0.03 / detection.spread, rel=1e-12)


def test_a_past_day_whose_rows_are_unknown_adds_none() -> None:
    """On one day the clean file came without the raw one: the limits are those of the rows that are known."""
    trend = Trend("missing", "puffy_partition_missing_ratio", ("clean", "client_id"), SHARE)
    days = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_missing_ratio": {("clean", "client_id"): 0.05 if number < 28 else 0.07}}
            | ({} if number == 13 else {"puffy_partition_rows": {("raw",): 4000.0}})
        )
        for number in range(29)
    }
    last = compute_trends(days, [trend])[max(days)]
    figures, detection = (last.trends or {})["missing"], (last.detections or {})["missing"]
    behind = 27 * 4000
    wary = (0.05 * behind + 2) / (behind + 4)
    assert detection.members == 28
    assert detection.spread == pytest.approx((wary * (1 - wary) * (1 / 4000 + 1 / behind)) ** 0.5, rel=1e-12)
    assert decide(figures, detection, SHARE) is not None


@pytest.mark.parametrize(
    ("days", "excluded", "readiness"),
    [
        (14, 0, Readiness.ARMED),
        (13, 0, Readiness.LEARNING),
        (20, 7, Readiness.HELD),
        (20, 6, Readiness.ARMED),
    ],
)
def test_readiness(days: int, excluded: int, readiness: Readiness) -> None:
    """Fourteen members are enough; with too many unfit ones it is held."""
    assert judge([0.05] * (days + 1), 4000, frozenset(range(excluded)))[1].readiness is readiness


def test_a_lasting_level_is_not_confirmed_again() -> None:
    """The first days at a new level are, later ones are not."""
    assert judge([*[0.05] * 28, 0.09], 4000)[2] == Verdict(True, pytest.approx(0.0622, abs=1e-3))  # noqa: FBT003  confirmed
    later = judge([*[0.05] * 24, *[0.09] * 5], 4000)
    assert later[2] is not None
    assert not later[2].confirmed
    assert later[1].level_shift == pytest.approx(0.04)


def test_while_learning_the_seven_day_rule_serves() -> None:
    """It reports a jump from zero within ten days."""
    figures, detection, verdict = judge([*[0.01] * 9, 0.2], 4000)
    assert detection.readiness is Readiness.LEARNING
    assert verdict is not None
    assert not verdict.confirmed
    assert decide(replace(figures, deviation_ratio=0.01, value=0.0101), detection, SHARE) is None
