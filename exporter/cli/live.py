"""Long-running verbs: watch, compute and serve until stopped."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from exporter.cli.awaiting import await_directory, close_meanwhile
from exporter.cli.feeds import read_config
from exporter.cli.logs import configure_logs
from exporter.cli.options import Common
from exporter.cli.places import Places, find_places
from exporter.cli.reach import Reach
from exporter.cli.whatif import borrowed_places, refuse_before_all_data, scratch_folder
from exporter.cli.wiring import (
    build_outputs,
    build_pusher,
    build_refresher,
    build_schedule,
    build_watch,
    open_state,
    reconfiguration,
)
from exporter.config.load import Config, links_warning
from exporter.config.restart import keys_for_restart
from exporter.engine.choose import close_engines
from exporter.gate.audit import AUDIT
from exporter.pipeline.refresh import Refresher
from exporter.places.url import can_be_there
from exporter.report.render import ReportRenderer
from exporter.server.app import create_app
from exporter.server.desk import OPEN, WHAT_IF, Acknowledge
from exporter.server.listen import is_loopback
from exporter.server.publication import Board
from exporter.server.run import serve as serve_http
from exporter.server.web_config import WebConfig, load_web_config
from exporter.service.publish import Publisher
from exporter.service.service import Reconfigure, Service
from exporter.watch import loop
from exporter.watch.observer import Observer

log = logging.getLogger(__name__)

Record = Callable[[Mapping[str, object], str | None], Mapping[str, object]]

WIND_UP_SECONDS = 1.5  # granted to a running pass on shutdown; after that the process exits without it


@dataclass(frozen=True, slots=True)
class Web:
    """How to serve."""

    listen_address: str
    config_file: Path | None = None
    telemetry_path: str = "/metrics"
    external_url: str | None = None


def refusal_of_answers(common: Common, web: Web, config: WebConfig) -> str | None:
    """Return why acknowledgements are not accepted over HTTP, or ``None`` if they are.

    Without login anybody who reaches the address could acknowledge; in a what-if it would have no effect.
    """
    if common.is_what_if:
        return WHAT_IF
    return None if config.users or is_loopback(web.listen_address) else OPEN


def serve(common: Common, web: Web, on_open: Callable[[int], None] = lambda _: None) -> int:
    """Run until SIGTERM or SIGINT, then return 0. ``on_open`` is called with the port once it is open."""
    configure_logs(common.logs)
    config = read_config(common.config_file, common.feed_file, common.scheduler)
    places = find_places(config, common.data_dir, common.output_dir, absent_is_fine=True)
    web_config = WebConfig() if web.config_file is None else load_web_config(web.config_file)
    if not can_be_there(places.data):
        close_meanwhile(common, places)
        if not await_directory(places.data, web.listen_address, web_config, web.telemetry_path):
            return 0
    with ExitStack() as stack:
        if common.as_of is not None:
            refuse_before_all_data(config, places, common.as_of)
        if common.is_what_if:
            log.warning(
                "--as-of: nothing is saved or pushed; use --output.dir or --write to save the results"
            )
            places = borrowed_places(places, stack.enter_context(scratch_folder()))
        refresher = build_refresher(config, places, open_state(places), common.as_of, threading.Event())
        stack.callback(refresher.close)
        _run(common, config, places, refresher, web=web, web_config=web_config, on_open=on_open)
    return 0


def _run(
    common: Common,
    config: Config,
    places: Places,
    refresher: Refresher,
    *,
    web: Web,
    web_config: WebConfig,
    on_open: Callable[[int], None],
) -> None:
    stop = refresher.intake.reader.stop
    board = Board()
    reach = Reach(web.external_url, web.listen_address, secure=web_config.tls is not None)
    schedule = build_schedule(config)
    pusher = build_pusher(config, places, common)
    if common.is_what_if:
        pusher.commands = {}
    refusal = refusal_of_answers(common, web, web_config)
    service = Service(
        refresher=refresher,
        publisher=Publisher(
            board,
            build_outputs(config, places),
            ReportRenderer(reach.links(config.written.links)),
            places.data,
            web.telemetry_path,
            name=config.feed.name,
            is_what_if=common.is_what_if,
            follow_outside=config.written.data.follow_links_outside,
            contract=common.feed_file,
        ),
        load=_reloader(common, config, reach),
        wake=schedule.notify,
        audit=places.output / AUDIT,
        passed=pusher.notify,
        pushes=lambda: pusher.health,
    )
    app = create_app(
        board,
        reload=lambda: asyncio.to_thread(service.reload),
        telemetry_path=web.telemetry_path,
        users=web_config.users,
        acknowledge=acknowledger(service.acknowledge) if refusal is None else refusal,
        feed=lambda: service.refresher.feed.id,
    )
    observer = Observer()
    watch = build_watch(config, places, observer, schedule.notify)

    def work() -> None:
        loop.run(watch, schedule, service.refresh, stop, on_error=service.note_failure)

    worker = threading.Thread(target=work, name="passes", daemon=True)
    pushing = threading.Thread(target=pusher.run, args=(stop,), name="pushes", daemon=True)

    def ready(port: int) -> None:
        if common.as_of is None and (warning := links_warning(config)) is not None:
            log.warning(warning)
        reach.port = port
        service.publisher.report = ReportRenderer(reach.links(config.written.links))
        pushing.start()
        worker.start()  # not earlier: if the address is in use, a first pass would be wasted
        on_open(port)

    try:
        serve_http(
            app,
            web.listen_address,
            web_config,
            stop=stop,
            ready=ready,
            hangup=lambda: asyncio.to_thread(lambda: service.reload().problem),
        )
    finally:
        stop.set()
        schedule.notify()
        if worker.is_alive():
            worker.join(WIND_UP_SECONDS)
        if pushing.is_alive():
            pushing.join(WIND_UP_SECONDS)  # ends a running push
        observer.close()
        close_engines()


def acknowledger(record: Record) -> Acknowledge:
    """Return a function that records acknowledgements without blocking other requests."""

    async def acknowledge(fields: Mapping[str, object], user: str | None) -> Mapping[str, object]:
        return await asyncio.to_thread(record, fields, user)

    return acknowledge


def _reloader(
    common: Common, running: Config, reach: Reach
) -> Callable[[], tuple[Reconfigure, tuple[str, ...]]]:
    def load() -> tuple[Reconfigure, tuple[str, ...]]:
        config = read_config(common.config_file, common.feed_file, common.scheduler)
        return reconfiguration(config, reach), keys_for_restart(running.written, config.written)

    return load
