"""A small pipeline at a fixed time, what its exporter reports, and what an undisturbed one would report."""

import contextlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from running import COMMAND, clean_environment
from written import content, put, write_day

from exporter.cli import main
from exporter.cli.options import EXIT_INTERRUPTED
from exporter.gate.audit import AUDIT, AuditLog, Book
from exporter.gate.entry import Acknowledged
from exporter.gate.flag import FLAG
from exporter.model import Stage as Kind
from exporter.report.outputs import ALERTS, HISTORY, REPORT

AS_OF = "2025-03-09T08:00:00Z"
DAYS = [date(2025, 3, 3) + timedelta(days=number) for number in range(6)]
BAD = DAYS[-2:]
ROWS = 40
CONFIG = """\
links: {exporter: "http://exporter.example"}
report: {history: 3}
watch: {settle_seconds: 0.05, debounce_seconds: 0.05, rescan_seconds: 1}
"""
# Figures have a fixed clock; the times of writing and recording do not.
WHEN = re.compile(rb"(20\d\d-\d\d)-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?")
FIXED = (b"2025-02", b"2025-03")
# A line that a killed writer left unfinished stays in the log, and is reported from then on.
BROKEN_LINES = re.compile(rb'\s*"gate audit log: \d+ lines cannot be read",?')
OURS = {REPORT, ALERTS, HISTORY, AUDIT, FLAG, "state.db", "state.db-wal", "state.db-shm"}

PROBE_NAME, PROBE = re.compile(r"[a-z0-9_]{8}"), b"blat"  # of tempfile.gettempdir

Files = Mapping[str, bytes | None]


