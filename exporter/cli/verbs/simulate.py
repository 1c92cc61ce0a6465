"""The verb that plays the pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.options import LogFormat, LogLevel, Logs

DEFAULT_LOGS = Logs()


def simulate(
    *,
    directory: Annotated[
        Path,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Where to write; empty, or left by an earlier run.",
            show_default=False,
        ),
    ],
    days: Annotated[int, typer.Option("--days", min=10, max=400, help="How many days there are.")] = 35,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0, help="Between the last days' arrivals.")
    ] = 10,
    rerun_after: Annotated[
        float,
        typer.Option(
            "--rerun-after",
            metavar="SECONDS",
            min=0,
            help="Between days that come again, mended and spoiled in turn; 0: none does.",
        ),
    ] = 900,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Write a generated pipeline's files: history at once, yesterday's incident soon after, and so on.

    The days end at the newest whose files would be there by now. Each file appears whole, under its name.
    """
    from exporter.cli import simulating  # noqa: PLC0415  loads the generator

    return simulating.simulate(Logs(log_level, log_format), directory, days, every, rerun_after)
