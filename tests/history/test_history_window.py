"""Windows and trends in event time, compared with a slow computation by hand."""

import math
import random
import statistics
from datetime import date, timedelta

import pytest
from feeds import VOLUME
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.history.detectors.known import LONGEST_LAG
from exporter.history.trend import LEAST_MEMBERS, Trend, TrendFigures
from exporter.history.window import Day, TrendMemory, compute_trends
from exporter.model import ONE_WEEK

TREND = Trend("events", "puffy_partition_rows", ("raw",))
FIRST = date(2025, 2, 1)


def day(value: float | None, excluded: str | None = None) -> Day:
    """Return a partition whose only figure is ``value``."""
    return Day({} if value is None else {"puffy_partition_rows": {("raw",): value}}, excluded)


def history(values: list[float | None], excluded: set[int] = frozenset()) -> dict[date, Day]:  # type: ignore[assignment]
    """Return partitions from FIRST on; ``None`` is a gap in the calendar."""
    return {
        FIRST + timedelta(days=number): day(value, "schema mismatch" if number in excluded else None)
        for number, value in enumerate(values)
        if value is not None
    }


def trend(days: dict[date, Day], number: int) -> TrendFigures:
    """Return the trend of the partition ``number`` days after FIRST."""
    trends = compute_trends(days, [TREND])[FIRST + timedelta(days=number)].trends
    assert trends is not None
    return trends["events"]


def by_hand(days: dict[date, Day], partition: date) -> TrendFigures:
    """Compute one partition's trend with the standard library, straight from the definition."""

    def value(lag: int) -> float | None:
        known = days.get(partition - timedelta(days=lag))
        return None if known is None else TREND.value_in(known.figures)

    def change(lag: int) -> float | None:
        before = value(lag)
        return own / before - 1 if before else None

    own = value(0)
    assert own is not None
    window = [number for lag in range(7) if (number := value(lag)) is not None]
    serving = [
        number
        for lag in range(1, 8)
        if (number := value(lag)) is not None and not days[partition - timedelta(days=lag)].excluded
    ]
    average = statistics.fmean(serving) if len(serving) >= LEAST_MEMBERS else None
    spread = None if average is None else statistics.stdev(serving)
    return TrendFigures(
        value=own,
        avg7d=statistics.fmean(window) if len(window) >= LEAST_MEMBERS else None,
        baseline_count=len(serving),
        baseline_avg=average,
        baseline_stddev=spread,
        deviation_ratio=own / average - 1 if average else None,
        zscore=(own - average) / spread if average is not None and spread else None,
        day_over_day_ratio=change(1),
        week_over_week_ratio=change(7),
    )


def same(got: TrendFigures, wanted: TrendFigures) -> bool:
    """Compare figures to a relative error of 1e-9."""
    for name in TrendFigures.__slots__:
        left, right = getattr(got, name), getattr(wanted, name)
        if (left is None) != (right is None):
            return False
        if left is not None and not math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return True


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10_000).map(float)), min_size=1, max_size=25),
    st.sets(st.integers(0, 24)),
)
def test_trends_equal_the_definition(values: list[float | None], excluded: set[int]) -> None:
    """Gaps, zeros, constant runs and excluded days included."""
    days = history(values, excluded)
    for partition, known in compute_trends(days, [TREND]).items():
        assert known.trends is not None
        assert same(known.trends["events"], by_hand(days, partition))


def test_the_order_in_which_partitions_come_changes_nothing() -> None:
    """Event time knows no arrival order."""
    days = history([float(number) for number in range(1, 20)])
    shuffled = list(days.items())
    random.Random(3).shuffle(shuffled)
    assert compute_trends(dict(shuffled), [TREND]) == compute_trends(days, [TREND])


def test_a_figure_that_no_day_has_is_no_trend() -> None:
    """It takes none of the others with it."""
    days = history([100.0] * 8)
    orders = Trend("checkouts", "puffy_partition_checkouts", ("raw",))
    found = compute_trends(days, [TREND, orders])
    assert found == compute_trends(days, [TREND])
    assert (found[max(days)].trends or {}).keys() == {"events"}


@pytest.mark.parametrize("weeks", [5, 30])
def test_a_weekly_feed_is_judged_by_its_weeks_as_a_daily_one_by_its_days(weeks: int) -> None:
    """The same values a week apart have the same trends; a file of another weekday is on its own."""
    volume = Trend("events", "puffy_partition_rows", ("raw",), VOLUME)
    daily = history([1000.0 + 10 * math.sin(5 * number) for number in range(weeks)])
    weekly = {FIRST + (each - FIRST) * 7: known for each, known in daily.items()}
    stray = FIRST + timedelta(days=7 * weeks + 3)
    found = compute_trends({**weekly, stray: day(1.0)}, [volume], period=ONE_WEEK)
    wanted = compute_trends(daily, [volume])
    for each, known in wanted.items():
        got = found[FIRST + (each - FIRST) * 7]
        assert (got.trends, got.detections) == (known.trends, known.detections)
        assert [member.lag for member in got.members] == [member.lag for member in known.members]
        assert all(
            (got.members[0].partition - member.partition).days == 7 * member.lag for member in got.members
        )
    assert [member.partition for member in found[stray].members] == [stray]
    memory = TrendMemory([volume], ONE_WEEK)
    assert memory.compute(weekly) == {each: found[each] for each in weekly}
    changed = {**weekly, FIRST: day(5000.0)}
    assert memory.compute(changed) == compute_trends(changed, [volume], period=ONE_WEEK)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(0, 59), st.one_of(st.none(), st.floats(0, 1e6)), st.booleans()), max_size=12
    ),
    st.integers(1, 4),
)
def test_a_memory_tells_what_a_computation_of_everything_would(
    changes: list[tuple[int, float | None, bool]], at_once: int
) -> None:
    """To the last bit, whatever days came, changed or went since then."""
    trends = [TREND, Trend("weekly", "puffy_partition_rows", ("raw",), VOLUME)]
    memory, days = TrendMemory(trends), history([1000.0 + number % 7 for number in range(60)])
    for number, (back, value, excluded) in enumerate(changes):
        partition = FIRST + timedelta(days=back)
        days = {known: there for known, there in days.items() if known != partition}
        if value is not None:
            days[partition] = day(value, "held" if excluded else None)
        if number % at_once == 0:
            assert memory.compute(days) == compute_trends(days, trends)
    assert memory.compute(days) == compute_trends(days, trends)