class Said(NamedTuple):
    """The result of a command that was not killed."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class World:
    """It reads ``folder/data`` and ``folder/puffy.yml`` and writes to ``folder/out``."""

    folder: Path
    marks: int = 0

    @property
    def data(self) -> Path:
        """Where the pipeline writes."""
        return self.folder / "data"

    @property
    def output(self) -> Path:
        """Where the exporter writes."""
        return self.folder / "out"

    @property
    def temporary(self) -> Path:
        """Where commands may keep temporary files."""
        return self.folder / "tmp"

    @classmethod
    def make(cls, folder: Path) -> "World":
        """Write some healthy days and make a pass."""
        world = cls(folder)
        for path in (world.data, world.output, world.temporary):
            path.mkdir(parents=True, exist_ok=True)
        (folder / "puffy.yml").write_text(CONFIG)
        for day in DAYS:
            write_day(world.data, day, ROWS)
        world.do(*world.run)
        return world

    @property
    def run(self) -> tuple[str, ...]:
        """The arguments of a pass."""
        return ("run", "--data.dir", "data", "--output.dir", "out", "--config.file", "puffy.yml")

    def ack(self, days: str, by: str) -> tuple[str, ...]:
        """Return the arguments that acknowledge days."""
        places = ("--data.dir", "data", "--output.dir", "out")
        return ("gate", "ack", days, *places, "--by", by, "--reason", "reviewed")

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a command in this world."""
        own = {"PUFFY_AS_OF": AS_OF, "TMPDIR": str(self.temporary), "NO_COLOR": "1"}
        return {**clean_environment(), **own, **more}

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a separate process."""
        return [*COMMAND, *arguments]

    def call(self, *arguments: str) -> Said:
        """Run an undisturbed command without the cost of a process."""
        out, err = io.StringIO(), io.StringIO()
        before = dict(os.environ)
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            os.environ.clear()
            os.environ.update(self.environment())
            tempfile.tempdir = None  # otherwise it is cached
            try:
                code = main(arguments)
            finally:
                os.environ.clear()
                os.environ.update(before)
        if code == EXIT_INTERRUPTED:
            raise KeyboardInterrupt
        return Said(code, out.getvalue(), err.getvalue())

    def do(self, *arguments: str) -> Said:
        """Run a command that must succeed."""
        said = self.call(*arguments)
        if said.code != 0:
            raise AssertionError(f"{' '.join(arguments)}: exit code {said.code}: {said.err}")
        return said

    def change(self, day: date, *, good: bool = False) -> None:
        """Replace a day by content that it never had: bad, or as healthy as before."""
        self.marks += 1
        text = content(day, ROWS)
        text = text if good else text.replace("referrer", f"lost{self.marks}", 1)
        made = put(self.folder / "made", day, Kind.RAW, text)
        moment = datetime(day.year, day.month, day.day, 5, tzinfo=UTC).timestamp() + 86_400 + self.marks
        os.utime(made, (moment, moment))
        made.replace(self.data / made.name)

    def told(self) -> Files:
        """Return the content of the exporter's files without the times of writing."""
        found = {name: self.output / name for name in (REPORT, ALERTS, FLAG)}
        return {name: masked(path.read_bytes()) if path.exists() else None for name, path in found.items()}

    def gates(self) -> tuple[int, ...]:
        """Return the exit codes of ``gate status`` for all days and for each that may be bad."""
        places = ("--data.dir", "data", "--output.dir", "out")
        days = [("--partition", str(day)) for day in BAD]
        return tuple(self.call("gate", "status", *places, *about).code for about in [(), *days])

    def book(self) -> Book:
        """Return the audit log."""
        return AuditLog(self.output / AUDIT).read()

    def log(self) -> bytes:
        """Return the bytes of the audit log."""
        path = self.output / AUDIT
        return path.read_bytes() if path.exists() else b""

    def acknowledged(self) -> set[str]:
        """Return who acknowledged days, and for which reasons."""
        made = [entry for entry in self.book().entries if isinstance(entry, Acknowledged)]
        return {entry.by for entry in made} | {entry.reason for entry in made}

    @contextmanager
    def twin(self, *, remembers: bool = True) -> Iterator["World"]:
        """Provide a copy, with or without a state; what happens in it does not affect the original."""
        with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix="twin-") as name:
            copy = World(Path(name) / "world", self.marks)
            forgotten = () if remembers else ("state.db*",)
            ignored = shutil.ignore_patterns("made", "filler", ".*.tmp", *forgotten)
            shutil.copytree(self.folder, copy.folder, ignore=ignored)
            yield copy

    def foresee(self, *, remembers: bool = True) -> tuple[Files, tuple[int, ...]]:
        """Return what an undisturbed pass would report, with or without a state, and the gates after it."""
        with self.twin(remembers=remembers) as copy:
            copy.do(*copy.run)
            return copy.told(), copy.gates()

    def leftovers(self) -> Sequence[str]:
        """Return what should not be there once a command has ended on its own."""
        folders = {"out": OURS | {"filler"}, "tmp": set(), "out/history": None}
        found = []
        for name, known in folders.items():
            paths = [*sorted((self.folder / name).glob("*")), *(self.folder / name).glob(".*")]
            there = [path.name for path in paths if not _is_probe(path)]
            kept = known if known is not None else {one for one in there if one.startswith("monitoring_")}
            found += [f"left over: {name}/{one}" for one in there if one not in kept]
        return found


def _is_probe(path: Path) -> bool:
    """Return whether a file is the one that Python writes to find a temporary folder, and then removes."""
    is_named = PROBE_NAME.fullmatch(path.name) is not None
    return is_named and path.is_file() and PROBE.startswith(path.read_bytes())


def masked(content: bytes) -> bytes:
    """Return content without what differs between two equivalent runs."""
    content = WHEN.sub(lambda found: found[0] if found[1] in FIXED else b"WHEN", content)
    return BROKEN_LINES.sub(b"", content)


def is_json(content: bytes) -> bool:
    """Return whether content is a complete JSON object."""
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def has_traceback(text: str) -> bool:
    """Return whether a user was shown a bug."""
    return "Traceback" in text or "this is a bug" in text
