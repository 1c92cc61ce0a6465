"""Invalid or ambiguous requests are refused with the status that says why."""

import fcntl
import gc
import logging
import socket
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

from exporter.server import connections
from exporter.server.connections import Connections
from exporter.server.publication import Board, Page, Publication
from exporter.server.refusing import EVERY_SECONDS, Refusals

Server = Callable[..., AbstractContextManager[Any]]

HOST = b"Host: exporter\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
JSON = b"Content-Type: application/json\r\n"
ACK = b"POST /api/v1/gate/ack HTTP/1.1\r\n" + HOST + JSON
HEALTHY = b"GET /-/healthy HTTP/1.1\r\n" + HOST


@pytest.fixture(scope="module")
def port(server: Server, publication: Publication) -> Iterator[int]:
    """Serve pages and accept acknowledgements."""
    board = Board()
    board.post(publication)
    with server(board=board, recorded=[]) as served:
        yield served.port


def statuses(port: int, sent: bytes) -> list[int]:
    """Return the statuses of all responses until the server closes or is silent for a moment."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(0.3)
        received = b""
        try:
            line.sendall(sent)
            while chunk := line.recv(1 << 16):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
    return [int(answer[:3]) for answer in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        pytest.param(200, HEALTHY + b"\r\n", id="a request"),
        pytest.param(200, b"GET http://exporter/-/healthy HTTP/1.1\r\n" + HOST + b"\r\n", id="as to a proxy"),
        pytest.param(200, b"GET HTTP://exporter HTTP/1.1\r\n" + HOST + b"\r\n", id="as to a proxy, no path"),
        pytest.param(
            404, b"GET http://exporter/-/ill HTTP/1.1\r\n" + HOST + b"\r\n", id="proxy, no such path"
        ),
        pytest.param(400, b"GET /metrics\r\n\r\n", id="HTTP/0.9"),
        pytest.param(505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(400, bytes.fromhex("16030102000100"), id="TLS"),
        pytest.param(400, b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", id="no name of a host"),
        pytest.param(200, b"GET /-/healthy HTTP/1.1\r\nHost: [fe80::1%25e0]:1\r\n\r\n", id="an address"),
        pytest.param(400, HEALTHY + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n", id="two lengths"),
        pytest.param(501, HEALTHY + b"Transfer-Encoding: gzip\r\n\r\n", id="an encoding nobody reads"),
        pytest.param(414, b"GET /" + b"a" * 70_000, id="a long address"),
        pytest.param(431, HEALTHY + b"X: " + b"a" * 70_000, id="a long header"),
        pytest.param(400, HEALTHY + CHUNKED + b"\r\nnone\r\n", id="a chunk without a length"),
        pytest.param(400, ACK + CHUNKED + b"\r\nnone\r\n", id="the same where the body is awaited"),
        pytest.param(413, ACK + b"Content-Length: 20000\r\n\r\n" + b" " * 20_000, id="a long body"),
        pytest.param(400, ACK + b"Content-Length: 9000\r\n\r\n" + b"[" * 9000, id="too deep a document"),
        pytest.param(200, HEALTHY + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", id="an upgrade declined"),
        pytest.param(
            403,
            b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Origin: http://[\r\n\r\n",
            id="no origin",
        ),
    ],
)
def test_a_request_has_the_status_that_says_why(
    port: int, status: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """There is one response, and nothing is logged as an error of the exporter."""
    assert statuses(port, sent) == [status]
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_nothing_after_a_request_with_two_lengths_is_answered(port: int) -> None:
    """What one server takes for the body, another takes for the next request."""
    hidden = HEALTHY + b"\r\n"
    both = b"Content-Length: %d\r\n" % (5 + len(hidden)) + CHUNKED
    assert statuses(port, HEALTHY + both + b"\r\n0\r\n\r\n" + hidden) == [400]
    assert statuses(port, HEALTHY + b"Content-Length: 0\r\n\r\n" + hidden) == [200, 200]


def test_a_body_that_breaks_after_the_response_only_ends_the_connection(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The response has already been sent."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(5)
        line.sendall(HEALTHY + CHUNKED + b"\r\n")
        answer = line.recv(1 << 16)
        while not answer.endswith(b"Healthy.\n"):  # may arrive after the headers
            answer += line.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 200")
        line.sendall(b"none\r\n")
        assert line.recv(1 << 16) == b""
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_refusals_are_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The line has a count; a client cannot fill the disk, and nothing it sent is logged."""
    now = 0.0
    refusals = Refusals(lambda: now)
    for _ in range(1000):
        refusals.note("127.0.0.1", 400)
    now = EVERY_SECONDS
    refusals.note("127.0.0.2", 431)
    said = [(record.count, record.client, record.status) for record in caplog.records]  # type: ignore[attr-defined]  # extra
    assert said == [(1, "127.0.0.1", 400), (1000, "127.0.0.2", 431)]


def deaf(port: int) -> socket.socket:
    """Request a large response and never read it."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n")
    return line


@pytest.fixture
def large() -> Board:
    """Provide a board whose pages have 4 MB."""
    board = Board()
    board.post(Publication(*(Page.of(b"x" * 4_000_000, "text/plain") for _ in range(6))))
    return board


def test_clients_that_stop_reading_keep_nobody_out(
    server: Server, large: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even others at the same address: a stalled connection gives way to a new one."""
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.5)
    monkeypatch.setattr("exporter.server.run.Connections", lambda: Connections(most=8, most_per_address=4))
    with server(board=large) as served, ExitStack() as held:
        for _ in range(4):
            held.enter_context(deaf(served.port))
        time.sleep(1)
        assert statuses(served.port, HEALTHY + b"\r\n") == [200]


def test_the_system_buffers_little_of_an_unread_response(server: Server, large: Board) -> None:
    """Less than 1 MB per connection; by default it would be 4 MB of the container's memory."""
    with server(board=large) as served, deaf(served.port):
        time.sleep(1)
        assert 0 < max(map(unsent, open_connections())) < 1_000_000


def unsent(known: connections.BoundedProtocol) -> int:
    """Return how many bytes the system buffers for a client."""
    line = known.transport.get_extra_info("socket")
    return int(struct.unpack("i", fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0])


def test_a_connection_that_was_reset_leaves_nothing_behind(server: Server, publication: Publication) -> None:
    """Its keep-alive timer is stopped; otherwise thousands would stay in memory for a minute."""
    board = Board()
    board.post(publication)
    with server(board=board) as served:
        before = clocks()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", served.port)) as line:
                line.sendall(HEALTHY + b"\r\n")
                while b"Healthy." not in line.recv(1 << 16):
                    pass
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.2)
        assert clocks() - before <= 1


def clocks() -> int:
    """Return how many connections in memory have a running keep-alive timer."""
    return sum(known.timeout_keep_alive_task is not None for known in in_memory())


def open_connections() -> Iterator[connections.BoundedProtocol]:
    """Yield the connections that are not closed."""
    yield from (known for known in in_memory() if known.transport and is_open(known))


def is_open(known: connections.BoundedProtocol) -> bool:
    """Return whether a connection still has its socket."""
    return bool(known.transport.get_extra_info("socket").fileno() >= 0)


def in_memory() -> Iterator[connections.BoundedProtocol]:
    """Yield all connections in memory."""
    yield from (known for known in gc.get_objects() if isinstance(known, connections.BoundedProtocol))
