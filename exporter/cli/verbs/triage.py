"""``explain``, ``postmortem`` and ``backfill``: from an alert to its cause, and back in time."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.options import AsOf, Common, ConfigFile, DataDir, LogFormat, LogLevel, Logs, OutputDir

QUIET = Logs(level="warning")


def explain(
    *,
    partition: Annotated[str, typer.Argument(metavar="PARTITION", help="A day: YYYY-MM-DD.")],
    check: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="One check or alert; default: all in breach.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=0, max=100, help="Rows to show.")] = 5,
    unmask: Annotated[
        bool,
        typer.Option("--unmask", help="Show ids, queries, amounts and malformed fields as they are."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET.level,
    log_format: LogFormat = QUIET.form,
) -> int:
    """Say why a partition, or one check of it, is as it is: figures, limits, baseline, rows."""
    from exporter.cli import explaining  # noqa: PLC0415  loads pandas

    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    return explaining.run(common, partition, check, rows, unmask=unmask, as_json=as_json)


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
    from exporter.cli import backfilling  # noqa: PLC0415  loads pandas

    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    return backfilling.run(common, output, days)


def postmortem(
    *,
    partition: Annotated[str, typer.Argument(metavar="PARTITION", help="A day: YYYY-MM-DD.")],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="A new file; default: stdout.")
    ] = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = QUIET.level,
    log_format: LogFormat = QUIET.form,
) -> int:
    """Write a postmortem in Markdown, with timeline, figures and runbooks filled in."""
    from exporter.cli import postmortems  # noqa: PLC0415  loads pandas

    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    return postmortems.run(common, partition, output)
