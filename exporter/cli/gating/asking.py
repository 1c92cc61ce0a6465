"""Query the gate once, or until it opens."""

import json
import time
from pathlib import Path

import typer

from exporter.cli.gating.where import Where, find_folders
from exporter.cli.gating.words import line_of, print_decision
from exporter.errors import UserError
from exporter.gate.answer import REPORT, About, Decision, Folders, ask, read_book
from exporter.gate.audit import AUDIT
from exporter.gate.flag import FLAG, gate_document
from exporter.gate.line import as_fields

EXIT_CLOSED = 3
POLL_SECONDS = 1.0
STILL_SECONDS = 600.0


def show_status(where: Where, about: About, *, as_json: bool) -> int:
    """Print the gate's state; return 0 if it is open, 3 if closed."""
    decision = ask(find_folders(where), about)
    if as_json:
        document = gate_document(decision.status) | {
            "closed": decision.closed,
            "unjudged": decision.unjudged,
            "blocked": list(decision.blocked),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        print_decision(decision)
    return EXIT_CLOSED if decision.closed else 0


def wait_until_open(where: Where, about: About, timeout: str) -> int:
    """Wait until the gate is open; return 3 on timeout. Prints now and then that it is still waiting."""
    if wait_for(find_folders(where), about, _seconds(timeout)):
        typer.echo("open")
        return 0
    typer.echo(f"still closed after {timeout}", err=True)
    return EXIT_CLOSED


def wait_for(folders: Folders, about: About, seconds: float) -> bool:
    """Wait until the gate is open, and print why it is not; return ``False`` on timeout. Raises UserError."""
    begun = said_at = time.monotonic()
    said: Decision | None = None
    while True:
        before = _stamps(folders.output)
        decision, now = ask(folders, about), time.monotonic()
        if not decision.closed:
            return True
        if said is None or said.reasons != decision.reasons:
            print_decision(decision)
            said, said_at = decision, now
        elif now - said_at >= STILL_SECONDS:
            typer.echo(f"still waiting after {round((now - begun) / 60)} minutes")
            said_at = now
        if now - begun >= seconds:
            return False
        interval = 0.0 if about.day is None else folders.upstream().interval
        _pause(folders.output, before, now + interval, begun + seconds)


def _pause(output: Path, before: object, until: float, deadline: float) -> None:
    """Sleep for a moment, and on until an instant or until the exporter or a person has written something."""
    while (rest := deadline - time.monotonic()) > 0:
        time.sleep(min(POLL_SECONDS, rest))
        if time.monotonic() >= until or _stamps(output) != before:
            return


def _stamps(output: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what changes when one of the files changes on which the gate depends."""
    return tuple(_stamp(output / name) for name in (AUDIT, REPORT, FLAG))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def show_history(where: Where, *, as_json: bool) -> int:
    """Print the audit log."""
    book = read_book(find_folders(where).output)
    if as_json:
        typer.echo(json.dumps([as_fields(entry) for entry in book.entries], indent=2))
    else:
        for entry in book.entries:
            typer.echo(line_of(entry))
    if book.broken:
        typer.echo(f"{book.broken} lines cannot be read", err=True)
    return 0


def _seconds(text: str) -> float:
    from exporter.strict import parse_duration  # noqa: PLC0415  loads pydantic

    try:
        return float(text) if text.isdecimal() else float(str(parse_duration(text)))
    except ValueError as error:
        raise UserError(f"--timeout: {error}") from None
