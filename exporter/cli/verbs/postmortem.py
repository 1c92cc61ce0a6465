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
from exporter.cli.output import deliver
from exporter.errors import UserError
from exporter.triage.explain import explain, find_view
from exporter.triage.postmortem import postmortem as write_postmortem
from exporter.triage.timeline import from_audit, from_facts, from_reports, in_order

app = new_verb()


@app.command()
def postmortem(
    *,
    partition: Annotated[str, typer.Argument(metavar="PARTITION", help="A day: YYYY-MM-DD.")],
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
    day = read_day(partition)
    if output is not None and output.exists():  # somebody may have filled it in
        raise UserError(f"--output: {output} is there already")
    seen = look(Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format)))
    view = find_view(seen.snapshot, day)
    folder = seen.places.output
    traces = (*from_facts(view.facts), *from_reports(folder, day), *from_audit(folder, day))
    told = explain(seen.snapshot, view, None, seen.config.written.links.links().checks)
    deliver(write_postmortem(told, in_order(traces)), output)
    return 0
