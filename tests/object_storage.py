"""S3 servers as processes of their own, and a proxy before them that counts, delays, cuts and denies."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import boto3
import pytest
from botocore.config import Config
from running import until
from servers import servers_folder

KEY, SECRET = "AKIAPUFFYTESTS", "not-to-be-seen-in-any-log"
DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredToken</Code>'
    b"<Message>The provided token has expired.</Message></Error>"
)
ANSWERED = 60  # seconds for a server to be ready


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(slots=True)
class Storage:
    """A server that speaks S3, and a client of it."""

    port: int
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def upload(self, folder: Path, bucket: str, prefix: str = "") -> None:
        """Put all files below a folder into a bucket, which is made."""
        self.client.create_bucket(Bucket=bucket)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            key = prefix + path.relative_to(folder).as_posix()
            self.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())

    def remove(self, bucket: str) -> None:
        """Delete a bucket with all that is in it."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for one in page.get("Contents", ()):
                self.client.delete_object(Bucket=bucket, Key=one["Key"])
        self.client.delete_bucket(Bucket=bucket)


@contextmanager
def moto() -> Iterator[Storage]:
    """Run moto's server, which checks no signature and keeps all in memory."""
    port = free_port()
    program = Path(sys.executable).with_name("moto_server")
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert until(lambda: _answers(port), ANSWERED)
        yield Storage(port)
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


FSID, OSD = "11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-666666666666"
CEPH = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}]
mon initial members = a
keyring = {folder}/keyring
run dir = {folder}
admin socket =
log file =
mon cluster log file =
pid file =
plugin dir = {root}/usr/lib/ceph
erasure code dir = {libraries}/ceph/erasure-code
osd class dir = {libraries}/rados-classes
osd objectstore = memstore
memstore device bytes = 2147483648
osd data = {folder}/osd
mon data = {folder}/mon
mon data avail crit = 1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
ms bind msgr1 = false
public addr = 127.0.0.1
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 16
rgw enable apis = s3
rgw enable gc threads = false
rgw enable lc threads = false
rgw enable quota threads = false
"""


@dataclass(slots=True)
class _Ceph:
    """A cluster of a monitor, an OSD that keeps all in memory, and the gateway."""

    root: Path
    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self) -> None:
        """Start all three; no manager is needed to read and write."""
        for name in ("mon", "osd"):
            (self.folder / name).mkdir(parents=True)
        libraries = self.root / "usr" / "lib" / "x86_64-linux-gnu"
        mon = free_port()
        (self.folder / "ceph.conf").write_text(
            CEPH.format(
                fsid=FSID, mon=mon, folder=self.folder, root=self.root, libraries=libraries, port=self.port
            )
        )
        keyring, monmap = self.folder / "keyring", self.folder / "monmap"
        for number, (name, caps) in enumerate(
            (
                ("mon.", ("mon", "allow *")),
                ("client.admin", ("mon", "allow *", "osd", "allow *")),
                ("osd.0", ("mon", "allow profile osd", "osd", "allow *")),
            )
        ):
            pairs = [word for at in range(0, len(caps), 2) for word in ("--cap", caps[at], caps[at + 1])]
            create = ["-C"] if number == 0 else []
            self.call("ceph-authtool", *create, keyring, "--gen-key", "-n", name, *pairs, configured=False)
        address = f"[v2:127.0.0.1:{mon}]"
        self.call("monmaptool", "--create", "--fsid", FSID, "--addv", "a", address, monmap, configured=False)
        self.call("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self.run("ceph-mon", "-i", "a")
        self.call("ceph", "--connect-timeout", "40", "osd", "new", OSD)
        self.call("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", OSD)
        self.run("ceph-osd", "-i", "0")
        keys = ("--access-key", KEY, "--secret", SECRET)
        self.call("radosgw-admin", "user", "create", "--uid", "tests", "--display-name", "tests", *keys)
        self.run("radosgw", "-n", "client.admin")
        assert until(lambda: _answers(self.port), ANSWERED)

    def call(self, program: str, *arguments: object, configured: bool = True) -> None:
        """Run a program to its end."""
        command = self._command(program, arguments, configured=configured)
        done = subprocess.run(command, capture_output=True, env=self._environment(), timeout=90, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def run(self, program: str, *arguments: object) -> None:
        """Start a server."""
        with (self.folder / f"{program}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [*self._command(program, arguments), "-f"],
                    stdout=log,
                    stderr=log,
                    env=self._environment(),
                )
            )

    def stop(self) -> None:
        """End them, the last first."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _command(self, program: str, arguments: tuple[object, ...], *, configured: bool = True) -> list[str]:
        # The interpreter is Debian's: its module of librados is made for that.
        by = ["/usr/bin/python3"] if program == "ceph" else []
        conf = ["-c", self.folder / "ceph.conf"] if configured else []
        return [str(word) for word in (*by, self.root / "usr" / "bin" / program, *conf, *arguments)]

    def _environment(self) -> dict[str, str]:
        names = (
            "usr/lib/x86_64-linux-gnu",
            "usr/lib/x86_64-linux-gnu/ceph",
            "lib/x86_64-linux-gnu",
            "usr/lib/ceph",
        )
        return {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": ":".join(str(self.root / name) for name in names),
            "PYTHONPATH": str(self.root / "usr" / "lib" / "python3" / "dist-packages"),
        }


