"""Slow clients never keep others from being served."""

import logging
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from exporter.server import connections
from exporter.server.connections import Connections
from exporter.server.publication import Board, Publication
from exporter.server.web_config import WebConfig, load_web_config

Server = Callable[..., AbstractContextManager[Any]]

HALF = b"GET /metrics HTTP/1.1\r\nHost: exporter\r\nX-Slow: "
PROMPT = 1.0  # seconds within which a scrape must be answered, whatever other clients do


class Caller:
    """A connection that is waiting or being answered."""

    def __init__(self, address: str, *, waiting: bool = True, stalled: bool = False) -> None:
        self.address, self.waiting, self.stalled, self.dropped = address, waiting, stalled, False

    def drop(self) -> None:
        """Record that it was dropped."""
        self.dropped = True


def test_an_address_at_its_limit_loses_the_connection_that_waited_longest() -> None:
    """The address pays for its own excess: no other connection is closed."""
    bounds = Connections(most=10, most_per_address=2)
    other, first, second, third = (Caller(name) for name in ("b", "a", "a", "a"))
    assert all(bounds.admit(caller) for caller in (other, first, second, third))
    assert [caller.dropped for caller in (other, first, second, third)] == [False, True, False, False]
    assert bounds.count == 3


def test_at_the_total_limit_the_most_crowded_address_loses_a_connection() -> None:
    """Many addresses together cannot shut out a newcomer either."""
    bounds = Connections(most=3, most_per_address=2)
    alone, one, two, newcomer = (Caller(name) for name in ("a", "b", "b", "c"))
    assert all(bounds.admit(caller) for caller in (alone, one, two, newcomer))
    assert [caller.dropped for caller in (alone, one, two, newcomer)] == [False, True, False, False]


def test_a_connection_that_is_being_answered_is_never_closed_for_another() -> None:
    """If all are being answered and no address has more than another, the newcomer is refused."""
    bounds = Connections(most=2, most_per_address=2)
    busy = [Caller("a", waiting=False), Caller("b", waiting=False)]
    assert all(bounds.admit(caller) for caller in busy)
    assert not bounds.admit(Caller("c"))
    busy[1].waiting = True
    assert bounds.admit(Caller("c"))
    assert [caller.dropped for caller in busy] == [False, True]


def test_a_client_that_stops_reading_loses_its_place() -> None:
    """Once it has stalled, even a newcomer from the same address replaces it."""
    bounds = Connections(most=10, most_per_address=2)
    stalled, busy = Caller("a", waiting=False, stalled=True), Caller("a", waiting=False)
    assert bounds.admit(busy)
    assert bounds.admit(stalled)
    assert bounds.admit(Caller("a", waiting=False))
    assert (stalled.dropped, busy.dropped) == (True, False)
    assert not bounds.admit(Caller("a"))


def test_responses_to_a_crowd_cannot_keep_out_an_address_that_has_none() -> None:
    """The oldest response of the crowded address is cut off; if each address has one, none is."""
    bounds = Connections(most=3, most_per_address=2)
    first, second, other = (Caller(name, waiting=False) for name in ("a", "a", "b"))
    assert all(bounds.admit(caller) for caller in (first, second, other))
    assert bounds.admit(Caller("c", waiting=False))
    assert [caller.dropped for caller in (first, second, other)] == [True, False, False]
    assert not bounds.admit(Caller("d", waiting=False))


def test_a_recently_served_connection_is_kept_longer() -> None:
    """A scraper that keeps its connection alive is not the first to lose it."""
    bounds = Connections(most=10, most_per_address=2)
    scraper, idle, newcomer = (Caller("a") for _ in range(3))
    assert bounds.admit(scraper)
    assert bounds.admit(idle)
    bounds.renew(scraper)
    assert bounds.admit(newcomer)
    assert (scraper.dropped, idle.dropped) == (False, True)


def test_a_closed_connection_frees_its_place() -> None:
    """Closing it twice changes nothing."""
    bounds = Connections(most=1, most_per_address=1)
    first, second = Caller("a", waiting=False), Caller("a", waiting=False)
    assert bounds.admit(first)
    for _ in range(2):
        bounds.forget(first)
    assert bounds.count == 0
    assert bounds.admit(second)


@contextmanager
def published(server: Server, publication: Publication, **options: Any) -> Iterator[Any]:
    """Serve the given publication."""
    board = Board()
    board.post(publication)
    with server(board=board, **options) as served:
        yield served


CROWD = """
import resource, socket, sys, time
port, count = map(int, sys.argv[1:3])
sources, send = sys.argv[3].split(","), bytes.fromhex(sys.argv[4])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

def dial(number):
    line = socket.socket()
    line.bind((sources[number % len(sources)], 0))
    line.connect(("127.0.0.1", port))
    try:
        line.send(send)
    except OSError:  # hung up on already
        pass
    line.setblocking(False)
    return line

def is_lost(line):
    try:
        return not line.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True

lines = [dial(number) for number in range(count)]
print("all have been opened", flush=True)
deadline = time.monotonic() + 60
while time.monotonic() < deadline:  # some of those that were hung up on come back
    for place in [place for place, line in enumerate(lines) if is_lost(line)][:100]:
        lines[place].close()
        lines[place] = dial(place)
    time.sleep(0.1)
"""


