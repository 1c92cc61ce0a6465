"""Query the gate once, or until it opens."""

import json
import time

import typer

from exporter.cli.gating.where import Where, find_folders
from exporter.cli.gating.words import line_of, print_answer
from exporter.errors import UserError
from exporter.gate.answer import About, Answer, ask, read_book
from exporter.gate.flag import gate_document
from exporter.gate.line import as_fields

EXIT_CLOSED = 3
POLL_SECONDS = 1.0
STILL_SECONDS = 600.0


def show_status(where: Where, about: About, *, as_json: bool) -> int:
    """Print the gate's state; return 0 if it is open, 3 if closed."""
    answer = ask(find_folders(where), about)
    if as_json:
        document = gate_document(answer.status) | {
            "closed": answer.closed,
            "unjudged": answer.unjudged,
            "blocked": list(answer.blocked),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        print_answer(answer)
    return EXIT_CLOSED if answer.closed else 0


def wait_until_open(where: Where, about: About, timeout: str) -> int:
    """Wait until the gate is open; return 3 on timeout. Prints now and then that it is still waiting."""
    folders = find_folders(where)
    begun = time.monotonic()
    deadline, said_at = begun + _seconds(timeout), begun
    said: Answer | None = None
    while (answer := ask(folders, about)).closed:
        now = time.monotonic()
        if said is None or said.reasons != answer.reasons:
            print_answer(answer)
            said, said_at = answer, now
        elif now - said_at >= STILL_SECONDS:
            typer.echo(f"still waiting after {round((now - begun) / 60)} minutes")
            said_at = now
        rest = deadline - now
        if rest <= 0:
            typer.echo(f"still closed after {timeout}", err=True)
            return EXIT_CLOSED
        time.sleep(min(POLL_SECONDS, rest))
    typer.echo("open")
    return 0


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
