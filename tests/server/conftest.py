"""A real server on a real port for each test that needs one."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import httpx
import pytest
from sites import make_publication

from exporter.server.app import create_app
from exporter.server.control import Reloaded
from exporter.server.desk import OPEN
from exporter.server.publication import Board, Publication
from exporter.server.run import serve
from exporter.server.web_config import WebConfig


class Served(NamedTuple):
    """A running server: its board, a client for it, and its port."""

    board: Board
    client: httpx.Client
    port: int


@contextmanager
def serving(
    *,
    board: Board | None = None,
    problem: str | Exception | None = None,
    web: WebConfig | None = None,
    address: str = "127.0.0.1:0",
    telemetry_path: str = "/metrics",
    recorded: list[object] | None = None,
) -> Iterator[Served]:
    """Serve on a thread until the block ends; ``problem`` is what a reload returns or raises.

    Acknowledgements are accepted and appended to ``recorded`` if it is given.
    """
    board = board or Board()
    ports: list[int] = []
    ready, stop = threading.Event(), threading.Event()

    async def reload() -> Reloaded:
        if isinstance(problem, Exception):
            raise problem
        return Reloaded(problem)

    def note(port: int) -> None:
        ports.append(port)
        ready.set()

    async def acknowledge(fields: Mapping[str, object], _user: str | None) -> Mapping[str, object]:
        assert recorded is not None
        recorded.append(fields)
        return fields

    users = web.users if web else {}
    app = create_app(
        board,
        reload=reload,
        telemetry_path=telemetry_path,
        users=users,
        acknowledge=OPEN if recorded is None else acknowledge,
    )
    thread = threading.Thread(target=serve, args=(app, address, web), kwargs={"stop": stop, "ready": note})
    thread.start()
    try:
        assert ready.wait(10)
        with httpx.Client(base_url=f"http://127.0.0.1:{ports[0]}", trust_env=False, timeout=10) as client:
            client.headers["accept-encoding"] = "identity"
            yield Served(board, client, ports[0])
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def publication() -> Publication:
    """Provide the published pages."""
    return make_publication()


@pytest.fixture(scope="module")
def client(publication: Publication) -> Iterator[httpx.Client]:
    """Provide a client of a server that has finished its first pass."""
    board = Board()
    board.post(publication)
    with serving(board=board) as served:
        yield served.client


@pytest.fixture(scope="session")
def server() -> Callable[..., object]:
    """Provide a function that starts a server."""
    return serving