@contextmanager
def crowd(port: int, sources: list[str], send: bytes) -> Iterator[None]:
    """Hold 5,000 connections from several loopback addresses, each having sent ``send``."""
    arguments = [sys.executable, "-c", CROWD, str(port), "5000", ",".join(sources), send.hex()]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "all have been opened\n"
            yield
        finally:
            process.kill()


def slowest_scrape(port: int, scrapes: int) -> float:
    """Return the seconds of the slowest scrape, each on a new connection."""
    times = []
    for _ in range(scrapes):
        begun = time.perf_counter()
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10, trust_env=False)
        times.append(time.perf_counter() - begun)
        assert answer.status_code == 200
        time.sleep(0.1)
    return max(times)


@pytest.mark.parametrize(
    ("sources", "send"),
    [
        pytest.param(["127.0.0.2"], HALF, id="half a request, from one address"),
        pytest.param(
            [f"127.0.0.{last}" for last in range(2, 10)], b"", id="nothing sent, from eight addresses"
        ),
        pytest.param(["127.0.0.1"], HALF, id="half a request, from the scraper's own address"),
    ],
)
def test_five_thousand_slow_connections_delay_no_scrape(
    server: Server, publication: Publication, sources: list[str], send: bytes
) -> None:
    """Each scrape is answered within a second while they are held, dropped and reopened."""
    with published(server, publication) as served, crowd(served.port, sources, send):
        # The crowd shares our two cores, so one slow round may be noise: the better of two has to be prompt.
        assert min(slowest_scrape(served.port, 10) for _ in range(2)) < PROMPT


def seconds_to_hang_up(line: socket.socket) -> float:
    """Return the seconds until the other side closes the connection."""
    begun = time.perf_counter()
    read_to_the_end(line)
    return time.perf_counter() - begun


@pytest.mark.parametrize(
    "sent", [b"", HALF, b"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_a_request_that_is_not_complete_in_time_is_disconnected(
    server: Server, publication: Publication, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Whether it sent nothing, half the headers or half the body."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    with (
        published(server, publication) as served,
        socket.create_connection(("127.0.0.1", served.port)) as line,
    ):
        line.sendall(sent)
        assert seconds_to_hang_up(line) < 3


def test_a_trickling_request_does_not_stay_alive(
    server: Server, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock runs from the first byte, not from the last."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    with (
        published(server, publication) as served,
        socket.create_connection(("127.0.0.1", served.port)) as line,
    ):
        line.sendall(HALF)
        begun = time.perf_counter()
        while sends(line, b"x") and time.perf_counter() - begun < 5:
            time.sleep(0.05)
        assert time.perf_counter() - begun < 3


def sends(line: socket.socket, data: bytes) -> bool:
    """Send, and return whether the other side still accepts data."""
    try:
        line.sendall(data)
    except OSError:
        return False
    return True


def test_a_client_that_stops_reading_is_disconnected(
    server: Server, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response that is never read would stay in memory forever."""
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.5)
    large = Publication(*(type(publication.text).of(b"x" * 30_000_000, "text/plain") for _ in range(6)))
    with published(server, large) as served, socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)  # without reading meanwhile
        assert read_to_the_end(line) < 30_000_000


def read_to_the_end(line: socket.socket) -> int:
    """Return how many bytes arrive before the other side closes."""
    line.settimeout(10)
    received = 0
    try:
        while chunk := line.recv(1 << 20):
            received += len(chunk)
    except ConnectionResetError:
        pass
    return received


def test_a_kept_connection_may_be_idle_between_scrapes(
    server: Server, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request timeout starts with the first byte of a request."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    with published(server, publication) as served, httpx.Client(trust_env=False) as client:
        for _ in range(2):
            answer = client.get(f"http://127.0.0.1:{served.port}/metrics")
            local = answer.extensions["network_stream"].get_extra_info("client_addr")
            time.sleep(1)
        assert answer.status_code == 200
        again = client.get(f"http://127.0.0.1:{served.port}/-/healthy")
        assert again.extensions["network_stream"].get_extra_info("client_addr") == local


def test_an_unfinished_handshake_is_ended(
    server: Server, publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A TLS connection that never sends its hello is closed as well, and scrapes still work."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n")
    config: WebConfig = load_web_config(web)
    monkeypatch.setattr("exporter.server.run.REQUEST_SECONDS", 0.5)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with published(server, publication, web=config) as served, ExitStack() as held:
        lines = [held.enter_context(socket.create_connection(("127.0.0.1", served.port))) for _ in range(300)]
        with httpx.Client(verify=trusting, trust_env=False) as client:
            assert client.get(f"https://127.0.0.1:{served.port}/metrics").status_code == 200
        assert seconds_to_hang_up(lines[0]) < 5


def test_an_acknowledgement_that_never_ends_is_not_a_server_error(
    server: Server,
    publication: Publication,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The connection is closed without a warning in the log, and nothing is recorded."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    head = "POST /api/v1/gate/ack HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    recorded: list[object] = []
    with (
        published(server, publication, recorded=recorded) as served,
        socket.create_connection(("127.0.0.1", served.port)) as line,
    ):
        line.sendall(f"{head}Content-Length: 90\r\n\r\n{{".encode())
        assert seconds_to_hang_up(line) < 3
        time.sleep(0.2)
    assert recorded == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