def test_a_memory_computes_only_what_a_change_can_reach() -> None:
    """A partition before the change, or more than the longest lag after it, keeps its very object."""
    memory, days = TrendMemory([TREND]), history([float(number) for number in range(1, LONGEST_LAG + 30)])
    before = memory.compute(days)
    changed = FIRST + timedelta(days=10)
    after = memory.compute({**days, changed: day(7.0)})
    other = {(known - changed).days for known in days if after[known] is not before[known]}
    assert other == set(range(LONGEST_LAG + 1))
    assert memory.compute({}) == {}


def test_the_baseline_never_includes_the_partition_tested() -> None:
    """Whatever its own value, its baseline stays the same."""
    calm = history([100.0] * 7 + [100.0])
    wild = history([100.0] * 7 + [1e9])
    for name in ("baseline_count", "baseline_avg", "baseline_stddev"):
        assert getattr(trend(calm, 7), name) == getattr(trend(wild, 7), name)


def test_three_members_are_no_baseline() -> None:
    """Four are."""
    assert trend(history([1.0, 2.0, 3.0, 4.0]), 3).baseline_avg is None
    assert trend(history([1.0, 2.0, 3.0, 4.0]), 3).avg7d == 2.5
    assert trend(history([1.0, 2.0, 3.0, 4.0, 5.0]), 4).baseline_avg == 2.5


def test_an_excluded_member_counts_in_the_moving_average_and_not_in_the_baseline() -> None:
    """The chart shows the day, its neighbours' baselines leave it out, and the report says why."""
    days = history([10.0, 10.0, 10.0, 10.0, 1000.0, 10.0], excluded={4})
    last = trend(days, 5)
    assert (last.baseline_count, last.baseline_avg) == (4, 10.0)
    assert last.avg7d == 175.0
    members = compute_trends(days, [TREND])[FIRST + timedelta(days=5)].members
    assert {member.lag: member.excluded for member in members if member.excluded} == {1: "schema mismatch"}
    assert [member.lag for member in members if member.serves] == [2, 3, 4, 5]


def test_a_constant_history_has_no_spread_and_no_score() -> None:
    """Rounding must not invent a spread: 0.1 seven times has a mean that is not 0.1."""
    last = trend(history([0.1] * 7 + [0.2]), 7)
    assert last.baseline_stddev == 0
    assert last.zscore is None
    assert last.deviation_ratio == pytest.approx(1)


def test_a_baseline_of_zeros_has_no_deviation() -> None:
    """Nothing can be divided by it."""
    last = trend(history([0.0] * 7 + [5.0]), 7)
    assert (last.baseline_avg, last.deviation_ratio, last.day_over_day_ratio) == (0, None, None)


def test_changes_are_against_exactly_that_day() -> None:
    """The day before a gap is not a substitute for yesterday."""
    last = trend(history([100.0, 50.0, None, 75.0]), 3)
    assert last.day_over_day_ratio is None
    assert trend(history([100.0, 50.0]), 1).day_over_day_ratio == -0.5
    assert trend(history([100.0] * 7 + [150.0]), 7).week_over_week_ratio == 0.5


def test_values_too_large_to_add_up_still_have_a_mean() -> None:
    """A spread that overflows is left out; infinity never reaches an output."""
    last = trend(history([1.7e308, 1.5e308] * 4), 7)
    assert last.baseline_avg == pytest.approx(1.7e308 / 7 * 4 + 1.5e308 / 7 * 3)
    assert (last.baseline_stddev, last.zscore) == (None, None)
    assert last.deviation_ratio == pytest.approx(1.5e308 / (last.baseline_avg or 1) - 1)
    assert trend(history([1.7e308] * 8), 7).deviation_ratio == 0


def test_equal_members_are_their_own_mean() -> None:
    """Rounding in a sum must not separate them, nor push a value that equals its limit across it."""
    assert trend(history([0.1] * 8), 7).baseline_avg == 0.1
    assert trend(history([1e-9] * 7 + [1.5e-9]), 7).baseline_avg == 1e-9


def test_a_partition_without_the_value_has_no_such_trend() -> None:
    """Its neighbours are computed without it."""
    days = {FIRST: day(None), FIRST + timedelta(days=1): day(3.0)}
    found = compute_trends(days, [TREND])
    assert found[FIRST].trends == {}
    assert trend(days, 1).baseline_count == 0


def test_no_partitions_have_no_trends() -> None:
    """An empty directory is no error."""
    assert compute_trends({}, [TREND]) == {}
