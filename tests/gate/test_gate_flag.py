"""``GATE_CLOSED``: there while a hold is in force or nothing can be judged, with the reasons."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exporter.gate.entry import Held
from exporter.gate.flag import FLAG, UNREADABLE, gate_document, read_blindness, show_flag
from exporter.gate.gate import Status

AT = datetime(2025, 3, 8, 6, 5, 30, tzinfo=UTC)
FIRST = Held(AT, date(2025, 3, 6), "schema_mismatch", "c6", "critical", 2.0, 1.0)
SECOND = Held(AT, date(2025, 3, 7), "zero_revenue", "c7", "warning", 0.0, 0.01)
THIRD = Held(AT, date(2025, 3, 7), "schema_mismatch", "c7", "critical", 1.0, 1.0)


def test_the_flag_says_what_is_held_and_why() -> None:
    """All that a job needs to decide, in JSON."""
    document = gate_document(Status((FIRST, SECOND), frozenset({SECOND.key}), None))
    assert (document["closed"], document["blind"]) == (True, None)
    assert document["holds"] == [
        {
            "partition": "2025-03-06",
            "reason": "schema_mismatch",
            "since": "2025-03-08T06:05:30Z",
            "severity": "critical",
            "value": 2.0,
            "limit": 1.0,
            "content": "c6",
            "repaired": False,
        },
        {
            "partition": "2025-03-07",
            "reason": "zero_revenue",
            "since": "2025-03-08T06:05:30Z",
            "severity": "warning",
            "value": 0.0,
            "limit": 0.01,
            "content": "c7",
            "repaired": True,
        },
    ]
    assert gate_document(Status()) == {"closed": False, "blind": None, "holds": []}


def test_the_flag_is_there_while_the_gate_is_closed(tmp_path: Path) -> None:
    """Also where nothing is held and nothing can be judged; an open gate leaves none behind."""
    path = tmp_path / FLAG
    show_flag(tmp_path, Status((FIRST,)))
    assert json.loads(path.read_text()) == gate_document(Status((FIRST,)))
    assert path.read_bytes().endswith(b"}\n")
    show_flag(tmp_path, Status(blind="state.db: malformed"))
    assert json.loads(path.read_text())["closed"] is True
    for _ in range(2):
        show_flag(tmp_path, Status())
        assert not path.exists()


def test_a_flag_that_is_right_is_not_touched(tmp_path: Path) -> None:
    """A program that waits for the file to change is not woken by each pass."""
    show_flag(tmp_path, Status((FIRST,)))
    before = (tmp_path / FLAG).stat()
    show_flag(tmp_path, Status((FIRST,)))
    assert (tmp_path / FLAG).stat().st_ino == before.st_ino
    show_flag(tmp_path, Status((FIRST, SECOND)))
    assert (tmp_path / FLAG).stat().st_ino != before.st_ino


@pytest.mark.parametrize(
    ("text", "blind"),
    [
        (b'{"blind": "state.db: malformed"}', "state.db: malformed"),
        (b'{"blind": null}', None),
        (b"{}", None),
        (b'{"blind": true}', UNREADABLE),
        (b"", UNREADABLE),
        (b"[]", UNREADABLE),
        (b"{", UNREADABLE),
        (b"\xff", UNREADABLE),
    ],
)
def test_a_flag_says_why_nothing_could_be_judged(tmp_path: Path, text: bytes, blind: str | None) -> None:
    """One that cannot be read is there all the same, as it is only while the gate is closed."""
    assert read_blindness(tmp_path) is None
    (tmp_path / FLAG).write_bytes(text)
    assert read_blindness(tmp_path) == blind


def test_a_flag_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """The gate stays closed."""
    (tmp_path / FLAG).mkdir()
    assert read_blindness(tmp_path) == "GATE_CLOSED: is a directory"


def test_many_days_of_a_check_are_one_finding() -> None:
    """The check of the oldest hold comes first."""
    status = Status((FIRST, SECOND, THIRD), frozenset({THIRD.key}))
    assert list(status.group()) == [("schema_mismatch", (FIRST, THIRD)), ("zero_revenue", (SECOND,))]
    assert status.since_words(FIRST) == "since 2025-03-08 06:05 UTC"
    assert status.since_words(THIRD) == "since 2025-03-08 06:05 UTC, repaired since"