@contextmanager
def radosgw(folder: Path) -> Iterator[Storage]:
    """Run Ceph's gateway, which checks signatures; skip where it is absent, which on CI is a failure."""
    root = servers_folder() / "ceph"
    if not (root / "usr" / "bin" / "radosgw").exists():
        assert not os.environ.get("CI"), "radosgw must be there on CI"
        pytest.skip("radosgw is not there: run tests/install-servers.sh")
    ceph = _Ceph(root, folder, free_port())
    try:
        ceph.begin()
        yield Storage(ceph.port)
    finally:
        ceph.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request through the proxy, and how many bytes of body it returned."""

    method: str
    path: str
    size: int

    @property
    def lists(self) -> bool:
        """Whether names were asked for."""
        return "list-type=2" in self.path


Trouble = Callable[[str, str], str]
"""Is given method and path; returns ``pass``, ``cut``, ``deny`` or ``wait``."""


@dataclass(slots=True)
class Proxy:
    """A reverse proxy on the loopback interface."""

    storage: Storage
    asked: list[Asked] = field(default_factory=list)
    trouble: Trouble = lambda _method, _path: "pass"
    _server: ThreadingHTTPServer = field(init=False)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                proxy._answer(self)

            do_HEAD = do_GET  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def read(self) -> int:
        """How many bytes of objects were read."""
        return sum(one.size for one in self.asked if one.method == "GET" and not one.lists)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        what = self.trouble(request.command, request.path)
        if what == "wait":
            self._over.wait(8)
            request.close_connection = True
            return
        status, headers, body = (403, [], DENIED) if what == "deny" else self._pass_on(request)
        self.asked.append(Asked(request.command, request.path, len(body)))
        request.send_response(status)
        for name, value in headers:
            if name.lower() not in {"connection", "transfer-encoding", "content-length", "date", "server"}:
                request.send_header(name, value)
        length = next((value for name, value in headers if name.lower() == "content-length"), len(body))
        request.send_header("Content-Length", str(length if request.command == "HEAD" else len(body)))
        request.end_headers()
        if request.command == "HEAD":
            return
        request.wfile.write(body[: len(body) // 2] if what == "cut" else body)
        request.close_connection = what == "cut"

    def _pass_on(self, request: BaseHTTPRequestHandler) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.storage.port, timeout=60)
        try:
            upstream.request(request.command, request.path, headers=dict(request.headers))
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()
