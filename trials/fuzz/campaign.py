"""Fuzz a target in its own process, so that a crash of native code is a find like any other."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from target import Target

WORKER = Path(__file__).with_name("worker.py")
PATIENCE = 20  # seconds for one input, after which its process counts as hanging and is ended
MEMORY = 2048  # megabytes per process
GRACE = 120.0  # seconds to end
MEMORY_FOLDER = "/dev/shm"
MOST_RUNS = 400_000  # inputs per process: instrumented, some targets keep 2 to 6 kB of memory for each
MOST_STARTS = 50  # per target: an input that ends the process at once would be found again and again
_COVERED = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+)", re.MULTILINE)
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


@dataclass(slots=True)
class Course:
    """How fuzzing one target went. Edges are branches of the exporter's code, first those of the corpus."""

    name: str
    executions: int = 0
    seconds: float = 0.0
    first_edges: int = 0
    edges: int = 0
    finds: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """A row of the table."""
        finds = ", ".join(self.finds) or "none"
        edges = f"{self.first_edges:,} to {self.edges:,}"
        return f"| {self.name} | {self.executions:,} | {self.seconds:.0f} | {edges} | {finds} |"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long to fuzz one target: until the first limit is reached."""

    seconds: float
    runs: int = -1  # inputs; negative: no limit
    seed: int = 1


def fuzz(target: Target, bounds: Bounds, folder: Path, corpora: Sequence[Path]) -> Course:
    """Fuzz a target; new inputs go to ``folder``/corpus, finds to ``folder``/finds."""
    course = Course(target.name)
    own, finds = folder / "corpus" / target.name, folder / "finds" / target.name
    for made in (own, finds, folder / "logs"):
        made.mkdir(parents=True, exist_ok=True)
    lay_seeds(target, own)
    words = folder / f"{target.name}.words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words or (b"\0",)))
    began = time.time()
    for start in range(MOST_STARTS):
        left = began + bounds.seconds - time.time()
        if start and (left < 1 or 0 <= bounds.runs <= course.executions):
            break
        runs = MOST_RUNS if bounds.runs < 0 else min(MOST_RUNS, bounds.runs - course.executions)
        options = [
            f"--until={began + bounds.seconds}",
            f"-runs={runs}",
            f"-seed={bounds.seed + start}",
            f"-max_len={target.longest}",
            f"-timeout={PATIENCE}",
            f"-rss_limit_mb={MEMORY}",
            f"-artifact_prefix={finds}/",
            f"-dict={words}",
            "-print_final_stats=1",
            "-verbosity=1",
        ]
        log = folder / "logs" / f"{target.name}-{start}.txt"
        _work(target.name, [*options, str(own), *map(str, corpora)], finds, log, left + GRACE)
        _read(log.read_text(errors="replace"), course)
    course.seconds = time.time() - began
    course.finds = sorted(path.name for path in finds.iterdir() if path.suffix != ".txt")
    return course


def lay_seeds(target: Target, folder: Path) -> None:
    """Write a target's seeds into its corpus folder."""
    for number, seed in enumerate(target.seeds):
        (folder / f"seed-{number}").write_bytes(seed)


def _work(name: str, options: Sequence[str], finds: Path, log: Path, seconds: float) -> None:
    """Run a process until it ends or has to be ended; its log says what happened."""
    command = [sys.executable, str(WORKER), name, "--finds", str(finds), *options]
    with log.open("wb") as out, suppress(subprocess.TimeoutExpired):
        subprocess.run(  # our own program
            command,
            stdout=out,
            stderr=out,
            timeout=seconds,
            check=False,
            env=_surroundings(),
        )


def _surroundings() -> dict[str, str]:
    """Return an environment with the thousands of temporary files in memory, and a fixed order of sets."""
    memory = {"TMPDIR": MEMORY_FOLDER} if os.access(MEMORY_FOLDER, os.W_OK) else {}
    return os.environ | memory | {"PYTHONHASHSEED": "0"}


def _read(log: str, course: Course) -> None:
    seen = _COVERED.findall(log)
    if not seen:
        return
    executed = _EXECUTED.search(log)
    course.executions += int(executed[1] if executed else seen[-1][0])
    first = next((edges for _, event, edges in seen if event == "INITED"), seen[0][2])
    course.first_edges = course.first_edges or int(first)
    course.edges = max(course.edges, *(int(edges) for _, _, edges in seen))


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in word)
