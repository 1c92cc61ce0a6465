"""Start a command as a person would, and kill it at a random time or at a chosen write."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("shim.c")
BEYOND = 1.1  # times the usual duration within which it is killed: some processes end first
BY_WRITE = 0.6  # of the kills: most of a short run is over before the first write
LONGEST = 120.0  # seconds


class Phase(StrEnum):
    """When the process was killed."""

    BEFORE = "before the first write"
    WRITING = "while writing"
    WRITTEN = "after the last write"
    ENDED = "ended first"


class Struck(NamedTuple):
    """A finished process."""

    code: int  # negative: the signal
    out: str
    err: str
    phase: Phase

    @property
    def was_killed(self) -> bool:
        """Whether it was killed rather than ended on its own."""
        return self.code < 0


def compile_shim(folder: Path) -> Path | None:
    """Return the library to preload, ``None`` without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    return library if subprocess.run(command, check=False).returncode == 0 else None


@dataclass(slots=True)
class Striker:
    """It knows how long a command usually runs and how often it writes, so that kills are spread evenly."""

    shim: Path | None
    life: float = 0.0  # seconds
    calls: int = 0

    def shimmed(self, under: Path, **todo: object) -> dict[str, str]:
        """Return the environment in which calls on a folder are counted, traced, failed or fatal."""
        if self.shim is None:
            return {}
        told = {f"CRASH_{name.upper()}": str(value) for name, value in todo.items() if value is not None}
        return {"LD_PRELOAD": str(self.shim), "CRASH_UNDER": str(under), **told}

    def measure(
        self, command: Sequence[str], where: Path, under: Path, environment: Mapping[str, str]
    ) -> Struck:
        """Let the command end on its own, and record its duration and its writes."""
        trace = where / ".trace"
        shimmed = self.shimmed(under, trace=trace)
        begun = time.monotonic()
        done = strike(command, where, under, {**environment, **shimmed}, None)
        self.life = time.monotonic() - begun
        if trace.exists():
            self.calls = sum(not line.startswith("answer") for line in trace.read_text().splitlines())
            trace.unlink()
        return done

    def strike(
        self,
        command: Sequence[str],
        where: Path,
        under: Path,
        environment: Mapping[str, str],
        chance: random.Random,
    ) -> Struck:
        """Start the command and kill it: at a random time, at one of its writes, or in the middle of one."""
        if self.shim is not None and self.calls and chance.random() < BY_WRITE:
            todo = {"at": chance.randint(1, self.calls), "do": chance.choice(["kill", "torn"])}
            return strike(command, where, under, {**environment, **self.shimmed(under, **todo)}, None)
        begun = time.monotonic()
        struck = strike(command, where, under, environment, chance.uniform(0, BEYOND * self.life))
        if not struck.was_killed:
            self.life += (time.monotonic() - begun - self.life) / 4  # the machine may have become busier
        else:
            self.life = max(self.life, (time.monotonic() - begun) / BEYOND)
        return struck


def strike(
    command: Sequence[str], where: Path, under: Path, environment: Mapping[str, str], after: float | None
) -> Struck:
    """Run a command; kill it if it still runs after this many seconds."""
    before = stamps(under)
    process = subprocess.Popen(
        command,
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=LONGEST if after is None else after)
    except subprocess.TimeoutExpired:
        if after is None:
            raise
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    ended = process.returncode >= 0
    phase = Phase.ENDED if ended else Phase.BEFORE if stamps(under) == before else Phase.WRITING
    return Struck(process.returncode, out, err, phase)


def stamps(folder: Path) -> Mapping[str, tuple[int, int, int]]:
    """Return everything below a folder with what changes when it is written."""
    found = {}
    for path in folder.rglob("*"):
        try:
            known = path.stat()
        except FileNotFoundError:
            continue
        found[str(path.relative_to(folder))] = (known.st_ino, known.st_size, known.st_mtime_ns)
    return found
