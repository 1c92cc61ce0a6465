"""The mutants that are known to survive, each with the reason, and the results of a run as a table."""

import random
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LISTED = Path(__file__).with_name("survivors.toml")
HEAD = (
    "| folder | mutants in all | sampled | killed | equivalent | left | killed of those that can be |\n"
    "|---|---|---|---|---|---|---|\n"
)

Key = tuple[str, str, str]  # a file, the original lines, and the changed ones


class Kind(StrEnum):
    """Why no test kills a mutant."""

    EQUIVALENT = "equivalent"  # it behaves the same for every possible input
    HARMLESS = "harmless"  # it differs, but a test would cost more than it is worth


@dataclass(frozen=True, slots=True)
class Survivor:
    """One listed mutant."""

    file: str
    was: str
    becomes: str
    kind: Kind
    reason: str

    @property
    def key(self) -> Key:
        """What identifies it."""
        return self.file, self.was, self.becomes


@dataclass(frozen=True, slots=True)
class Row:
    """The results of one folder's mutants; ``left`` survived and are not equivalent."""

    folder: str
    mutants: int
    sampled: int
    killed: int
    equivalent: int

    @property
    def left(self) -> int:
        """How many survivors a test could kill."""
        return self.sampled - self.killed - self.equivalent

    @property
    def share(self) -> float:
        """The share of killed ones among those that can be killed, 0 to 1; 1 if there are none."""
        possible = self.sampled - self.equivalent
        return self.killed / possible if possible else 1.0


def listed(path: Path = LISTED) -> tuple[Survivor, ...]:
    """Return the listed survivors. Raises ValueError for an unknown kind, KeyError for a missing field."""
    entries = tomllib.loads(path.read_text())["survivor"]
    return tuple(
        Survivor(one["file"], one["was"], one["becomes"], Kind(one["kind"]), one["reason"]) for one in entries
    )


def stale(entries: Iterable[Survivor], root: Path) -> list[str]:
    """Return a line for each entry whose source no longer exists."""
    texts: dict[str, str] = {}
    gone = []
    for entry in entries:
        path = root / entry.file
        if entry.file not in texts:
            lines = path.read_text().splitlines() if path.is_file() else []
            texts[entry.file] = "\n".join(map(str.strip, lines))
        if f"\n{entry.was}\n" not in f"\n{texts[entry.file]}\n":
            gone.append(f"{entry.file}: no longer there: {entry.was}")
    return gone


def draw(folder: str, mutants: int, size: int | None, seed: int) -> list[int]:
    """Draw numbers of mutants, reproducibly by seed; ``None`` takes all."""
    if size is None or size >= mutants:
        return list(range(mutants))
    return sorted(random.Random(f"{seed}:{folder}").sample(range(mutants), size))


def table(rows: Sequence[Row]) -> str:
    """Format the rows as a table."""
    return HEAD + "".join(
        f"| `{row.folder}` | {row.mutants:,} | {row.sampled} | {row.killed} | {row.equivalent} | {row.left} "
        f"| {row.share:.1%} |\n"
        for row in rows
    )


def count(
    folder: str, mutants: int, sampled: int, survived: Sequence[Key], entries: Iterable[Survivor]
) -> Row:
    """Return a folder's row, given which of its sampled mutants survived."""
    equivalent = {entry.key for entry in entries if entry.kind is Kind.EQUIVALENT}
    same = sum(key in equivalent for key in survived)
    return Row(folder, mutants, sampled, sampled - len(survived), same)
