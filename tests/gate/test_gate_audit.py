"""The audit log on a real disk: nothing is lost, nothing rewritten, whatever happens to its writers."""

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exporter.gate.audit import AuditLog, Book
from exporter.gate.entry import Acknowledged, Entry, Held, Released
from exporter.gate.gate import Gate
from exporter.gate.line import BrokenLineError, read_line, write_line

NOW = datetime(2025, 3, 10, 12, 30, 15, 123456, tzinfo=UTC)
HELD = Held(NOW, date(2025, 3, 7), "schema_mismatch", "0123456789abcdef", "critical", 1.0, 1.0)
ANSWER = Acknowledged(
    NOW,
    date(2025, 3, 7),
    ("0123456789abcdef",),
    "Ann Ö.",
    'said "fine"',
    ("schema_mismatch",),
    NOW,
    "exclude",
)
WRITER = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from exporter.gate.audit import AuditLog
from exporter.gate.entry import Acknowledged

log = AuditLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    entry = Acknowledged(datetime.now(UTC), date(2025, 3, 7), (f"{number}",), sys.argv[2], "why")
    log.append(lambda book: [entry])
    print(number, flush=True)
"""


def add(log: AuditLog, *entries: Entry) -> Book:
    """Append entries."""
    return log.append(lambda _: entries)


REPLACED = Held(NOW, date(2025, 3, 7), "zero_revenue", "c8", "warning", 0.0, 0.01, before="c7")
BACK = Released(NOW, date(2025, 3, 7), ("c8", "c9"), "c7")


@pytest.mark.parametrize("entry", [HELD, ANSWER, REPLACED, BACK])
def test_an_entry_survives_being_written(entry: Entry) -> None:
    """To the microsecond and the last letter."""
    line = write_line(entry)
    assert line.count(b"\n") == 1
    assert read_line(line) == entry


@pytest.mark.parametrize("entry", [HELD, ANSWER])
def test_a_changed_byte_breaks_the_line(entry: Entry) -> None:
    """Any single byte."""
    line = write_line(entry).rstrip(b"\n")
    for place in range(len(line)):
        changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        with pytest.raises(BrokenLineError):
            read_line(changed)
        with pytest.raises(BrokenLineError):
            read_line(line[:place])


def test_the_log_is_readable_by_all_and_no_program(tmp_path: Path) -> None:
    """Unless the umask takes more away."""
    log = AuditLog(tmp_path / "audit.jsonl")
    before = os.umask(0o022)
    try:
        add(log, HELD)
    finally:
        os.umask(before)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o644


def test_the_log_grows_and_is_never_rewritten(tmp_path: Path) -> None:
    """Its content stays, byte for byte."""
    log = AuditLog(tmp_path / "out" / "audit.jsonl")
    assert log.read() == Book()
    assert add(log, HELD) == log.read() == Book((HELD,))
    before = log.path.read_bytes()
    add(log, ANSWER, HELD)
    assert log.path.read_bytes().startswith(before)
    assert log.read().entries == (HELD, ANSWER, HELD)


def test_a_new_log_is_found_again_after_a_power_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is on disk before anybody is told that an entry is; later entries only need the file."""
    log, synced = AuditLog(tmp_path / "audit.jsonl"), list[int]()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    add(log, HELD)
    file = log.path.stat().st_ino
    assert synced == [tmp_path.stat().st_ino, file]
    synced.clear()
    add(log, ANSWER)
    assert synced == [file]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_that_a_killed_writer_left_is_no_entry_and_costs_no_other(tmp_path: Path, cut: int) -> None:
    """The next writer ends it and continues after it; from then on it counts as broken."""
    log = AuditLog(tmp_path / "audit.jsonl")
    add(log, HELD)
    with log.path.open("ab") as file:
        file.write(write_line(ANSWER)[:-cut])
    assert log.read() == Book((HELD,))
    assert add(log, ANSWER).entries == (HELD, ANSWER)
    # A line that lacked nothing but its end is an entry after all when it is ended: it says nothing new.
    assert log.read() == (Book((HELD, ANSWER, ANSWER)) if cut == 1 else Book((HELD, ANSWER), 1))


def test_a_damaged_line_costs_itself(tmp_path: Path) -> None:
    """It is counted and named, because its content is unknown. One begun by a killed writer is empty."""
    log = AuditLog(tmp_path / "audit.jsonl")
    add(log, HELD, ANSWER, HELD)
    log.path.write_bytes(log.path.read_bytes().replace(b"Ann", b"Bob"))
    assert log.read() == Book((HELD, HELD), 1, damaged=(2,))
    assert log.read().damage == (
        "gate_audit.jsonl: line 2 cannot be read, so the holds are unknown; restore or remove them"
    )
    log.path.write_bytes(log.path.read_bytes().split(b"\n")[0][:-9] + b"\n")
    assert log.read() == Book((), 1)
    log.path.write_bytes(bytes(4096))
    assert log.read() == Book((), 0, damaged=(1,))


