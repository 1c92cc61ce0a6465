"""A soak expects of its files what the exporter finds in them, and the program itself starts."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from promtool import ROOT
from running import call

from trials.soak.deliveries import deliver, write_contracts, write_history
from trials.soak.troubles import SHORT, Delivery, Trouble, draw_plan, due_at

FIRST, FEEDS, DAYS, SEED = date(2025, 3, 3), 5, 8, 18
UNREPAIRED = timedelta(hours=SHORT[0])  # after due


def incidents(folder: Path, output: str, deliveries: Iterable[Delivery]) -> set[tuple[str, str]]:
    """Return all incidents after the last day, by ID and cause, given these deliveries."""
    for delivery in deliveries:
        deliver(folder, delivery, delivery.at)
    moment = due_at(FIRST + timedelta(days=DAYS - 1)) + timedelta(hours=12)
    options = ("--as-of", moment.isoformat(), "--output.dir", folder / output)
    done = call("run", "--feeds.dir", folder / "contracts", *options)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(path.read_text()) for path in folder.glob(f"{output}/*/monitoring_report.json")]
    return {(one["id"], one["cause"]) for report in reports for one in report["incidents"]}


@pytest.mark.slow
def test_troubles_cause_exactly_the_planned_incidents(tmp_path: Path) -> None:
    """All have their planned IDs and there are no others; after the repairs only the expected ones remain."""
    plan = draw_plan(SEED, FEEDS, FIRST, DAYS)
    assert {trouble for _, _, trouble in plan.troubles} == set(Trouble)
    write_contracts(tmp_path, FEEDS)
    write_history(tmp_path, FEEDS, FIRST, 5)
    late = {(told.incident, told.cause) for told in plan.told if told.cause == "partition_late"}
    planned = {(told.incident, told.cause) for told in plan.told} - late
    in_time = [one for one in plan.deliveries if one.at < due_at(one.partition) + UNREPAIRED]
    assert incidents(tmp_path, "before", in_time) == planned
    lasting = {told for told in planned if told[1] in ("column_missing", "raw_duplicate_values")}
    assert incidents(tmp_path, "after", plan.deliveries) == lasting | late


def test_the_program_starts_anywhere(tmp_path: Path) -> None:
    """All imports work, and too high a speed is refused in one line."""
    command = [sys.executable, str(ROOT / "trials" / "soak"), "--speed", "601"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("soak: at 601-fold speed")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
