"""One pass over the data directory, as made by every verb that judges."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from exporter.cli.feeds import read_config
from exporter.cli.logs import configure_logs
from exporter.cli.options import Common
from exporter.cli.places import Places, find_places
from exporter.cli.progress import read_progress
from exporter.cli.whatif import borrowed_places, refuse_before_all_data, scratch_folder
from exporter.cli.wiring import build_refresher, open_state
from exporter.config.load import Config
from exporter.pipeline.refresh import Outcome, Refresher
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals

log = logging.getLogger(__name__)

MOST_DAYS = 3650  # the longest history
PATIENCE = 5  # settle times to wait for files being written


class Look(NamedTuple):
    """The result of a pass, and its inputs."""

    config: Config
    places: Places
    snapshot: Snapshot
    vitals: Vitals


FindPlaces = Callable[[Config, Common], Places]


def find_own_places(config: Config, common: Common) -> Places:
    """Return the folders of a single feed."""
    return find_places(config, common.data_dir, common.output_dir)


def look(
    common: Common,
    *,
    window_days: int | None = None,
    records: bool = False,
    find: FindPlaces = find_own_places,
) -> Look:
    """Make one pass over the configured window or another; it closes the gate only if it ``records``."""
    configure_logs(common.logs)
    config = read_config(common.config_file, common.feed_file, common.scheduler)
    if window_days is not None:
        config = replace(config, calendar=replace(config.calendar, window_days=window_days))
    places = find(config, common)
    working = places
    with ExitStack() as stack:
        if common.as_of is not None:
            refuse_before_all_data(config, places, common.as_of)
        # Store only what may be kept: never the results of a what-if.
        if common.as_of is not None and not (records and common.keep):
            records = False
            working = borrowed_places(places, stack.enter_context(scratch_folder()))
        refresher = build_refresher(config, working, open_state(working), common.as_of, threading.Event())
        stack.callback(refresher.close)
        refresher.judge.keeper.records = records
        outcome = _pass(refresher)
    return Look(config, places, outcome.snapshot, refresher.vitals)


def _pass(refresher: Refresher) -> Outcome:
    """Make a pass once no file is changing, within limits: upstream may have written a moment ago."""
    patience = PATIENCE * refresher.intake.settling.settle_seconds
    with read_progress() as progress:
        outcome = refresher.refresh(progress, patience=patience)
    if outcome.waiting:
        log.warning("skipping files that are still being written", extra={"files": outcome.waiting})
    return outcome
