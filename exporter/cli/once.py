"""The verbs that make one pass and end."""

import logging
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from exporter.checks.check import Severity
from exporter.cli.bygone import bygone_words, newest_day
from exporter.cli.logs import configure_logs
from exporter.cli.options import EXIT_ALERTS, Common
from exporter.cli.progress import read_progress
from exporter.cli.whatif import borrowed_places, refuse_before_all_data, scratch_folder
from exporter.cli.wiring import Places, build_outputs, build_refresher, find_places, open_state
from exporter.config.load import Config, load_config
from exporter.errors import UserError
from exporter.metrics.exposition import PartitionRenderer, render_vitals
from exporter.nearest import did_you_mean
from exporter.pipeline.refresh import Outcome, Refresher
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import report_heading
from exporter.report.render import ReportRenderer

log = logging.getLogger(__name__)

MOST_DAYS = 3650  # that a history can have
PATIENCE = 5  # settle times to wait for files that are just being written


def run(common: Common, fail_on: str | None) -> int:
    """Write the report and the alerts file, print a summary; 2 where ``fail_on`` is reached."""
    from exporter.cli.summary import Aside, print_summary  # noqa: PLC0415  loads rich

    if fail_on is not None and fail_on not in set(Severity):
        raise UserError(
            f"--fail-on: {fail_on!r} is neither warning nor critical{did_you_mean(fail_on, Severity)}"
        )
    seen = look(common, records=True)
    config, places, snapshot, vitals = seen
    unwritten: tuple[str, ...] = ()
    if not common.is_what_if:
        body = ReportRenderer(config.written.links.runbooks).render(snapshot)
        unwritten = build_outputs(config, places).write(snapshot, report_heading(snapshot, vitals), body)
    views, hint = _days_there(common, seen)
    print_summary(snapshot, vitals, Aside(views, hint, _files_words(common, places)))
    if unwritten:
        raise UserError("; ".join(unwritten))
    return EXIT_ALERTS if fail_on and _reaches(snapshot, Severity(fail_on)) else 0


def metrics(common: Common) -> int:
    """Print the exposition of one pass."""
    _, _, snapshot, vitals = look(common)
    page = PartitionRenderer().render(snapshot) + render_vitals(snapshot, vitals)
    sys.stdout.buffer.write(page.text)
    sys.stdout.buffer.flush()
    return 0


class Look(NamedTuple):
    """What one pass found, and what it was made with."""

    config: Config
    places: Places
    snapshot: Snapshot
    vitals: Vitals


def look(common: Common, *, window_days: int | None = None, records: bool = False) -> Look:
    """Make one pass, over the configured window or another; only one that ``records`` can close the gate."""
    configure_logs(common.logs)
    config = load_config(common.config_file)
    if window_days is not None:
        config = replace(config, calendar=replace(config.calendar, window_days=window_days))
    places = find_places(config, common.data_dir, common.output_dir)
    working = places
    with ExitStack() as stack:
        if common.as_of is not None:
            refuse_before_all_data(config, places, common.as_of)
        # Only what may be kept is remembered: a verb that asks about another time never is.
        if common.as_of is not None and not (records and common.keep):
            records = False
            working = borrowed_places(places, stack.enter_context(scratch_folder()))
        if (state := open_state(working)) is not None:
            stack.callback(state.close)
        refresher = build_refresher(config, working, state, common.as_of, threading.Event())
        refresher.keeper.records = records
        outcome = _pass(refresher)
    return Look(config, places, outcome.snapshot, refresher.vitals)


def _files_words(common: Common, places: Places) -> str:
    if not common.is_what_if:
        return f"Report in {places.output}"
    return f"Nothing was written: --output.dir DIR keeps it there, --write in {places.output}"


def _days_there(common: Common, seen: Look) -> tuple[Sequence[PartitionView], str | None]:
    """Return the days to show and a hint; where the window misses all that there are, look back to them."""
    window, calendar = seen.snapshot.window, seen.config.calendar
    newest = newest_day(seen.places.data)
    hint = None if newest is None else bygone_words(newest, calendar, seen.snapshot.as_of_ns)
    if newest is None or hint is None or any(view.facts.stages for view in window):
        return window, hint
    gap = (calendar.newest_due(seen.snapshot.as_of_ns) - newest).days
    if gap + calendar.window_days > MOST_DAYS:
        return window, hint
    return look(common, window_days=gap + calendar.window_days).snapshot.window, hint


def _reaches(snapshot: Snapshot, severity: Severity) -> bool:
    return snapshot.blind is not None or any(
        alert.severity.rank <= severity.rank for alert in snapshot.firing
    )


def _pass(refresher: Refresher) -> Outcome:
    """Make passes until every file stands still, within reason: upstream may have written a moment ago."""
    deadline = time.monotonic() + PATIENCE * refresher.intake.settling.settle_seconds
    with read_progress() as progress:
        outcome = refresher.refresh(progress)
        while outcome.waiting and time.monotonic() < deadline:
            time.sleep(max(0.05, outcome.seconds_to_settle or 0.0))
            outcome = refresher.refresh(progress)
    if outcome.waiting:
        log.warning("left out files that are still being written", extra={"files": outcome.waiting})
    return outcome
