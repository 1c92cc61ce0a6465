"""What a running exporter knows of the gate survives its log."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from running import call

from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Held
from exporter.gate.gate import Status
from exporter.gate.keeper import Keeper

NOW = datetime(2025, 3, 8, 6, tzinfo=UTC)
HELD = Held(NOW, date(2025, 3, 7), "schema_mismatch", "0123456789abcdef", "critical", 1.0, 1.0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.unlink(),
        lambda log: log.write_bytes(b""),
        lambda log: log.write_bytes(bytes(4096)),
        lambda log: log.write_bytes(log.read_bytes()[:-20]),
        lambda log: log.write_bytes(log.read_bytes().replace(b"schema", b"sch\xff")),
    ],
    ids=["removed", "emptied", "NUL bytes", "cut", "one byte changed"],
)
def test_what_was_read_once_stands_and_is_written_again(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    """However the log is lost while the exporter runs; it is written again and counts as an error."""
    keeper = Keeper(tmp_path)
    keeper.hold([HELD], NOW)
    spoil(tmp_path / AUDIT)
    assert keeper.look(NOW).holds == (HELD,)
    assert keeper.errors > 0
    assert AuditLog(tmp_path / AUDIT).read().entries == (HELD,)
    errors = keeper.errors
    assert keeper.look(NOW).holds == (HELD,)
    assert keeper.errors == errors, "it is counted once"


def test_a_log_that_was_damaged_before_anybody_read_it_keeps_the_gate_closed(tmp_path: Path) -> None:
    """It is unknown what was held; the line is named until it is restored or removed."""
    Keeper(tmp_path).hold([HELD], NOW)
    log = tmp_path / AUDIT
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b"schema", b"schemb"))
    assert Keeper(tmp_path).look(NOW).holds == ()
    done = call("gate", "status", "--output.dir", tmp_path)
    assert (done.returncode, "gate_audit.jsonl: line 1 cannot be read" in done.stdout) == (3, True)
    log.write_bytes(b"")
    assert call("gate", "status", "--output.dir", tmp_path).returncode == 0


def test_a_flag_that_is_no_text_is_written_anew(tmp_path: Path) -> None:
    """Whatever happened to it."""
    keeper = Keeper(tmp_path)
    (tmp_path / "GATE_CLOSED").write_bytes(b"\xff")
    keeper.show(Status((HELD,)))
    assert b"schema_mismatch" in (tmp_path / "GATE_CLOSED").read_bytes()
