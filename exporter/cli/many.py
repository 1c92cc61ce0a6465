"""Many feeds in one process: watch contracts and files, compute and serve until stopped."""

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from exporter.cli.contracts import Reader, Sources
from exporter.cli.live import WIND_UP_SECONDS, Web, acknowledger, refusal_of_answers
from exporter.cli.logs import configure_logs
from exporter.cli.options import Common
from exporter.cli.plan import Serving
from exporter.cli.reach import Reach
from exporter.config.load import unset_links
from exporter.config.schema import WatchSpec
from exporter.engine.choose import close_engines
from exporter.server.app import create_feeds_app, feed_pages
from exporter.server.run import serve as serve_http
from exporter.server.web_config import WebConfig, load_web_config
from exporter.service.feed import RunningFeed
from exporter.service.feeds import Feeds
from exporter.watch.observer import Watch, choose_mode
from exporter.watch.passes import Pace, Passes

log = logging.getLogger(__name__)

CONTRACTS = "contracts/"  # the name of the task that checks the contracts' folder; no feed's id has a slash


def serve(common: Common, web: Web, sources: Sources) -> int:
    """Run until SIGTERM or SIGINT, then return 0."""
    configure_logs(common.logs)
    web_config = WebConfig() if web.config_file is None else load_web_config(web.config_file)
    reach = Reach(web.external_url, web.listen_address, secure=web_config.tls is not None)
    refusal = refusal_of_answers(common, web, web_config)
    reader = Reader(common, sources, Serving(web.telemetry_path, reach))
    if common.is_what_if:
        log.warning("--as-of: nothing is saved or pushed; use --output.dir or --write to save the results")

    def enter(feed: RunningFeed) -> ASGIApp:
        return feed_pages(feed.board, acknowledger(feed.acknowledge) if refusal is None else refusal)

    written = reader.configure()
    watching = written.watch
    passes = Passes(Pace(watching.debounce_seconds, watching.rescan_seconds))
    feeds = Feeds(passes, reader, enter, web.telemetry_path)
    feeds.begin()
    if common.as_of is None and (warning := unset_links(written)) is not None:
        log.warning(warning)
    feeds.post()
    if sources.folder is not None:
        passes.add(CONTRACTS, *_look_at(sources.folder, watching, feeds))
    _run(feeds, web, web_config, reach)
    return 0


def _run(feeds: Feeds, web: Web, web_config: WebConfig, reach: Reach) -> None:
    stop = threading.Event()
    app = create_feeds_app(
        feeds.board,
        reload=lambda: asyncio.to_thread(feeds.reload),
        find=feeds.find,
        awaited=feeds.awaited,
        telemetry_path=web.telemetry_path,
        users=web_config.users,
    )
    threads = [
        threading.Thread(target=feeds.passes.run, name="passes", daemon=True),
        threading.Thread(target=feeds.publish, args=(stop,), name="pages", daemon=True),
        threading.Thread(target=feeds.push, args=(stop,), name="pushes", daemon=True),
    ]

    def ready(port: int) -> None:
        reach.port = port  # before anything is rendered
        for thread in threads:
            thread.start()

    try:
        serve_http(
            app,
            web.listen_address,
            web_config,
            stop=stop,
            ready=ready,
            hangup=lambda: asyncio.to_thread(lambda: feeds.reload().problem),
        )
    finally:
        stop.set()
        feeds.stop(WIND_UP_SECONDS)
        for thread in threads:
            if thread.is_alive():
                thread.join(WIND_UP_SECONDS)
        close_engines()


def _look_at(
    folder: Path, watching: WatchSpec, feeds: Feeds
) -> tuple[Callable[[], None], Callable[[BaseException], None]]:
    """Return the check for changed contracts, and its error handler."""
    watch = Watch(
        feeds.observer,
        [folder],
        lambda: feeds.passes.notify(CONTRACTS),
        # Regardless of its name: a mounted ConfigMap switches a link.
        concerns=lambda _: True,
        mode=choose_mode(folder, watching.mode),
        poll_seconds=watching.poll_seconds,
    )

    def look() -> None:
        watch.attend()
        feeds.look()

    return look, lambda _: None
