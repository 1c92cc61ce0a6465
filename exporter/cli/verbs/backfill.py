"""Write the trends' history as OpenMetrics, for promtool tsdb create-blocks-from openmetrics."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.look import look
from exporter.cli.options import (
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    new_verb,
)
from exporter.cli.output import deliver
from exporter.rules.backfill import history

QUIET = Logs(level="warning")

app = new_verb()


@app.command()
def backfill(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write; default: stdout.")
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=3650, help="How many of the newest partitions.")
    ] = 400,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET.level,
    log_format: LogFormat = QUIET.form,
) -> int:
    """Write the trends' history as OpenMetrics, for promtool tsdb create-blocks-from openmetrics."""
    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    return _write_history(common, output, days)


def _write_history(common: Common, output: Path | None, days: int) -> int:
    """Write the trends' history to a file, in one step, or to stdout."""
    page = "".join(history(look(common, window_days=days).snapshot))
    deliver(page, output)
    if output is not None:
        samples = sum(not line.startswith("#") for line in page.splitlines())
        sys.stderr.write(f"{output}: {samples} samples\n")
    return 0
