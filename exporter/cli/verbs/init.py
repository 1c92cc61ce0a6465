"""Inspect a folder of daily files and write a contract for them."""

import difflib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.options import EXIT_USER_ERROR, new_verb
from exporter.cli.output import deliver, is_there
from exporter.contract.write import contract_text
from exporter.errors import UserError, reason_of
from exporter.feed import WEEKDAYS, Service, Table
from exporter.model import Stage
from exporter.plain import plain
from exporter.sniff.sniff import Proposal, sniff

STDOUT = Path("-")
MOST_GUESSES = 4
HEADING = "# Proposed by puffy-exporter init. Comments say what was guessed and why: read them first.\n"

app = new_verb()


@app.command()
def init(
    *,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="The folder, or the files.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write; -: stdout; default: <id>.yaml."),
    ] = None,
    feed_id: Annotated[
        str | None,
        typer.Option("--id", metavar="NAME", help="The feed's name; default: from the files' names."),
    ] = None,
) -> int:
    """Inspect a folder of daily files and write a contract for them.

    An existing file is never overwritten: the difference to the proposal is printed as a diff. Exits with 0
    if the contract was written or already matches the proposal, with 1 if it differs.
    """
    return _init(paths, output, feed_id)


def _init(paths: list[Path], output: Path | None, feed_id: str | None) -> int:
    proposal = sniff(paths, feed_id)
    try:
        text = contract_text(proposal.feed, proposal.notes, HEADING)
    except ValueError as error:  # tables of different formats cannot share a contract
        raise UserError(f"{proposal.directory}: no contract can describe these files: {error}") from None
    if output == STDOUT:
        deliver(text, None)
        sys.stderr.write("".join(f"{line}\n" for line in _found(proposal)))
        return 0
    file = output or Path(f"{proposal.feed.id}.yaml")
    if is_there(file):
        return _compare(file, text)
    deliver(text, file)
    typer.echo(f"Wrote {plain(str(file), 500)}")
    typer.echo("\n".join([*_found(proposal), *_next(file)]))
    return 0


def _compare(file: Path, text: str) -> int:
    """Print how the proposal differs from an existing file; 0 if it does not, else 1."""
    try:
        existing = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{file}: {reason_of(error)}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 at byte {error.start}") from None
    lines = difflib.unified_diff(
        existing.splitlines(), text.splitlines(), str(file), f"{file} (proposed)", lineterm=""
    )
    found = list(lines)
    if not found:
        typer.echo(f"{file} already matches the proposal")
        return 0
    typer.echo("\n".join(found))
    sys.stderr.write(
        f"{file} exists and was left unchanged; the diff above shows what a new proposal would change\n"
    )
    return EXIT_USER_ERROR


def _found(proposal: Proposal) -> Iterator[str]:
    """Yield the findings, one line each."""
    feed, looked = proposal.feed, proposal.looked
    raw = feed.raw
    yield f"  files       {plain(str(proposal.directory / raw.path.text), 500)}"
    behind = [f"{stage} {feed.table(stage).path.text}" for stage in feed.stages if stage is not Stage.RAW]
    if behind:
        yield f"  stages      {', '.join(map(plain, behind))}"
    days = "1 day" if looked.days == 1 else f"{looked.days:,} days"
    seen = f"{looked.rows:,} rows in the {looked.files} inspected"
    yield f"  days        {days}, {looked.first} to {looked.last}; {seen}"
    yield f"  columns     {_columns(raw)}"
    yield f"  event time  {plain(raw.event_time or 'none found')}"
    yield f"  key         {plain(', '.join(raw.key) or 'none found')}"
    yield f"  due         {_due(feed.service)}"
    yield f"  trends      {', '.join(trend.name for trend in feed.trends)}"
    for number, guess in enumerate(looked.guesses[:MOST_GUESSES]):
        yield f"  {'' if number else 'check':<11} {guess}"
    if len(looked.guesses) > MOST_GUESSES:
        yield f"  {'':<11} and {len(looked.guesses) - MOST_GUESSES} more, in the contract's comments"
    yield from proposal.hints


def _columns(table: Table) -> str:
    kinds = Counter(column.type for column in table.columns)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    personal = sum(column.personal for column in table.columns)
    return f"{len(table.columns)}: {counted}; {len(table.required)} required, {personal} personal"


def _due(service: Service) -> str:
    days = "" if len(service.weekdays) == len(WEEKDAYS) else f", {_weekdays(service)} only"
    return f"{service.due_time:%H:%M} {service.zone} on the day after{days}"


def _weekdays(service: Service) -> str:
    return ", ".join(day for day in WEEKDAYS if day in service.weekdays)


def _next(file: Path) -> Iterator[str]:
    yield "Read the contract's comments, then:"
    yield f"  puffy-exporter run --feed.file {file}"
    yield f"  puffy-exporter serve --feed.file {file}"
