"""The gate answers from a report, and is never open because of one that is damaged."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from feeds import EVENTS

from exporter.cli.app import main
from exporter.errors import UserError
from exporter.gate.answer import REPORT, About, Decision, Folders, ask
from exporter.gate.audit import AUDIT
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


def answer(folder: Path, report: object) -> Decision:
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


ANN = ("--by", "Ann", "--reason", "looked")
WHOLE = {
    "id": "aaaa000001",
    "state": "open",
    "severity": "critical",
    "cause": "column_missing",
    "subject": "",
    "headline": "a column is missing",
    "last": "2025-03-05",
    "days": {"2025-03-05": "bad"},
    "checks": [],
}


@pytest.mark.parametrize(
    ("asked", "damage"),
    [
        (("gate", "ack", "2025-03-05", *ANN), {"partitions": {"2025-03-05": {"alerts": [{}]}}}),
        (("gate", "ack", "2025-03-05", *ANN), {"partitions": {"2025-03-05": {"alerts": 1}}}),
        (("gate", "ack", "2025-03-05", *ANN), {"partitions": {"2025-03-05": {"alerts": ["a"]}}}),
        (("gate", "ack", "2025-03-05", "aaaa", *ANN), {"incidents": [{"x": 1}]}),
        (("gate", "ack", "2025-03-05", "aaaa", *ANN), {"incidents": [{"id": "aaaa000001"}]}),
        (("gate", "ack", "2025-03-05", "aaaa", *ANN), {"incidents": [WHOLE | {"days": {"soon": "bad"}}]}),
        (("gate", "ack", "2025-03-05", "aaaa", *ANN), {"incidents": [WHOLE | {"last": 7}]}),
        (("gate", "ack", "aaaa", *ANN), {"incidents": [{**WHOLE, "headline": None} | {"days": []}]}),
        (("incidents",), {"incidents": [{"x": 1}]}),
        (("incidents",), {"incidents": ["a"]}),
        (("incidents", "--json"), {"incidents": [{"id": "aaaa000001"}]}),
        (("incidents",), {"incidents": [WHOLE]}),
        (("incidents", "show", "aaaa"), {"incidents": [WHOLE]}),
        (("incidents", "show", "aaaa"), {"incidents": [WHOLE | {"days": None}]}),
    ],
)
def test_who_acknowledges_or_lists_by_a_damaged_report_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], damage: Any
) -> None:
    """Before anything is printed or recorded."""
    (tmp_path / REPORT).write_text(json.dumps(GOOD | damage))
    assert main([*asked, "--output.dir", str(tmp_path)]) == 1
    words = f"puffy-exporter: error: {tmp_path / REPORT}: not a report of this version\n"
    assert capsys.readouterr() == ("", words)
    assert not (tmp_path / AUDIT).exists()


def test_a_whole_report_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The silent side: the day and the incident are acknowledged."""
    (tmp_path / REPORT).write_text(json.dumps(GOOD | {"incidents": [WHOLE]}))
    assert main(["gate", "ack", "2025-03-05", "aaaa", *ANN, "--output.dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "incident aaaa000001 (critical): a column is missing",
        "2025-03-05: covers column_missing",
    ]
    assert "2025-03-05 acknowledged by Ann: all checks, content c" in said
