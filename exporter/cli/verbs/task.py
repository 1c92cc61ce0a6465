"""Run the pipeline's tasks and record their runs."""

import logging
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from exporter.cli.days import read_day
from exporter.cli.options import ConfigFile, DataDir, FeedFile, new_group
from exporter.cli.places import NO_DATA, find_data
from exporter.errors import UserError
from exporter.places.url import refuse_remote
from exporter.tasks.record import Record
from exporter.tasks.wrap import UnstartableError, run_command, without_signals

app = new_group(__doc__)


@app.callback()
def _group() -> None:
    """Keep ``run`` a subcommand of ``task``: a Typer with a single command becomes that command."""


@app.command("run", context_settings={"allow_interspersed_args": False})
def run(
    *,
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND [ARGUMENTS]...", help="The command to run.")
    ],
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="The task's name.")],
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition", metavar="YYYY-MM-DD", help="The day that it processes; default: yesterday."
        ),
    ] = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
) -> int:
    """Run a command, pass its exit code on, and record start, end and exit code in task_runs/.

    Streams and signals are passed through. If the record cannot be written, the command runs
    anyway, with a warning.
    """
    return _run_recorded(command, task, partition, data_dir, (config_file, feed_file))


def _run_recorded(
    command: Sequence[str],
    task: str,
    partition: str | None,
    data_dir: Path | None,
    files: tuple[Path | None, Path | None],
) -> int:
    """Run a command and record when it started, when it ended and how; return its exit code.

    ``files`` are the configuration and the feed's contract. They are read only if needed,
    so that the task starts immediately.
    """
    logging.basicConfig(format="puffy-exporter: %(message)s", stream=sys.stderr, level=logging.WARNING)
    if not task.strip():
        raise UserError("--task: a name must not be empty")
    zone: tzinfo = UTC
    if any(files) and (partition is None or data_dir is None):
        with without_signals():
            zone, data_dir = _configured(*files, data_dir)
    day = _yesterday(zone) if partition is None else read_day(partition, "--partition")
    if data_dir is None:
        raise UserError(NO_DATA)
    refuse_remote(data_dir, "task records are written to a local folder: set --data.dir to one")
    record = Record.begin(data_dir, task.strip(), day)
    record.write()
    try:
        code = run_command(command)
    except UnstartableError as error:
        sys.stderr.write(f"puffy-exporter: error: {error}\n")
        code = error.exit_code
    record.write(code)
    return code


def _configured(
    config_file: Path | None, feed_file: Path | None, data_dir: Path | None
) -> tuple[tzinfo, Path]:
    from exporter.cli.feeds import read_config  # noqa: PLC0415  loads pydantic

    config = read_config(config_file, feed_file)
    return config.calendar.zone, find_data(config, data_dir)


def _yesterday(zone: tzinfo) -> date:
    return datetime.now(zone).date() - timedelta(days=1)
