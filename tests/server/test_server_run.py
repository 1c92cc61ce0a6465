"""The server's life cycle: TLS, signals, stopping."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from exporter.errors import UserError
from exporter.server.app import create_app
from exporter.server.publication import Board, Publication
from exporter.server.run import serve
from exporter.server.web_config import WebConfig, load_web_config

Server = Callable[..., AbstractContextManager[Any]]

PROGRAM = """
import dataclasses, logging, sys, threading
from exporter.server.app import create_app
from exporter.server.publication import Board, Page, Publication
from exporter.server.run import serve

logging.basicConfig(level="INFO", format="%(name)s %(message)s")
board = Board()
board.post(Publication(*(Page.of(b"x" * 20_000_000, "text/plain") for _ in dataclasses.fields(Publication))))

async def reload():
    print("reloaded", flush=True)
    return "line" if sys.argv[1:] == ["refuse"] else None

stop = threading.Event()
other = threading.Thread(target=lambda: (stop.wait(), print("told", flush=True)))
other.start()
app = create_app(board, reload=reload)
serve(app, "127.0.0.1:0", stop=stop, ready=lambda port: print(port, flush=True), hangup=reload)
print("stopped", flush=True)
"""


@contextmanager
def program(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a server in its own process; yield the process and its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def dial(port: int) -> socket.socket:
    """Connect with a short timeout, in case the server hangs."""
    return socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Provide an authority that signs server and client certificates."""
    return trustme.CA()


def write_tls(folder: Path, authority: trustme.CA, more: str = "") -> WebConfig:
    """Write certificates and a web configuration that names them; load it."""
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    text = f"tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n{more}"
    (folder / "web.yml").write_text(text)
    return load_web_config(folder / "web.yml")


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return a client context that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def get(port: int, verify: ssl.SSLContext) -> int:
    """Request health over TLS; return the status."""
    return httpx.get(f"https://127.0.0.1:{port}/-/healthy", verify=verify, trust_env=False).status_code


def test_tls_is_served_to_clients_that_trust_it(
    server: Server, authority: trustme.CA, tmp_path: Path
) -> None:
    """The certificate is valid, and plain HTTP gets no response."""
    with server(web=write_tls(tmp_path, authority)) as served:
        assert get(served.port, trusting(authority)) == 200
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            get(served.port, ssl.create_default_context())
        with pytest.raises(httpx.RemoteProtocolError):
            served.client.get("/-/healthy")


def test_tls_below_the_minimum_is_refused(server: Server, authority: trustme.CA, tmp_path: Path) -> None:
    """A client limited to 1.2 cannot connect to a server that requires 1.3."""
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with server(web=write_tls(tmp_path, authority, "  min_version: TLS13\n")) as served:
        assert get(served.port, trusting(authority)) == 200
        with pytest.raises(httpx.ConnectError):
            get(served.port, old)


@pytest.mark.parametrize(
    ("kind", "without"), [("RequireAndVerifyClientCert", False), ("VerifyClientCertIfGiven", True)]
)
def test_clients_prove_who_they_are(
    server: Server, authority: trustme.CA, tmp_path: Path, kind: str, *, without: bool
) -> None:
    """The authority's client gets in, a stranger does not, and one without a certificate only if allowed."""
    known, strange, none = (trusting(authority) for _ in range(3))
    authority.issue_cert("prometheus.example").configure_cert(known)
    trustme.CA().issue_cert("prometheus.example").configure_cert(strange)
    web = write_tls(tmp_path, authority, f"  client_ca_file: ca.pem\n  client_auth_type: {kind}\n")
    with server(web=web) as served:
        assert get(served.port, known) == 200
        with pytest.raises(httpx.TransportError):
            get(served.port, strange)
        if without:
            assert get(served.port, none) == 200
        else:
            with pytest.raises(httpx.TransportError):
                get(served.port, none)


def test_configured_headers_replace_the_default_ones(server: Server, publication: Publication) -> None:
    """They are on every response, exactly once."""
    headers = {"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "deny"}
    with server(web=WebConfig(headers=headers)) as served:
        served.board.post(publication)
        for path in ("/", "/metrics", "/nothing"):
            answer = served.client.get(path)
            assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
            assert answer.headers["x-frame-options"] == "deny"


def test_a_port_in_use_does_not_start() -> None:
    """The caller gets one line, and nothing has been started."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UserError, match=f"^cannot listen on {address}: address already in use$"):
            serve(create_app(Board(), reload=None), address, stop=stop)  # type: ignore[arg-type]  never called


def test_the_switch_interval_is_restored(server: Server) -> None:
    """It is shortened for the process, but only while serving."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.004)
    try:
        with server():
            assert sys.getswitchinterval() == pytest.approx(0.0005)
        assert sys.getswitchinterval() == pytest.approx(0.004)
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_promptly(number: signal.Signals) -> None:
    """An idle connection and a stalled reader delay it by less than two seconds, and it exits cleanly."""
    with program() as (process, port), dial(port) as idle, dial(port) as stalled:
        idle.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while not received.endswith(b"Healthy.\n"):
            received += idle.recv(65536)
        stalled.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert stalled.recv(10)
        begun = time.monotonic()
        process.send_signal(number)
        output, errors = process.communicate(timeout=5)
        took = time.monotonic() - begun
        assert idle.recv(1) == b""
    assert took < 4  # twice the limit, for a busy machine
    assert (process.returncode, output) == (0, "told\nstopped\n")
    assert "Traceback" not in errors


def test_a_signal_lets_a_response_finish() -> None:
    """A client that keeps reading gets every byte, although the server was told to stop meanwhile."""
    with program() as (process, port), dial(port) as reader:
        reader.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        received = len(reader.recv(10))
        process.send_signal(signal.SIGTERM)
        while piece := reader.recv(1 << 20):
            received += len(piece)
        assert received > 20_000_000
        assert process.wait(5) == 0


@pytest.mark.parametrize(("argument", "logged"), [("accept", False), ("refuse", True)])
def test_a_hangup_reloads(argument: str, *, logged: bool) -> None:
    """SIGHUP reloads while serving continues; a refusal is logged."""
    with program(argument) as (process, port):
        assert process.stdout
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline() == "reloaded\n"
        assert httpx.get(f"http://127.0.0.1:{port}/-/healthy", trust_env=False).status_code == 200
        process.terminate()
        _, errors = process.communicate(timeout=5)
    assert ("reload refused" in errors) is logged


def test_nothing_is_logged_for_a_request() -> None:
    """The log has the start and the stop, but no scrape."""
    with program() as (process, port):
        for _ in range(3):
            httpx.get(f"http://127.0.0.1:{port}/-/healthy", trust_env=False)
        os.kill(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=5)
    assert errors.splitlines() == ["exporter.server.run listening", "exporter.server.run stopping"]
