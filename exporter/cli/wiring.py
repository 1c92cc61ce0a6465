"""From configuration to working parts: the only place where both are known."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from exporter.config.load import Config, load_config
from exporter.discover.calendar import parse_as_of
from exporter.errors import UserError
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.intake import Intake, Reading
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.settling import Settling
from exporter.pipeline.vitals import Vitals
from exporter.report.outputs import Outputs
from exporter.store.state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Which folders to work on."""

    data: Path
    output: Path


def find_places(config: Config, data_dir: Path | None, output_dir: Path | None) -> Places:
    """Resolve the folders: the command line wins over the file. Raises UserError."""
    data = data_dir or config.written.data.directory
    if data is None:
        raise UserError("no data directory: give --data.dir, PUFFY_DATA_DIR or data.directory in the file")
    if not data.is_dir():
        raise UserError(f"data directory {data}: {'not a directory' if data.exists() else 'does not exist'}")
    return Places(data, output_dir or config.written.data.output_directory or data / "monitoring")


def open_state(places: Places) -> State | None:
    """Open the state; where its folder cannot be written go on without, and say what that costs."""
    try:
        places.output.mkdir(parents=True, exist_ok=True)
        state = State.open(places.output / "state.db")
    except OSError as error:
        log.warning(
            "no state: every file is read at each start, and first arrivals are not remembered",
            extra={"folder": str(places.output), "reason": (error.strerror or str(error)).lower()},
        )
        return None
    if state.rebuilt:
        log.warning("state rebuilt, first arrivals are lost", extra={"reason": state.rebuilt})
    return state


def build_rules(config: Config) -> Rules:
    """Take what decides about figures and verdicts out of the configuration."""
    return Rules(checks=config.checks, trends=config.trends, figures=config.figures)


def build_reading(config: Config) -> Reading:
    """Take what decides how files are read out of the configuration."""
    written = config.written
    return Reading(config.calendar, dict(written.data.column_aliases), written.profiling.threads)


def build_refresher(
    config: Config, places: Places, state: State | None, as_of: str | None, stop: threading.Event
) -> Refresher:
    """Build the part that makes passes."""
    settling = Settling(config.written.watch.settle_seconds)
    return Refresher(
        directory=places.data,
        calendar=config.calendar,
        intake=Intake.begin(build_reading(config), settling, state, stop),
        assembler=Assembler(build_rules(config)),
        as_of_ns=None if as_of is None else parse_as_of(as_of, config.calendar.zone),
        vitals=Vitals(state_rebuilds=int(state is not None and state.rebuilt is not None)),
    )


def build_outputs(config: Config, places: Places) -> Outputs:
    """Build the part that writes files."""
    return Outputs(places.output, config.written.report.history)


__all__ = [
    "Places",
    "build_outputs",
    "build_refresher",
    "build_rules",
    "find_places",
    "load_config",
    "open_state",
]