def test_every_broken_line_is_counted_and_costs_no_other(tmp_path: Path) -> None:
    """Damaged ones are also named; lines that a killed writer left are not, and empty ones are nothing."""
    log = AuditLog(tmp_path / "audit.jsonl")
    cut, damaged = write_line(ANSWER)[:-9] + b"\n", write_line(ANSWER).replace(b"Ann", b"Bob")
    log.path.write_bytes(cut + write_line(HELD) + damaged + b"\n" + cut + write_line(ANSWER) + damaged)
    assert log.read() == Book((HELD, ANSWER), 4, damaged=(3, 7))
    assert add(log, HELD) == log.read() == Book((HELD, ANSWER, HELD), 4, damaged=(3, 7))


def test_a_second_entry_follows_the_first_one(tmp_path: Path) -> None:
    """One line per entry and no empty ones; what is returned is what is read."""
    log = AuditLog(tmp_path / "audit.jsonl")
    for entries in ((HELD,), (HELD, ANSWER)):
        assert add(log, entries[-1]) == log.read() == Book(entries)
    assert log.path.read_bytes() == write_line(HELD) + write_line(ANSWER)
    assert add(log) == Book((HELD, ANSWER))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((7,), "line 7 cannot"),
        ((2, 7), "lines 2, 7 cannot"),
        ((1, 2, 3, 4, 5, 6), "lines 1, 2, 3, 4, 5 cannot"),
    ],
)
def test_damaged_lines_are_named(lines: tuple[int, ...], words: str) -> None:
    """Five of them: more are found when these are seen to."""
    assert f"gate_audit.jsonl: {words} be read" in str(Book(damaged=lines).damage)
    assert Book(broken=3).damage is None


def test_entries_are_found_by_what_they_mention(tmp_path: Path) -> None:
    """By a day or an id; a line that nobody has ended mentions nothing, and neither does an absent log."""
    log = AuditLog(tmp_path / "audit.jsonl")
    assert log.about("2025-03-07") == ()
    other = Held(NOW, date(2025, 3, 8), "schema_mismatch", "c8", "critical", 1.0, 1.0)
    add(log, HELD, other, BACK)
    with log.path.open("ab") as file:
        file.write(write_line(HELD)[:-1])
    assert log.about("2025-03-07") == (HELD, BACK)
    assert log.about("2025-03-08", "c9") == (other, BACK)
    assert log.about("2025-03-09") == ()


def test_writers_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Four of them, as fast as they can."""
    path, count = tmp_path / "audit.jsonl", 40
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, name, str(count)], stdout=subprocess.DEVNULL)
        for name in "abcd"
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    book = AuditLog(path).read()
    assert book.broken == 0
    for name in "abcd":
        said = [
            entry.contents for entry in book.entries if isinstance(entry, Acknowledged) and entry.by == name
        ]
        assert said == [(f"{number}",) for number in range(count)]


def test_a_decision_sees_what_others_wrote(tmp_path: Path) -> None:
    """The same finding of two exporters is recorded once."""
    first, second = AuditLog(tmp_path / "audit.jsonl"), AuditLog(tmp_path / "audit.jsonl")

    def record(book: Book) -> Sequence[Entry]:
        return Gate(book.entries, NOW).missing([HELD])

    first.append(record)
    second.append(record)
    assert first.read().entries == (HELD,)


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """Nobody is told that an entry was recorded."""
    log = AuditLog(tmp_path / "audit.jsonl")
    log.path.mkdir()
    with pytest.raises(OSError, match="directory"):
        add(log, HELD)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 1024)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_loses_nothing_that_stood(tmp_path: Path) -> None:
    """The entry is rejected, earlier ones remain, and once there is room it succeeds."""
    mount = tmp_path / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        log = AuditLog(mount / "audit.jsonl")
        add(log, HELD)
        filler = mount / "filler"
        fill(filler)
        with pytest.raises(OSError, match="No space"):
            add(log, *[ANSWER] * 100)
        assert log.read() == Book((HELD,)), "of the refused line nothing is left"
        filler.unlink()
        assert add(log, HELD) == log.read() == Book((HELD, HELD))
    finally:
        subprocess.run(["umount", mount], check=True)
