"""``backtest``: what the checks would have said, day by day."""

from typing import Annotated

import typer

from exporter.cli.options import Common, ConfigFile, DataDir, LogFormat, LogLevel, Logs, OutputDir

DEFAULT_LOGS = Logs()


def backtest(
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; default: the oldest.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; default: the newest.")
    ] = None,
    inject: Annotated[
        str | None,
        typer.Option(
            "--inject",
            metavar="FAULT=SHARE",
            help="Judge each day once more with a fault: drop, rise, revenue, rejects or ids; as drop=0.3.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Replay history day by day as if each were today, with what was known then."""
    from exporter.cli import replaying  # noqa: PLC0415  loads pandas

    common = Common(config_file, data_dir, output_dir, None, Logs(log_level, log_format))
    return replaying.backtest(common, replaying.Wanted(first, last, inject), as_json=as_json)
