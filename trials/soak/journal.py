"""What happened in a soak, as JSON lines: enough to judge it again without running it again."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trials.soak.drift import Sample

FILE = "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Life:
    """A process of a program, in real nanoseconds; ``end_ns`` is 0 if it was not killed."""

    name: str
    pid: int
    start_ns: int
    end_ns: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """An acknowledgement: whether it was confirmed, and after how many tries."""

    reason: str
    feed: str
    confirmed: bool
    tries: int
    refusal: str = ""  # the last one


@dataclass(slots=True)
class Record:
    """A journal that has been read."""

    settings: dict[str, Any] = field(default_factory=dict)
    lives: list[Life] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    output: list[tuple[float, int]] = field(default_factory=list)  # seconds since the start, bytes
    lag: float = 0.0  # the most seconds that anything in the plan was late
    died: list[str] = field(default_factory=list)
    left: dict[str, Any] = field(default_factory=dict)  # open incidents and holds at the end, by feed

    @property
    def origin_ns(self) -> int:
        """When the first program was started, in real nanoseconds: shortly after the clock."""
        return min((life.start_ns for life in self.lives), default=0)

    def kills(self, name: str) -> list[int]:
        """Return when a program was killed, in real nanoseconds."""
        return [life.end_ns for life in self.lives if life.name == name and life.end_ns]


class Journal:
    """It is written as things happen, so that an interrupted run can be judged too."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / FILE).open("a", encoding="utf-8")
        self._writing = threading.Lock()

    def note(self, kind: str, **what: Any) -> None:
        """Write a line."""
        with self._writing:
            self._file.write(json.dumps({"kind": kind, **what}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def sample(self, sample: Sample) -> None:
        """Write a sample."""
        self.note("sample", **asdict(sample))


def read_journal(folder: Path) -> Record:
    """Read a journal."""
    record = Record()
    starts: dict[int, tuple[str, int]] = {}
    for line in _lines(folder / FILE):
        kind = line.pop("kind")
        match kind:
            case "settings" | "left":
                setattr(record, kind, line)
            case "started":
                starts[line["pid"]] = (line["name"], line["at_ns"])
            case "killed":
                name, start = starts.pop(line["pid"])
                record.lives.append(Life(name, line["pid"], start, line["at_ns"]))
            case "sample":
                record.samples.append(Sample(**line))
            case "answered":
                record.answers.append(Answered(**line))
            case "output":
                record.output.append((line["seconds"], line["size"]))
            case "lag":
                record.lag = line["seconds"]
            case "died":
                record.died.append(line["name"])
    record.lives += [Life(name, pid, start) for pid, (name, start) in starts.items()]
    return record


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
