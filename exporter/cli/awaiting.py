"""A data directory that does not exist yet: wait for it, and expose that in the metrics."""

import logging
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from exporter.cli.options import Common
from exporter.cli.places import Places
from exporter.errors import reason_of
from exporter.gate.gate import Status
from exporter.gate.keeper import Keeper
from exporter.metrics.exposition import render_vitals
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.plain import LONGEST_LINE, plain
from exporter.report.outputs import Outputs
from exporter.server.app import create_app
from exporter.server.control import Reloaded
from exporter.server.publication import Board, Page
from exporter.server.run import serve
from exporter.server.web_config import WebConfig

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def await_directory(directory: Path, listen_address: str, web: WebConfig, telemetry_path: str) -> bool:
    """Serve only a status saying that the directory does not exist, until it does.

    Returns ``False`` where the process is asked to stop before that.
    """
    log.warning("the data directory does not exist, waiting for it", extra={"folder": str(directory)})
    stop, found = threading.Event(), threading.Event()
    board = Board(
        Page.of(_page(), TEXT), plain(f"The data directory {directory} does not exist yet.", LONGEST_LINE)
    )

    async def reload() -> Reloaded:
        return Reloaded(problem="the data directory does not exist yet")

    def look() -> None:
        while not stop.wait(LOOK_SECONDS):
            if directory.is_dir():
                found.set()
                stop.set()

    looking = threading.Thread(target=look, name="waiting", daemon=True)
    looking.start()
    app = create_app(board, reload=reload, telemetry_path=telemetry_path, users=web.users)
    serve(app, listen_address, web, stop=stop)
    return found.is_set()


def close_meanwhile(common: Common, places: Places) -> None:
    """Mark an earlier run's files, if any, as blind; this closes the gate. A what-if leaves them alone."""
    try:
        if common.is_what_if or not places.output.is_dir():
            return
    except OSError as error:  # as where it cannot be written: serving goes on without it
        reason = {"folder": str(places.output), "reason": reason_of(error)}
        log.error("output folder cannot be looked at", extra=reason)  # noqa: TRY400  the reason says it all
        return
    words = f"the data directory {places.data} does not exist"
    keeper = Keeper(places.output)
    keeper.show(Status(keeper.look(datetime.now(UTC)).holds, blind=words))
    Outputs(places.output).write_blind(words)


def _page() -> bytes:
    now = time.time_ns()
    snapshot = Snapshot(now, now, (), (), ())
    return render_vitals(snapshot, Vitals(blind=True, source_up=False)).text
