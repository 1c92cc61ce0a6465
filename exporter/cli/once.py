"""The verbs that make one pass and end."""

import logging
import sys
import threading
import time
from contextlib import AbstractContextManager, closing, nullcontext

from exporter.checks.check import Severity
from exporter.cli.logs import configure_logs
from exporter.cli.options import Common
from exporter.cli.progress import read_progress
from exporter.cli.wiring import build_outputs, build_refresher, find_places, open_state
from exporter.config.load import load_config
from exporter.errors import UserError
from exporter.metrics.exposition import PartitionRenderer, render_vitals
from exporter.pipeline.refresh import Outcome, Refresher
from exporter.report.document import report_heading
from exporter.report.render import ReportRenderer
from exporter.store.state import State

log = logging.getLogger(__name__)

PATIENCE = 5  # settle times to wait for files that are just being written


def run(common: Common, fail_on: str | None) -> int:
    """Write the report and the alerts file, print a summary; 2 where ``fail_on`` is reached."""
    from exporter.cli.summary import print_summary  # noqa: PLC0415  loads rich

    if fail_on is not None and fail_on not in set(Severity):
        raise UserError(f"--fail-on: {fail_on!r} is neither warning nor critical")
    configure_logs(common.logs)
    config = load_config(common.config_file)
    places = find_places(config, common.data_dir, common.output_dir)
    with _closing(open_state(places)) as state:
        refresher = build_refresher(config, places, state, common.as_of, threading.Event())
        snapshot = _pass(refresher).snapshot
    outputs = build_outputs(config, places)
    body = ReportRenderer(config.written.report.runbooks).render(snapshot)
    unwritten = outputs.write(snapshot, report_heading(snapshot, refresher.vitals), body)
    print_summary(snapshot, refresher.vitals, places.output)
    if unwritten:
        raise UserError("; ".join(unwritten))
    reached = [
        alert for alert in snapshot.firing if fail_on and alert.severity.rank <= Severity(fail_on).rank
    ]
    return 2 if reached else 0


def metrics(common: Common) -> int:
    """Print the exposition of one pass."""
    configure_logs(common.logs)
    config = load_config(common.config_file)
    places = find_places(config, common.data_dir, common.output_dir)
    with _closing(open_state(places)) as state:
        refresher = build_refresher(config, places, state, common.as_of, threading.Event())
        snapshot = _pass(refresher).snapshot
    page = PartitionRenderer().render(snapshot) + render_vitals(snapshot, refresher.vitals)
    sys.stdout.buffer.write(page.text)
    sys.stdout.buffer.flush()
    return 0


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


def _closing(state: State | None) -> AbstractContextManager[State | None]:
    return nullcontext() if state is None else closing(state)
