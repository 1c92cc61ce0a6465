"""What a running exporter knows of the gate survives its log."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from running import call

from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Held, Released
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


def test_a_hold_ends_by_a_release_of_what_is_still_held(tmp_path: Path) -> None:
    """One that ends nothing is not recorded, and neither is one of a look that only asks."""
    Keeper(tmp_path).hold([HELD], NOW)
    end = Released(NOW, HELD.partition, ("other", HELD.content), "good")
    nothing = Released(NOW, HELD.partition, ("other",), "good")
    asking = Keeper(tmp_path, records=False)
    asking.look(NOW)
    assert asking.release([end], NOW).holds == (HELD,)
    keeper = Keeper(tmp_path)
    assert keeper.release([nothing], NOW).holds == (HELD,)
    assert AuditLog(tmp_path / AUDIT).read().entries == (HELD,)
    assert keeper.release([nothing, end], NOW).holds == ()
    assert AuditLog(tmp_path / AUDIT).read().entries == (HELD, end)
    assert keeper.release([end], NOW).entries == (HELD, end)
    assert keeper.errors == 0


def test_without_a_folder_holds_live_in_memory() -> None:
    """Nothing is written anywhere, and nothing is wrong."""
    keeper = Keeper()
    assert keeper.hold([HELD], NOW).holds == (HELD,)
    assert keeper.look(NOW).holds == (HELD,)
    assert keeper.acknowledge(lambda _: [], NOW).holds == (HELD,)
    assert keeper.release([Released(NOW, HELD.partition, (HELD.content,), "good")], NOW).holds == (HELD,)
    keeper.show(Status((HELD,)))
    assert (keeper.errors, keeper.damage, keeper.broken) == (0, None, 0)


def test_a_look_that_only_asks_writes_neither_log_nor_flag(tmp_path: Path) -> None:
    """Also where a log has lost what it once said."""
    Keeper(tmp_path).hold([HELD], NOW)
    asking = Keeper(tmp_path, records=False)
    asking.look(NOW)
    (tmp_path / AUDIT).unlink()
    assert asking.look(NOW).holds == (HELD,)
    assert asking.hold([HELD], NOW).holds == (HELD,)
    asking.show(Status((HELD,)))
    assert list(tmp_path.iterdir()) == []


def test_a_hold_that_cannot_be_recorded_stands_and_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said in the log, with folder and reason, and counted."""
    (tmp_path / AUDIT).mkdir()
    keeper = Keeper(tmp_path)
    assert keeper.hold([HELD], NOW).holds == (HELD,)
    assert keeper.errors == 1
    (record,) = caplog.records
    said = (record.getMessage(), record.__dict__["folder"], record.__dict__["reason"])
    assert said == ("gate not written or read", str(tmp_path), "is a directory")
    (tmp_path / AUDIT).rmdir()
    assert keeper.hold([], NOW).holds == (HELD,)
    assert AuditLog(tmp_path / AUDIT).read().entries == (HELD,)
    assert keeper.errors == 1


def test_a_loss_is_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It names the folder; a line that cannot be read is counted and named."""
    keeper = Keeper(tmp_path)
    keeper.hold([HELD], NOW)
    (tmp_path / AUDIT).write_text("{}\n")
    keeper.look(NOW)
    (record,) = caplog.records
    assert (record.getMessage(), record.__dict__["folder"]) == ("audit log entries lost", str(tmp_path))
    assert (keeper.broken, keeper.errors) == (1, 1)
    assert keeper.damage is not None
    assert "line 1 cannot be read" in keeper.damage


def test_a_flag_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    """The pass goes on."""
    (tmp_path / "file").write_text("")
    keeper = Keeper(tmp_path / "file" / "out")
    keeper.show(Status((HELD,)))
    assert keeper.errors == 1
    deep = Keeper(tmp_path / "a" / "b")
    deep.show(Status((HELD,)))
    assert (tmp_path / "a" / "b" / "GATE_CLOSED").exists()


def test_a_flag_that_is_no_text_is_written_anew(tmp_path: Path) -> None:
    """Whatever happened to it."""
    keeper = Keeper(tmp_path)
    (tmp_path / "GATE_CLOSED").write_bytes(b"\xff")
    keeper.show(Status((HELD,)))
    assert b"schema_mismatch" in (tmp_path / "GATE_CLOSED").read_bytes()
