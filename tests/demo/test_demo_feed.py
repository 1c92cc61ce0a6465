"""A generated pipeline that goes on: what has arrived by now, and what comes again."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from exporter.demo.days import arrivals
from exporter.demo.feed import TROUBLES, deliver, has_arrived, newest_arrived, rerun
from exporter.demo.incidents import Incident

DAY = date(2025, 3, 8)
RENAMED = Incident.RENAMED_ID_COLUMN


@pytest.mark.parametrize(("seconds", "newest"), [(-1, DAY - timedelta(days=1)), (0, DAY)])
def test_a_day_is_there_once_its_dq_step_has_ended(seconds: int, newest: date) -> None:
    """Not a second earlier."""
    assert newest_arrived(arrivals(DAY).dq + timedelta(seconds=seconds)) == newest


def test_a_delivered_day_bears_its_usual_times(tmp_path: Path) -> None:
    """A day that the simulation is late with is not late for the exporter."""
    deliver(tmp_path, DAY, (), datetime(2025, 3, 10, tzinfo=UTC))
    assert has_arrived(tmp_path, DAY)
    assert not has_arrived(tmp_path, DAY + timedelta(days=1))
    assert (tmp_path / "events_20250308.csv").stat().st_mtime == arrivals(DAY).raw.timestamp()
    assert len(list((tmp_path / "task_runs").iterdir())) == 2
    assert len(list((tmp_path / "dq_reports").iterdir())) == 2


def test_a_day_that_comes_again_is_newer_and_its_runs_have_ended(tmp_path: Path) -> None:
    """Nothing lies in the future."""
    now = datetime.now(UTC).replace(microsecond=0)
    deliver(tmp_path, DAY, (), now - timedelta(hours=1))
    deliver(tmp_path, DAY, (Incident.EMPTY,), now, arrival=now)
    assert (tmp_path / "events_20250308.csv").stat().st_mtime == now.timestamp()
    assert all(path.stat().st_mtime <= now.timestamp() for path in tmp_path.rglob("*.json"))


def test_the_newest_day_comes_mended_and_spoiled_in_turn() -> None:
    """Every trouble has its turn, and what the pipeline always does it goes on doing."""
    usual = (RENAMED, Incident.ZERO_VALUE_ORDERS)
    come = [rerun(number, usual) for number in range(2 * len(TROUBLES))]
    assert come[::2] == [(RENAMED,)] * len(TROUBLES)
    assert come[1::2] == [(RENAMED, trouble) for trouble in TROUBLES]
    assert rerun(2 * len(TROUBLES) + 1, ()) == (TROUBLES[0],)
