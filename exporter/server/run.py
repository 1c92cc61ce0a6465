"""Serve an application until stopped."""

import asyncio
import logging
import resource
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from exporter.server.connections import REQUEST_SECONDS, BoundedProtocol, Connections
from exporter.server.headers import with_headers
from exporter.server.listen import listen
from exporter.server.refusing import Refusals
from exporter.server.vetting import vetted
from exporter.server.web_config import WebConfig

log = logging.getLogger(__name__)

# After each system call the server must get the interpreter back from a pass that computes, and waits up to
# one switch interval for it, some three times per answer. Measured with a busy thread over 2,000 answers of
# 4 MB: median 5.0 ms and p99 15.7 ms with Python's 5 ms, 2.5 ms and 8 to 12 ms with this (4 ms if nothing
# else runs on the machine). Two and four computing threads lose at most 4% by it; a fifth of it costs them
# up to 13%. Larger socket buffers, a faster parser or smaller writes were not needed beside it.
SWITCH_SECONDS = 0.0005

KEEP_ALIVE_SECONDS = 75  # longer than the usual scrape interval of a minute, so that connections are kept
GRACE_SECONDS = 1  # for running responses on shutdown
# Connections accepted between two looks at the others. asyncio would accept a whole queue of them: as many
# files open at once as clients care to connect, and a scraper's connection closed before it has been read.
ACCEPTED_TOGETHER = 16
QUEUE = 4096  # connections that the system queues until they are accepted; it may allow fewer
MOST_FILES = 65_536
# Of an answer that a client does not take, the system would keep 4 MB a connection, a gigabyte in all. It
# keeps twice this, which is enough for 10 MB a second over a distance of 50 ms.
SEND_BUFFER = 256 * 1024

Ready = Callable[[int], None]
Hangup = Callable[[], Awaitable[str | None]]


def serve(
    app: ASGIApp,
    listen_address: str,
    web: WebConfig | None = None,
    *,
    stop: threading.Event,
    ready: Ready | None = None,
    hangup: Hangup | None = None,
) -> None:
    """Serve until ``stop`` is set, or until SIGTERM or SIGINT, which set it; return within two seconds.

    ``ready`` is called with the port once requests are answered. ``hangup`` is awaited at each SIGHUP; a
    line that it returns is logged as an error. Signals are handled on the main thread only: elsewhere
    ``stop`` is the only way to stop. Raises UserError if the address cannot be listened on.
    """
    web = web or WebConfig()
    _allow_many_files()
    with listen(listen_address) as listener, _short_switches():
        config = _configure(with_headers(vetted(app), web.headers), web)
        server = _Server(config, stop, ready, hangup)
        try:
            asyncio.run(server.serve(sockets=[listener]))
        finally:
            stop.set()


def _configure(app: ASGIApp, web: WebConfig) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,  # its loggers propagate to the root, configured by the caller
        log_level=logging.ERROR,  # it warns of each malformed request; Refusals does so once a minute
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    config.ssl = web.tls  # prepared: uvicorn's own options support neither versions nor good errors
    return config


def _allow_many_files() -> None:
    """Raise the soft limit on open files towards the hard one, as Go's servers do at their start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def _short_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Server(uvicorn.Server):
    """uvicorn, stopped by an event, and without raising the signal again afterwards."""

    def __init__(
        self, config: uvicorn.Config, stop: threading.Event, ready: Ready | None, hangup: Hangup | None
    ) -> None:
        super().__init__(config)
        self._stop = stop
        self._ready = ready
        self._hangup = hangup
        self._reloads: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        listener = (sockets or [])[0]
        connections, refusals = Connections(), Refusals()
        server = await asyncio.get_running_loop().create_server(
            lambda: BoundedProtocol(
                connections, refusals, self.config, self.server_state, self.lifespan.state
            ),
            sock=listener,
            ssl=self.config.ssl,
            ssl_handshake_timeout=REQUEST_SECONDS if self.config.ssl else None,
            backlog=ACCEPTED_TOGETHER,
        )
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        listener.listen(QUEUE)
        self.servers = [server]
        self.started = True
        port = int(listener.getsockname()[1])
        log.info("listening", extra={"port": port, "tls": self.config.ssl is not None})
        if self._ready is not None:
            self._ready(port)

    async def on_tick(self, counter: int) -> bool:
        if self._stop.is_set():
            self.should_exit = True
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        reactions: dict[int, Callable[[int], None]] = {
            signal.SIGTERM: self._wind_up,
            signal.SIGINT: self._wind_up,
        }
        if self._hangup is not None and hasattr(signal, "SIGHUP"):  # Windows has none
            reactions[signal.SIGHUP] = self._begin_reload
        loop = asyncio.get_running_loop()

        def react(number: int, _frame: FrameType | None) -> None:
            # A handler may interrupt anything, including itself, while a lock is held: let the loop act.
            loop.call_soon_threadsafe(reactions[number], number)

        with ExitStack() as restored:
            for number in reactions:
                restored.callback(signal.signal, number, signal.signal(number, react))
            yield

    def _wind_up(self, number: int) -> None:
        log.info("stopping", extra={"signal": signal.Signals(number).name})
        self.force_exit |= self.should_exit and number == signal.SIGINT  # Ctrl-C pressed twice
        self.should_exit = True
        self._stop.set()  # immediately: the rest of the process should shut down meanwhile

    def _begin_reload(self, _number: int) -> None:
        task = asyncio.ensure_future(self._reload())
        self._reloads.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._reloads.discard)

    async def _reload(self) -> None:
        if self._hangup is None:
            return
        try:
            problem = await self._hangup()
        except Exception:
            log.exception("reload failed")
            return
        if problem is not None:
            log.error("reload refused", extra={"problem": problem})
