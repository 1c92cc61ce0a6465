"""Write a postmortem in Markdown, with timeline, figures and runbooks filled in."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.days import read_day
from exporter.cli.look import look
from exporter.cli.options import (
    QUIET_LOGS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    new_verb,
)
from exporter.cli.output import deliver, is_there
from exporter.errors import UserError
from exporter.gate.incident import is_incident
from exporter.triage.aftermath import Aftermath

app = new_verb()


@app.command()
def postmortem(
    *,
    partition: Annotated[
        str,
        typer.Argument(
            metavar="PARTITION|INCIDENT",
            help="A day such as 2025-03-09, or the beginning of an incident's id.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="A new file; default: stdout.")
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET_LOGS.level,
    log_format: LogFormat = QUIET_LOGS.form,
) -> int:
    """Write a postmortem in Markdown, with timeline, figures and runbooks filled in."""
    day = None if is_incident(partition) else read_day(partition)
    if output is not None and is_there(output):  # somebody may have filled it in
        raise UserError(f"--output: {output} already exists")
    seen = look(Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))
    known = Aftermath(seen.snapshot, seen.places.output, seen.config.written.links.links())
    deliver(known.of_incident(partition) if day is None else known.of_day(day), output)
    return 0
