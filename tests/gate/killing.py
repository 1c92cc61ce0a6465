"""Kill acknowledging and refreshing processes at random moments, and check the result.

``python tests/gate/killing.py --rounds 200`` says what it found. In each round two processes work on one
directory without a pause: one acknowledges, one replaces a bad day by other bad content and makes a pass.
Both are killed (SIGKILL), each after a random time. Then a pass that nobody disturbs has to find:

- every acknowledgement whose ``gate ack`` answered,
- every byte that the audit log has ever held, and no line that cannot be read,
- a hold, or an answer, for the content of each bad day; ``GATE_CLOSED`` and the report of the same mind.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # this file is also a program of its own

from running import call, clean_environment
from written import content, put, write_day

from exporter.cli import main
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Acknowledged
from exporter.gate.flag import FLAG
from exporter.gate.gate import Gate
from exporter.model import Stage

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in range(6, 0, -1)]
BAD = DAYS[-3:-1]  # alertable whatever the hour
LONGEST = 0.6  # seconds from a process's first step to its end
ROWS = 40


@dataclass(slots=True)
class Finding:
    """What the rounds have found so far."""

    kills: int = 0
    told: int = 0  # acknowledgements that returned before the kill
    entries: int = 0
    broken: int = 0
    lost: list[str] = field(default_factory=list)  # acknowledgements that returned but are not in the log
    rewritten: int = 0
    forgotten: list[str] = field(default_factory=list)  # bad days neither held nor acknowledged
    disagreeing: list[str] = field(default_factory=list)  # flag, report and status disagree

    @property
    def whole(self) -> bool:
        """Whether nothing was lost, broken, rewritten or forgotten."""
        return not (self.broken or self.lost or self.rewritten or self.forgotten or self.disagreeing)


def spoil(data: Path, day: date, mark: str) -> None:
    """Replace a day by other bad content, whole at once."""
    text = content(day, ROWS).replace("referrer", f"lost{mark}", 1)
    made = put(data / ".made" / mark, day, Stage.RAW, text, age_seconds=60)
    made.replace(data / made.name)


def acknowledge_for_ever(data: Path, name: str) -> None:
    """Acknowledge the bad days in turn; what answers is on standard output."""
    number = 0
    while True:
        day = BAD[number % len(BAD)]
        who = f"{name}.{number}"
        code = main(["gate", "ack", str(day), "--data.dir", str(data), "--by", who, "--reason", "looked"])
        print("told" if code == 0 else "refused", who, flush=True)  # noqa: T201  the supervisor reads it
        number += 1


def refresh_for_ever(data: Path, name: str) -> None:
    """Spoil a bad day again and make a pass."""
    number = 0
    while True:
        spoil(data, BAD[number % len(BAD)], f"{name}x{number}")
        main(["run", "--data.dir", str(data)])
        number += 1


WORK = {"ack": acknowledge_for_ever, "refresh": refresh_for_ever}


def start(kind: str, data: Path, name: str) -> subprocess.Popen[str]:
    """Start a worker; it says so when its imports are done, and begins at a word."""
    return subprocess.Popen(
        [sys.executable, __file__, "--work", kind, "--data", str(data), "--name", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
        start_new_session=True,
    )


def kill_both(data: Path, number: int, chance: random.Random) -> list[str]:
    """Let both work, kill each at its own moment; return the acknowledgements that answered."""
    workers = {kind: start(kind, data, f"{kind}{number}") for kind in WORK}
    for worker in workers.values():
        assert worker.stdout is not None
        assert worker.stdin is not None
        assert worker.stdout.readline() == "ready\n"
    begun = time.monotonic()
    for worker in workers.values():
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    moments = sorted((chance.uniform(0, LONGEST), kind) for kind in WORK)
    for moment, kind in moments:
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        os.killpg(workers[kind].pid, signal.SIGKILL)
    said = {kind: worker.communicate(timeout=30)[0] for kind, worker in workers.items()}
    return [line.split()[1] for line in said["ack"].splitlines() if line.startswith("told ")]


def examine(data: Path, told: list[str], before: bytes, finding: Finding) -> bytes:
    """Make a pass that nobody disturbs and note what is not as it should be; return the log's bytes."""
    output = data / "monitoring"
    path = output / AUDIT
    killed = path.read_bytes() if path.exists() else b""
    finding.rewritten += not killed.startswith(before)
    done = call("run", "--data.dir", data)
    assert done.returncode == 0, done.stderr
    after = path.read_bytes()
    finding.rewritten += not after.startswith(killed)
    book = AuditLog(path).read()
    names = {entry.by for entry in book.entries if isinstance(entry, Acknowledged)}
    finding.told += len(told)
    finding.lost += [who for who in told if who not in names]
    finding.broken, finding.entries = book.broken, len(book.entries)
    report = json.loads((output / "monitoring_report.json").read_bytes())
    gate = Gate(book.entries, datetime.now(UTC))
    for day in BAD:
        key = (day, "schema_mismatch", report["partitions"][str(day)]["content"])
        if key not in {held.key for held in gate.holds} and not gate.is_acknowledged(key):
            finding.forgotten.append(str(day))
    stories = {gate.closed, report["gate"]["closed"], (output / FLAG).exists()}
    if len(stories) > 1:
        finding.disagreeing.append(f"log {gate.closed}, report {report['gate']['closed']}")
    return after


def kill_at_random(data: Path, rounds: int, seed: int) -> Finding:
    """Do so many rounds and return what was found."""
    chance = random.Random(seed)
    finding = Finding()
    for day in DAYS:
        write_day(data, day, ROWS)
    for day in BAD:
        spoil(data, day, "first")
    log = examine(data, [], b"", finding)
    for number in range(rounds):
        told = kill_both(data, number, chance)
        finding.kills += len(WORK)
        log = examine(data, told, log, finding)
    return finding


def work(kind: str, data: Path, name: str) -> None:
    """Be a worker."""
    print("ready", flush=True)  # noqa: T201  the supervisor reads it
    sys.stdin.readline()
    WORK[kind](data, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", choices=WORK)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--name", default="")
    said = parser.parse_args()
    if said.work:
        work(said.work, said.data, said.name)
    with tempfile.TemporaryDirectory() as folder:
        found = kill_at_random(Path(folder), said.rounds, said.seed)
    print(found)  # noqa: T201  a program that reports
    sys.exit(not found.whole)
