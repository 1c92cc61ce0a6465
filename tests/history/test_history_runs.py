"""How a task's run is judged by the runs before it."""

from datetime import UTC, date, datetime, timedelta

from exporter.history.runs import place_runs
from exporter.model import NANOSECONDS, TaskRun

FIRST = date(2025, 3, 1)
NOW = datetime(2025, 3, 20, tzinfo=UTC)
NOW_NS = int(NOW.timestamp()) * NANOSECONDS


def run(number: int, seconds: float | None = 100, exit_code: int | None = 0, hour: int = 6) -> TaskRun:
    """Return a run on the morning after partition ``number``."""
    start = datetime(2025, 3, 2, hour, tzinfo=UTC) + timedelta(days=number)
    end = None if seconds is None else start + timedelta(seconds=seconds)
    return TaskRun("dq", start, end, exit_code)


def day(number: int) -> date:
    """Return a partition."""
    return FIRST + timedelta(days=number)


def placed(runs: dict[int, list[TaskRun]], number: int, grace: float = 3600) -> TaskRun:
    """Return the judged latest run of one partition."""
    listed = [(day(known), one) for known, several in runs.items() for one in several]
    return place_runs(listed[::-1], now_ns=NOW_NS, unended_after=grace)[day(number)]["dq"]


def test_what_is_usual_is_the_median_of_the_seven_successes_before() -> None:
    """The run itself, failures and later runs do not count; the eighth before does not either."""
    runs = {
        number: [run(number, seconds)] for number, seconds in enumerate((9000, 10, 20, 30, 40, 50, 60, 70))
    }
    runs[8] = [run(8, 9000)]
    runs[9] = [run(9, 1)]
    assert placed(runs, 8).usual_seconds == 40
    runs[7] = [run(7, 70, exit_code=1)]
    assert placed(runs, 8).usual_seconds == 40  # the 9000 of the first day took the failure's place
    assert placed(runs, 4).usual_seconds == 25


def test_three_runs_are_too_few_to_call_anything_usual() -> None:
    """A new task is compared only with its configured limit."""
    assert placed({number: [run(number)] for number in range(4)}, 3).usual_seconds is None


def test_a_failure_after_a_success_leaves_the_success_known() -> None:
    """The latest run gives the state, the last success the age of the data."""
    good, bad = run(0), run(0, exit_code=3, hour=9)
    last = placed({0: [good, bad]}, 0)
    assert (last.exit_code, last.succeeded_at) == (3, good.ended_at)
    assert placed({0: [bad]}, 0).succeeded_at is None
    assert placed({0: [bad], 1: [run(1)]}, 0).succeeded_at is None


def test_a_run_without_an_end_counts_as_never_ended_after_its_grace() -> None:
    """Until then it may still be running."""
    start = NOW - timedelta(hours=1)
    open_run = TaskRun("dq", start, None, None)
    assert not placed({0: [open_run]}, 0, grace=3600).unended
    assert placed({0: [open_run]}, 0, grace=3599).unended
    assert not placed({0: [run(0, exit_code=1)]}, 0, grace=1).unended
