"""Write the trends' history as OpenMetrics, which promtool turns into Prometheus blocks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

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
    Scheduler,
    new_verb,
)
from exporter.cli.output import deliver
from exporter.cli.remember import remember
from exporter.rules.backfill import history

app = new_verb()


@app.command()
def backfill(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; default: stdout.")
    ] = None,
    days: Annotated[
        int,
        typer.Option("--days", metavar="NUMBER", min=1, max=3650, help="How many of the newest partitions."),
    ] = 400,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--reports",
            metavar="PATH",
            help="Earlier reports, or a folder of them, for days whose files are gone; repeatable.",
        ),
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    scheduler: Scheduler = None,
    log_level: LogLevel = QUIET_LOGS.level,
    log_format: LogFormat = QUIET_LOGS.form,
) -> int:
    """Write the trends' history as OpenMetrics, which promtool turns into Prometheus blocks."""
    logs = Logs(log_level, log_format)
    common = Common(config_file, feed_file, data_dir, output_dir, as_of, logs, scheduler=scheduler)
    if reports:
        sys.stderr.write(f"{remember(common, reports)}\n")
    page = "".join(history(look(common, window_days=days).snapshot))
    deliver(page, output)
    if output is not None:
        samples = sum(not line.startswith("#") for line in page.splitlines())
        sys.stderr.write(f"{output}: {samples} samples\n")
    return 0
