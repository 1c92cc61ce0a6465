"""The gate answers from a report, and is never open because of one that is damaged."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS

from exporter.errors import UserError
from exporter.gate.answer import REPORT, About, Answer, Folders, ask

DAY = date(2025, 3, 5)
GOOD: dict[str, Any] = {
    "gate": {"holds": []},
    "partitions": {"2025-03-05": {"alerts": [], "content": "c", "stages": {"raw": {"present": 1}}}},
}


def answer(folder: Path, report: object) -> Answer:
    """Ask for the day."""
    (folder / REPORT).write_text(json.dumps(report))
    return ask(Folders(None, folder, lambda: EVENTS), About(DAY))


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
