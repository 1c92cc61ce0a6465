"""What must hold of an exporter's folder, whatever happened."""

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

from crashes.strike import Struck
from crashes.world import Files, World, has_traceback, is_json
from exporter.gate.line import BrokenLineError, read_line
from exporter.report.outputs import HISTORY, REPORT

EXIT_CODES = {0, 1}


def file_faults(world: World, allowed: Sequence[Files]) -> Iterator[str]:
    """Yield a line for each file that an undisturbed exporter would not have written."""
    told = world.told()
    for name, content in told.items():
        known = [files[name] for files in allowed]
        if content not in known:
            yield f"{name} is none of those that are possible: {difference(content, known[-1])}"
    report = told[REPORT]
    if report is not None and not is_json(report):
        yield f"{REPORT} is not JSON"
    for path in (world.output / HISTORY).glob("monitoring_*.json"):
        if not is_json(path.read_bytes()):
            yield f"{HISTORY}/{path.name} is not JSON"


def difference(found: bytes | None, wanted: bytes | None) -> str:
    """Return the first line that differs."""
    lines = zip_longest((found or b"").splitlines(), (wanted or b"").splitlines())
    return next((f"{mine!r:.300} in place of {other!r:.300}" for mine, other in lines if mine != other), "")


def gate_faults(world: World, allowed: Collection[tuple[int, ...]]) -> Iterator[str]:
    """Yield a line if the gate of all days, or of one, is in a state that it could not have without the kill.

    They need not change together: a day's gate follows the report as well, which is written later.
    """
    gates = world.gates()
    if any(found not in possible for found, possible in zip(gates, zip(*allowed, strict=True), strict=True)):
        yield f"the gate says {gates}, not one of {sorted(allowed)}"


def log_faults(world: World, before: bytes, *, torn: int = 1) -> Iterator[str]:
    """Yield a line for each loss in the audit log since it was ``before``.

    A killed writer may leave one unfinished line, which is not an entry.
    """
    log, book = world.log(), world.book()
    if not log.startswith(before):
        yield "the audit log was rewritten"
    if book.damaged:
        yield f"lines {book.damaged} of the audit log are damaged"
    broken = sum(not _is_entry(line) for line in log[len(before) :].splitlines()[:-1])
    if broken > torn:
        yield f"{broken} lines of the audit log are broken"


def _is_entry(line: bytes) -> bool:
    try:
        read_line(line)
    except BrokenLineError:
        return not line.strip()
    return True


def lost(world: World, told: Collection[str]) -> list[str]:
    """Return the confirmed acknowledgements that are not on record."""
    known = world.acknowledged()
    return [one for one in told if one not in known]


def exit_faults(struck: Struck, named: Collection[str] = ()) -> Iterator[str]:
    """Yield a line if a process that ended on its own did so other than documented.

    If it failed, its last line must name one of the files.
    """
    if struck.was_killed:
        return
    if struck.code not in EXIT_CODES or has_traceback(struck.err):
        yield f"exit code {struck.code}: {struck.err[-400:]}"
    elif struck.code:
        last = struck.err.strip().splitlines()[-1:] or [""]
        if not last[0].startswith("puffy-exporter: error: ") or not any(name in last[0] for name in named):
            yield f"an error that does not say which file: {last[0]}"
