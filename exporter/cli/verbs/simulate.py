"""Write a generated pipeline's files: history at once, then yesterday's incident, then new days."""

import logging
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from exporter.cli.logs import configure_logs
from exporter.cli.options import DEFAULT_LOGS, LogFormat, LogLevel, Logs, new_verb
from exporter.cli.places import refuse_filled
from exporter.demo.feed import ONE_DAY, deliver, has_arrived, newest_arrived, rerun
from exporter.demo.incidents import Incident
from exporter.demo.plan import Plan, demo_plan, write_pipeline
from exporter.errors import UserError, reason_of
from exporter.model import Partition
from exporter.places.url import refuse_remote

log = logging.getLogger(__name__)

MARK = ".simulated"  # marks a folder that may be written to; readers ignore it
LIVE_DAYS = 2  # delivered one by one: the one with the scripted incident, and the newest
TICK_SECONDS = 5.0  # how soon a day that has become due is noticed

app = new_verb()


@app.command()
def simulate(
    *,
    directory: Annotated[
        Path,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Where to write: an empty folder, or one from an earlier run.",
            show_default=False,
        ),
    ],
    days: Annotated[
        int, typer.Option("--days", metavar="NUMBER", min=10, max=400, help="How many days to generate.")
    ] = 35,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0, help="Time between the last days' arrivals.")
    ] = 10,
    rerun_after: Annotated[
        float,
        typer.Option(
            "--rerun-after",
            metavar="SECONDS",
            min=0,
            help="Time between repeated deliveries, fixed and broken in turn; 0: none.",
        ),
    ] = 900,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Write a generated pipeline's files: history at once, then yesterday's incident, then new days.

    The newest day is the last whose files would have arrived by now. Each file appears atomically.
    """
    return _play(Logs(log_level, log_format), directory, days, every, rerun_after)


def _play(logs: Logs, directory: Path, days: int, every: float, rerun_after: float) -> int:
    """Write a pipeline's files to ``directory`` until stopped, then return 0. Raises UserError."""
    configure_logs(logs)
    stop = threading.Event()
    _stop_at_signals(stop)
    try:
        _claim(directory)
        newest = newest_arrived(datetime.now(UTC))
        plan = demo_plan(newest, days)
        _write_history(directory, plan)
        _catch_up(directory, plan, every, stop)
        _go_on(directory, newest, plan, rerun_after, stop)
    except OSError as error:
        raise UserError(f"{directory}: {reason_of(error)}") from None
    return 0


def _stop_at_signals(stop: threading.Event) -> None:
    def react(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, react)


def _claim(directory: Path) -> None:
    """Mark the directory as ours; reject one with other content."""
    refuse_remote(directory, "a simulated pipeline writes to a local folder")
    mark = directory / MARK
    if not mark.exists():
        refuse_filled(directory)
    directory.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _absent(directory: Path, plan: Plan) -> list[Partition]:
    return [
        day
        for day, incidents in plan.items()
        if Incident.MISSING not in incidents and not has_arrived(directory, day)
    ]


def _write_history(directory: Path, plan: Plan) -> None:
    if any(has_arrived(directory, day) for day in plan):
        return  # it resumes where it was stopped
    past = list(plan)[:-LIVE_DAYS]
    write_pipeline(directory, past[-1], len(past), plan=plan)
    log.info("history written", extra={"days": len(past), "newest": str(past[-1])})


def _catch_up(directory: Path, plan: Plan, every: float, stop: threading.Event) -> None:
    for day in _absent(directory, plan):
        if stop.wait(every):
            return
        deliver(directory, day, plan[day], datetime.now(UTC))
        _tell("delivered", day, plan[day])


def _go_on(directory: Path, newest: Partition, plan: Plan, rerun_after: float, stop: threading.Event) -> None:
    """Deliver each new day on time; meanwhile redeliver days, the repaired day of the incident first."""
    number, due = -1, time.monotonic() + rerun_after
    while not stop.wait(min(TICK_SECONDS, rerun_after or TICK_SECONDS)):
        now = datetime.now(UTC)
        if newest_arrived(now) > newest:
            newest += ONE_DAY
            usual = rerun(0, plan[max(plan)])
            deliver(directory, newest, usual, now)
            _tell("delivered", newest, usual)
        elif rerun_after and time.monotonic() >= due:
            day = newest - ONE_DAY if number < 0 else newest
            incidents = rerun(max(number, 0), plan[max(plan)])
            deliver(directory, day, incidents, now, arrival=now)
            _tell("delivered again", day, incidents)
            number, due = number + 1, time.monotonic() + rerun_after


def _tell(what: str, day: Partition, incidents: tuple[Incident, ...]) -> None:
    wrong = ",".join(incident for incident in incidents if incident is not Incident.RENAMED_ID_COLUMN)
    log.info(what, extra={"partition": str(day), "incident": wrong or "none"})
