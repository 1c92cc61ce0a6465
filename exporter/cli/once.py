"""The verbs that make one pass and end."""

import logging
import sys
import threading
import time
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import NamedTuple

from exporter.checks.check import Severity
from exporter.cli.logs import configure_logs
from exporter.cli.options import EXIT_ALERTS, Common
from exporter.cli.progress import read_progress
from exporter.cli.wiring import Places, build_outputs, build_refresher, find_places, open_state
from exporter.config.load import Config, load_config
from exporter.errors import UserError
from exporter.metrics.exposition import PartitionRenderer, render_vitals
from exporter.pipeline.refresh import Outcome, Refresher
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import report_heading
from exporter.report.render import ReportRenderer

log = logging.getLogger(__name__)

PATIENCE = 5  # settle times to wait for files that are just being written


def run(common: Common, fail_on: str | None) -> int:
    """Write the report and the alerts file, print a summary; 2 where ``fail_on`` is reached."""
    from exporter.cli.summary import print_summary  # noqa: PLC0415  loads rich

    if fail_on is not None and fail_on not in set(Severity):
        raise UserError(f"--fail-on: {fail_on!r} is neither warning nor critical")
    config, places, snapshot, vitals = look(common)
    body = ReportRenderer(config.written.links.runbooks).render(snapshot)
    unwritten = build_outputs(config, places).write(snapshot, report_heading(snapshot, vitals), body)
    print_summary(snapshot, vitals, places.output)
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
    """What one pass saw, and with which configuration and folders."""

    config: Config
    places: Places
    snapshot: Snapshot
    vitals: Vitals


def look(common: Common, *, window_days: int | None = None) -> Look:
    """Make one pass, over the configured window or another one."""
    configure_logs(common.logs)
    config = load_config(common.config_file)
    if window_days is not None:
        config = replace(config, calendar=replace(config.calendar, window_days=window_days))
    places = find_places(config, common.data_dir, common.output_dir)
    state = open_state(places)
    with nullcontext() if state is None else closing(state):
        refresher = build_refresher(config, places, state, common.as_of, threading.Event())
        outcome = _pass(refresher)
    return Look(config, places, outcome.snapshot, refresher.vitals)


def _reaches(snapshot: Snapshot, severity: Severity) -> bool:
    return any(alert.severity.rank <= severity.rank for alert in snapshot.firing)


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
