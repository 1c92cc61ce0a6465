"""A real Prometheus for tests, and pages for it to scrape."""

import json
import os
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from running import is_ready, until

LOOPBACK = "127.0.0.1"


@dataclass
class Pages:
    """Bodies by path; unknown paths are 404."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    port: int = 0


@contextmanager
def serve_pages() -> Iterator[Pages]:
    """Serve pages on the loopback address."""
    pages = Pages()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    pages.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Prometheus:
    """A running Prometheus."""

    def __init__(
        self, program: str, folder: Path, config: Mapping[str, Any], *options: str, **environment: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        self.log = folder / "prometheus.log"
        self.port = 0
        command = [
            program,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={LOOPBACK}:{free_port()}",
            *options,
        ]
        self.port = int(command[3].rsplit(":", 1)[1])
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, env=os.environ | environment)
        assert until(lambda: is_ready(self.port), 30), self.log.read_text()

    def get(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of the API."""
        query = urllib.parse.urlencode(parameters)
        url = f"http://{LOOPBACK}:{self.port}/api/v1/{path}?{query}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str, **parameters: str) -> list[tuple[dict[str, str], float]]:
        """Return labels and values of an instant query."""
        found = self.get("query", query=expression, **parameters)["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in found]

    def groups(self) -> dict[str, dict[str, Any]]:
        """Return the rule groups by name."""
        return {group["name"]: group for group in self.get("rules")["groups"]}

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(60)


@contextmanager
def run_prometheus(
    program: str, folder: Path, config: Mapping[str, Any], *options: str, **environment: str
) -> Iterator[Prometheus]:
    """Run a Prometheus with a configuration and a data directory of its own."""
    server = Prometheus(program, folder, config, *options, **environment)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    import socket  # noqa: PLC0415  only here

    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
