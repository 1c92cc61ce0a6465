"""Ask a day's file the statements of its contract: a number each, or why there is none.

Statements run in a process of their own, which sees the day's file and nothing else. One that crashes, never
ends or wants all memory costs itself: its process is killed, and another one answers the rest.
"""

import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from exporter.feed import TABLE, Query, Table
from exporter.model import Profile
from exporter.places.local import LocalFile
from exporter.places.readable import Readable
from exporter.plain import plain
from exporter.profiling.grammar import BOM, LONGEST_HEADER, read_header
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.unpack import on_disk
from exporter.queries.view import quoted, view_of

CHILD = Path(__file__).with_name("child.py")
NOT_INSTALLED = "DuckDB is not installed: pip install 'puffy-exporter[sql]'"
START_SECONDS = 30.0  # for a process to be ready, beside the time that one statement has
LOOK_SECONDS = 0.2  # between two looks whether somebody wants to stop
LONGEST_REASON = 200

Answer = float | str
"""A number, or why there is none."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a statement may use."""

    memory: int = 512_000_000  # bytes
    timeout: float = 30.0  # seconds
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the file: how its figures are read, and what they are."""

    zone: str = "UTC"  # of timestamps that name none
    missing: MissingValues = NO_VALUE
    profile: Profile | None = None  # of the same content: how many rows there are


DEFAULTS = Bounds()
NOTHING = Known()


class _LostError(Exception):
    """The process ended, or had to be ended, before it answered."""


@cache
def is_installed() -> bool:
    """Return whether DuckDB is there; it is not loaded here."""
    return importlib.util.find_spec("duckdb") is not None


def answer(
    file: Readable,
    table: Table,
    queries: Sequence[Query],
    bounds: Bounds,
    *,
    known: Known = NOTHING,
    stopped: Callable[[], bool] = lambda: False,
) -> Mapping[str, Answer]:
    """Ask the open file of a table all queries, and return the answers by the query's name.

    Never raises for anything that a statement does. Raises InterruptedError as soon as ``stopped``.
    """
    if not queries:
        return {}
    if not is_installed():
        return {query.name: NOT_INSTALLED for query in queries}
    statements = [query.sql.replace(TABLE, quoted(table.name)) for query in queries]
    answers: list[Answer] = []
    with on_disk(file) as local:  # DuckDB opens it itself
        request = _request(local, table, bounds, known)
        while len(answers) < len(statements):
            answers += _ask(local.descriptor, request, statements[len(answers) :], bounds, stopped)
    return {query.name: found for query, found in zip(queries, answers, strict=True)}


def _request(local: LocalFile, table: Table, bounds: Bounds, known: Known) -> dict[str, object]:
    file = f"/dev/fd/{local.descriptor}"  # the file that was profiled, and no name that could be a pattern
    data = local.read(len(BOM) + LONGEST_HEADER + 2, 0)
    header = read_header(data, table.aliases, table.form.delimiter, table.form.quote)
    repeats = known.profile is not None and known.profile.repeated_headers > 0
    return {
        "file": file,
        "view": view_of(file, table, header, known.missing, repeats=repeats),
        "count": f"SELECT count(*) FROM {quoted(table.name)}",  # noqa: S608  quoted
        "rows": _rows(known.profile),
        "memory": bounds.memory,
        "threads": bounds.threads,
        "zone": known.zone,
        "modules": [path or "." for path in sys.path],
    }


def _rows(profile: Profile | None) -> tuple[int, int] | None:
    """Return how many rows there are and how many more or less DuckDB may find, or ``None`` if none is odd.

    Where a quote is left open, DuckDB takes what follows for one value: an answer would be of half the file.
    """
    if profile is None:
        return None
    odd = profile.malformed_rows + profile.invalid_utf8_lines + profile.truncated
    return (profile.good_rows, odd) if odd else None


def _ask(
    descriptor: int,
    request: Mapping[str, object],
    statements: Sequence[str],
    bounds: Bounds,
    stopped: Callable[[], bool],
) -> list[Answer]:
    """Ask one process as long as it answers; return one answer at least, the last may be why it is lost."""
    answers: list[Answer] = []
    try:
        with _process(descriptor, {**request, "statements": statements}) as process:
            lines = _Lines(process, stopped)
            refused = lines.next(START_SECONDS + bounds.timeout).get("reason")
            if refused is not None:
                return [_shown(refused)] * len(statements)
            for _ in statements:
                line = lines.next(bounds.timeout)
                answers.append(float(line["number"]) if "number" in line else _shown(line["reason"]))  # type: ignore[arg-type]
    except _LostError as lost:
        answers.append(str(lost))
    except InterruptedError:
        raise
    except OSError as error:
        reason = f"no process could be started: {(error.strerror or str(error)).lower()}"
        answers += [reason] * (len(statements) - len(answers))
    return answers


@contextmanager
def _process(descriptor: int, request: Mapping[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603  our own interpreter and script
        [sys.executable, "-I", "-S", "-B", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        cwd="/",
        env={},
        start_new_session=True,  # Ctrl-C is for us
    )
    try:
        assert process.stdin is not None  # noqa: S101  for mypy
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        yield process
    except BrokenPipeError:
        raise _LostError(_end_of(process)) from None
    finally:
        process.kill()
        process.communicate()


@dataclass(slots=True)
class _Lines:
    """What a process says, a line at a time."""

    process: subprocess.Popen[bytes]
    stopped: Callable[[], bool]
    rest: bytearray = field(default_factory=bytearray)

    def next(self, seconds: float) -> dict[str, object]:
        """Return the next line. Raises _LostError where none comes in time, or ever."""
        until = time.monotonic() + seconds
        while b"\n" not in self.rest:
            left = until - time.monotonic()
            if left <= 0:
                raise _LostError(f"it takes longer than {seconds:g} s")
            if self.stopped():
                raise InterruptedError
            self._read(min(left, LOOK_SECONDS))
        line, _, rest = bytes(self.rest).partition(b"\n")
        self.rest[:] = rest
        found: dict[str, object] = json.loads(line)
        return found

    def _read(self, seconds: float) -> None:
        assert self.process.stdout is not None  # noqa: S101  for mypy
        poll = select.poll()  # not select(), which cannot take a descriptor above 1023
        poll.register(self.process.stdout, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        if not data:
            raise _LostError(_end_of(self.process))
        self.rest += data


def _end_of(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "its process stopped responding"
    if code < 0:
        return f"its process crashed ({signal.Signals(-code).name})"
    return f"its process ended with exit code {code}"


def _shown(reason: object) -> str:
    return plain(str(reason), LONGEST_REASON)
