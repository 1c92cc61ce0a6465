"""List the incidents, each problem once, or show one in full."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from exporter.cli.gating.where import Where, find_folders
from exporter.cli.options import ConfigFile, DataDir, FeedFile, OutputDir, new_group
from exporter.errors import UserError
from exporter.gate.answer import REPORT, Folders, read_book, read_report, reading
from exporter.gate.entry import StandingAcknowledgement
from exporter.gate.gate import Gate
from exporter.gate.incident import find_id, incidents_of, problem_of
from exporter.gate.line import as_fields

GAP = "  "
WHY = {"next_day_good": "next day good", "accepted": "new level", "covered": "part of another"}
FATES = {"bad": "bad", "answered": "acknowledged", "repaired": "repaired"}

Json = Mapping[str, Any]

app = new_group(__doc__, alone=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def incidents(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Include ended incidents.")] = False,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """List the incidents as of the exporter's last pass: each problem once, open ones first."""
    where = Where(config_file, feed_file, data_dir, output_dir)
    if context.invoked_subcommand is not None:
        context.obj = where  # options may come before or after the word
        return 0
    report, folders = _read(where)
    with reading(folders.output):
        known = list(incidents_of(report).values())
        chosen = [one for one in known if everything or one["state"] == "open"]
        lines = list(_table(chosen))
    if as_json:
        typer.echo(json.dumps(chosen, indent=2))
        return 0
    for line in lines:
        typer.echo(line)
    ended = len(known) - len(chosen)
    if not chosen:
        typer.echo("no incident is open" + (f"; --all lists the {ended} that have ended" if ended else ""))
    return 0


@app.command()
def show(
    context: typer.Context,
    *,
    incident: Annotated[
        str, typer.Argument(metavar="INCIDENT", help="Its id, or at least the first 4 characters.")
    ],
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
) -> int:
    """Show one incident in full: text, days, checks, evidence, holds and what to do."""
    given = Where(config_file, feed_file, data_dir, output_dir)
    report, folders = _read(Where(*(own or other for own, other in zip(given, context.obj, strict=True))))
    gate = Gate(read_book(folders.output).entries, datetime.now(UTC))
    with reading(folders.output):
        known = incidents_of(report)
        chosen = known[find_id(incident, known)]
        standing = [one for one in gate.standing_acknowledgements if one.incident == chosen["id"]]
        document = _in_full(report, chosen, standing)
        lines = list(_lines(document))
    if as_json:
        typer.echo(json.dumps(document, indent=2))
        return 0
    for line in lines:
        typer.echo(line)
    return 0


def _read(where: Where) -> tuple[Json, Folders]:
    folders = find_folders(where)
    report = read_report(folders.output)
    if not report:
        raise UserError(
            f"{folders.output / REPORT}: does not exist, so no incident is known; has the exporter run?"
        )
    return report, folders


def _table(known: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each incident, the longest column last."""
    rows = [
        (one["id"], one["severity"], _state(one), _span(one), one["owner"], _title(one["headline"]))
        for one in known
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield GAP.join(cells).rstrip()


def _state(one: Json) -> str:
    """Describe its state, and why it ended, if it ended by itself."""
    if one["why"] in (None, "acknowledged"):
        return str(one["state"])
    return f"{one['state']} ({WHY.get(one['why'], one['why'])})"


def _span(one: Json) -> str:
    return one["since"] if one["last"] == one["since"] else f"{one['since']}..{one['last']}"


def _title(headline: str) -> str:
    """Leave out feed and days, which are shown elsewhere."""
    return headline.partition(": ")[2] or headline


def _in_full(report: Json, chosen: Json, standing: Sequence[StandingAcknowledgement]) -> dict[str, Any]:
    """Return an incident with the report's entry for each of its days."""
    days = {
        day: {"state": state, **_of_day(problem_of(report, chosen, day))}
        for day, state in chosen["days"].items()
    }
    bad = "bad" in chosen["days"].values()
    command = f"puffy-exporter gate ack {chosen['id']} --by NAME --reason TEXT" if bad else None
    return {
        **chosen,
        "days": days,
        "acknowledge": command,
        "standing_acknowledgements": [as_fields(one) for one in standing],
    }


def _of_day(problem: Json | None) -> dict[str, Any]:
    """Return what is known of a day: nothing if it is good or no longer judged."""
    if problem is None:
        return {}
    document = {"seen": problem["seen"], "checks": problem["explains"]}
    return document | ({"evidence": problem["evidence"]} if problem.get("evidence") else {})


def _lines(document: Json) -> Iterator[str]:
    about = f" of {document['subject']}" if document["subject"] else ""
    yield f"{document['id']}  {document['severity']}  {_state(document)}"
    yield document["headline"]
    yield f"{document['cause']}{about}, owner {document['owner']}"
    yield ""
    yield from document["text"].splitlines()
    yield ""
    for day, known in document["days"].items():
        yield f"{day}  {FATES.get(known['state'], known['state'])}" + (
            f": {known['seen']}" if known.get("seen") else ""
        )
        if known.get("checks"):
            yield f"  checks: {', '.join(known['checks'])}"
        if evidence := [
            f"{name} {value}" for name, value in known.get("evidence", {}).items() if value != ""
        ]:
            yield f"  evidence: {', '.join(evidence)}"
    yield ""
    yield f"held: {', '.join(document['held']) or 'nothing'}"
    yield f"next: {document['next_step']}"
    yield f"runbook: {document['runbook_url']}"
    for one in document["standing_acknowledgements"]:
        yield (
            f"later days are acknowledged until {one['until']} by {one['by']} ({one['reason']});"
            f" to end that: puffy-exporter gate revoke {document['id']} --by NAME --reason TEXT"
        )
    if document["acknowledge"] is not None:
        yield f"to acknowledge: {document['acknowledge']}"
