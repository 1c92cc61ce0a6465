"""Run the statements of a contract on a day's file: each gives a number, or the reason why not.

Statements run in a separate process, which can access only the day's file. One that crashes, never
ends or exhausts memory affects no other: its process is killed, and a new one runs the rest.
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

from exporter.errors import reason_of
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
START_SECONDS = 30.0  # for a process to be ready, in addition to a statement's time
LOOK_SECONDS = 0.2  # between checks for a request to stop
LONGEST_REASON = 200

Answer = float | str
"""A number, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The resource limits of a statement."""

    memory: int = 512_000_000  # bytes
    timeout: float = 30.0  # seconds
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Known:
    """The known facts of the file: how its figures are read, and the figures."""

    zone: str = "UTC"  # of timestamps without one
    missing: MissingValues = NO_VALUE
    profile: Profile | None = None  # of the same content: the number of rows


DEFAULTS = Bounds()
NOTHING = Known()


class _LostError(Exception):
    """The process ended, or had to be killed, before it answered."""


@cache
def is_installed() -> bool:
    """Return whether DuckDB is installed, without loading it."""
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
    """Run all queries on the open file of a table, and return the results by query name.

    Never raises because of a statement. Raises InterruptedError as soon as ``stopped``.
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
    file = f"/dev/fd/{local.descriptor}"  # the profiled file, by a name that cannot be a pattern
    data = local.read(len(BOM) + LONGEST_HEADER + 2, 0)
    header = read_header(data, table.aliases, table.form.delimiter, table.form.quote)
    profile = known.profile
    repeats = profile is not None and profile.repeated_headers > 0
    empties = profile is not None and profile.empty_rows > 0
    return {
        "file": file,
        "view": view_of(file, table, header, known.missing, repeats=repeats, empties=empties),
        "count": f"SELECT count(*) FROM {quoted(table.name)}",  # noqa: S608  quoted
        "rows": _rows(known.profile),
        "memory": bounds.memory,
        "threads": bounds.threads,
        "zone": known.zone,
        "modules": [path or "." for path in sys.path],
    }


def _rows(profile: Profile | None) -> tuple[int, int] | None:
    """Return the number of rows and by how many DuckDB's count may differ, or ``None`` if all are regular.

    After an unclosed quote DuckDB reads the rest as one value: a result would cover only half the file.
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
    """Query one process while it answers; return at least one result, the last may be its failure."""
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
        reason = f"no process could be started: {reason_of(error)}"
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
        start_new_session=True,  # Ctrl-C is meant for us
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
    """A process's output, line by line."""

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
