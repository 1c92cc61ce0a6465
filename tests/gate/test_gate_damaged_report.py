"""The gate answers from a report, and is never open because of one that is damaged."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS

from exporter.errors import UserError
from exporter.gate.answer import REPORT, About, Answer, Folders, ask
from exporter.gate.files import Upstream

DAY = date(2025, 3, 5)
GOOD: dict[str, Any] = {
    "gate": {"holds": []},
    "partitions": {
        "2025-03-05": {
            "alerts": [],
            "content": "c",
            "stages": {"raw": {"present": 1, "size_bytes": 2, "updated_timestamp_seconds": 1_741_240_000}},
        }
    },
}


def answer(folder: Path, report: object) -> Answer:
    """Ask for the day, whose file is the judged one."""
    raw = folder / "data" / f"events_{DAY:%Y%m%d}.csv"
    raw.parent.mkdir(exist_ok=True)
    raw.write_text("x\n")
    os.utime(raw, (1_741_240_000, 1_741_240_000))
    (folder / REPORT).write_text(json.dumps(report))
    return ask(Folders(folder, lambda: Upstream(folder / "data", EVENTS)), About(DAY))


def test_a_judged_day_without_a_hold_is_open(tmp_path: Path) -> None:
    """The silent side."""
    assert not answer(tmp_path, GOOD).closed


@pytest.mark.parametrize(
    "damage",
    [
        {"gate": {"holds": ["a"]}},
        {"gate": {"holds": [{"partition": "2025-03-05"}]}},
        {"partitions": {"2025-03-05": {"alerts": [{}]}}},
        {"partitions": {"2025-03-05": {"alerts": 1, "stages": {"raw": {"present": 1}}}}},
        {"partitions": {"2025-03-05": {"alerts": [], "stages": []}}},
        {"partitions": {"2025-03-05": {"alerts": [], "problems": [{"explains": []}]}}},
    ],
)
def test_a_report_that_is_damaged_further_down_is_refused_in_a_line(tmp_path: Path, damage: Any) -> None:
    """Nothing that it says opens the gate."""
    with pytest.raises(UserError, match=rf"^{tmp_path / REPORT}: not a report of this version$"):
        answer(tmp_path, GOOD | damage)
