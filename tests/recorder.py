"""A peer on the loopback that records what it is sent and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

TAKEN = (202, {"invocation_id": "11111111-1111-4111-8111-111111111111"})


@dataclass
class Peer:
    """What was received, and how to answer: a status, ``stall`` or ``hang up``."""

    port: int = 0
    answer: int | str = 202
    said: str = ""  # in the body of a refusal
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _, _ in self.requests]


class _Handler(BaseHTTPRequestHandler):
    peer: ClassVar[Peer]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.peer.requests.append((self.path, dict(self.headers.items()), json.loads(body)))
        if self.peer.answer == "stall":
            time.sleep(1)
        if isinstance(self.peer.answer, str):
            self.close_connection = True
            return
        taken = self.peer.answer == TAKEN[0]
        content = json.dumps(TAKEN[1]).encode() if taken else self.peer.said.encode()
        self.send_response(self.peer.answer)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Stay silent."""


@contextmanager
def listening() -> Iterator[Peer]:
    """Run a peer."""
    peer = Peer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"peer": peer}))
    server.daemon_threads = True
    peer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
