"""``detectors``: how each trend is judged today, and what that is good for."""

from typing import Annotated

import typer

from exporter.cli.options import AsOf, Common, ConfigFile, DataDir, LogFormat, LogLevel, Logs, OutputDir

DEFAULT_LOGS = Logs()


def detectors(
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Say how each trend is judged: state, limits, false alarms to expect and the drop it would catch."""
    from exporter.cli import judgement  # noqa: PLC0415  loads pandas

    common = Common(config_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    return judgement.detectors(common, as_json=as_json)
