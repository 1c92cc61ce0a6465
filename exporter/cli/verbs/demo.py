"""Generate a pipeline with realistic days and incidents, and serve it live."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exporter.cli.live import Web, serve
from exporter.cli.options import (
    DEFAULT_LOGS,
    Common,
    LogFormat,
    LogLevel,
    Logs,
    new_verb,
)
from exporter.cli.places import OUTPUT, refuse_filled
from exporter.demo.days import Arrivals, write_day
from exporter.demo.plan import Plan, demo_plan, write_pipeline, write_task_runs
from exporter.demo.upstream import run_dq
from exporter.errors import UserError, reason_of
from exporter.gate.answer import REPORT
from exporter.model import Partition
from exporter.places.url import refuse_remote
from exporter.server.listen import Address, first_free

ADDRESS = Address("127.0.0.1", 10110)

app = new_verb()


@app.command()
def demo(
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir", metavar="DIR", help="Where to generate and keep the files; default: a temporary folder."
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="NUMBER", min=10, max=400, help="How many past days to generate.")
    ] = 35,
    drop_after: Annotated[
        float, typer.Option("--drop-after", metavar="SECONDS", min=0, help="When today's files arrive.")
    ] = 20,
    listen: Annotated[
        str | None,
        typer.Option(
            "--web.listen-address",
            metavar="HOST:PORT",
            help=f"Where to serve; default: {ADDRESS.host}:{ADDRESS.port}, or the next free port.",
        ),
    ] = None,
    log_level: LogLevel = "warning",
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Generate a pipeline with realistic days and incidents, and serve it live."""
    return _show(Logs(log_level, log_format), directory, days, drop_after, listen)


ONE_DAY = timedelta(days=1)
SINCE_DUE = timedelta(days=1, hours=6, minutes=30)  # the demo's clock, after the newest day's midnight


def _show(logs: Logs, directory: Path | None, days: int, drop_after: float, listen: str | None) -> int:
    """Generate, serve, drop today's partition after a while; return 0 when stopped."""
    today = datetime.now(UTC).date()
    plan = demo_plan(today, days + 1)
    clock = f"{today + SINCE_DUE:%Y-%m-%d}T06:30:00Z"
    console = Console(soft_wrap=True, highlight=False, markup=False)
    listen = listen or _usual_address(console)
    with _folder(directory) as folder:
        console.print(f"Generating {days} days of a pipeline in {folder} ...")
        _write(folder, today - ONE_DAY, days, plan)
        arrival = threading.Timer(drop_after, _drop, (folder, today, plan, console))
        arrival.daemon = True

        def on_open(port: int) -> None:
            console.print(_invitation(port, folder, today, drop_after))
            arrival.start()

        try:
            return serve(Common(None, None, folder, None, clock, logs, keep=True), Web(listen), on_open)
        finally:
            arrival.cancel()
            if arrival.is_alive():  # it writes into the folder that is about to be removed
                arrival.join()


def _usual_address(console: Console) -> str:
    """Return the default address, or another if it is in use, such as by another demo."""
    free = first_free(ADDRESS)
    if free != ADDRESS:
        console.print(f"Port {ADDRESS.port} is in use; the demo uses {free.port}.")
    return f"{free.host}:{free.port}"


@contextlib.contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="puffy-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    refuse_remote(directory, "the demo writes to a local folder")
    try:
        refuse_filled(directory)
    except OSError as error:
        raise UserError(f"--dir: {directory}: {reason_of(error)}") from None
    yield directory


def _write(folder: Path, last: Partition, days: int, plan: Plan) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_pipeline(folder, last, days, plan=plan)
    except OSError as error:
        raise UserError(f"{folder}: {reason_of(error)}") from None


def _drop(folder: Path, day: Partition, plan: Plan, console: Console) -> None:
    now = datetime.now(UTC)
    write_day(folder, day, incidents=plan[day], arrival=now)
    write_task_runs(folder, day, Arrivals(now, now + timedelta(minutes=6)))
    run_dq(folder, now)
    console.print(f"{now:%H:%M:%S} UTC: the files of {day} have arrived; reload the page in 3 seconds")


def _invitation(port: int, folder: Path, day: Partition, drop_after: float) -> str:
    return f"""
The exporter is running. Its clock shows 06:30 UTC on the morning after {day}.

  http://127.0.0.1:{port}/               the front page
  http://127.0.0.1:{port}/metrics        what Prometheus scrapes
  http://127.0.0.1:{port}/api/v1/report  the report, also {folder / OUTPUT / REPORT}

The files of {day} are missing: PuffyPartitionMissing fires. They arrive in {drop_after:g} seconds.
Ctrl-C ends the demo.
"""
