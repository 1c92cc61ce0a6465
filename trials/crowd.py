"""Hold idle, slow and stalled connections, and check that an exporter closes every one of them.

They arrive at a steady pace from several loopback addresses; while they are held, closed ones reconnect.
Then they are left alone to see how long each kind stays open. Prints ``held`` once all have been opened, and
at the end a JSON document: the number of connections, how many the exporter closed, and after how many
seconds the last of each kind was closed.

    python trials/crowd.py PORT [--connections 5000] [--pace 200] [--hold 10] [--kinds idle half ...]
"""

import argparse
import itertools
import json
import resource
import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

HEAD = b"GET /metrics HTTP/1.1\r\nHost: exporter\r\n"
SENT = {
    "idle": b"",
    "half": HEAD + b"X-Slow: ",
    "drip": HEAD + b"X-Slow: ",
    "body": b"POST /api/v1/gate/ack HTTP/1.1\r\nHost: exporter\r\nContent-Type: application/json\r\n"
    b"Content-Length: 90\r\n\r\n{",
    "hello": b"\x16\x03\x01\x02\x00\x01",
    "kept": b"GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n",
    "deaf": (HEAD + b"\r\n") * 100,  # requests much and reads nothing
}
PATIENCE_SECONDS = 120.0
SMALL_BUFFER = 4096
ESTABLISHED = 1  # the first byte of Linux' TCP_INFO
STEP_SECONDS = 0.1


@dataclass(slots=True)
class Crowd:
    """The open connections by kind, and how many were closed."""

    port: int
    addresses: int
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    dripping: dict[socket.socket, None] = field(default_factory=dict)
    deaf: dict[socket.socket, None] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0

    def dial(self, kind: str) -> None:
        """Open a connection and send what its kind sends."""
        line = socket.socket()
        if kind == "deaf":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        line.bind((f"127.0.2.{1 + self.opened % self.addresses}", 0))
        line.connect(("127.0.0.1", self.port))
        line.settimeout(0)
        self.opened += 1
        with suppress(OSError):  # already closed
            line.send(SENT[kind])
        if kind == "deaf":
            self.deaf[line] = None
            return
        self.selector.register(line, selectors.EVENT_READ, kind)
        if kind == "drip":
            self.dripping[line] = None

    def lost(self, seconds: float) -> list[str]:
        """Return the kinds of those found closed within this many seconds."""
        found = []
        for key, _ in self.selector.select(seconds):
            line = key.fileobj
            assert isinstance(line, socket.socket)
            if is_closed(line):
                self.selector.unregister(line)
                self.dripping.pop(line, None)
                line.close()
                found.append(key.data)
        for line in [line for line in self.deaf if is_reset(line)]:
            del self.deaf[line]
            line.close()
            found.append("deaf")
        self.closed += len(found)
        return found

    def drip(self) -> None:
        """Send one more byte on each dripping connection."""
        for line in self.dripping:
            with suppress(OSError):
                line.send(b"x")

    def left(self) -> set[str]:
        """Return the kinds that still have open connections."""
        return {key.data for key in self.selector.get_map().values()} | ({"deaf"} if self.deaf else set())


def is_reset(line: socket.socket) -> bool:
    """Return whether the other side has given up, without reading what it sent."""
    return line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED


def is_closed(line: socket.socket) -> bool:
    """Return whether the other side has closed."""
    try:
        return not line.recv(1 << 16)
    except BlockingIOError:
        return False
    except OSError:
        return True


def main() -> None:
    """Hold the connections, leave them alone, and print how they ended."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--pace", type=float, default=200.0, help="connections a second")
    parser.add_argument("--hold", type=float, default=10.0, help="seconds")
    parser.add_argument("--kinds", nargs="+", choices=SENT, default=list(SENT))
    parser.add_argument("--addresses", type=int, default=8)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(options.port, options.addresses)
    some = max(1, round(options.pace * STEP_SECONDS))
    waiting = list(itertools.islice(itertools.cycle(options.kinds), options.connections))
    # A fixed number of steps: a full server closes one connection for each new one, so some always wait.
    for _ in range(0, options.connections, some):
        come(crowd, waiting, some)
    print("held", flush=True)
    end = time.monotonic() + options.hold
    while time.monotonic() < end:
        come(crowd, waiting, some)
    last = leave(crowd, options.kinds)
    said = {"connections": options.connections, "closed": crowd.closed, "last_closed": last}
    print(json.dumps(said))


def come(crowd: Crowd, waiting: list[str], most: int) -> None:
    """Open some waiting connections, and queue those that were closed, for one step of time."""
    end = time.monotonic() + STEP_SECONDS
    for kind in waiting[:most]:
        crowd.dial(kind)
    del waiting[:most]
    crowd.drip()
    while (left := end - time.monotonic()) > 0:
        waiting += crowd.lost(left)


def leave(crowd: Crowd, kinds: Sequence[str]) -> dict[str, float | None]:
    """Return the seconds after which the last of each kind was closed, ``None`` if one stays open."""
    begun = time.monotonic()
    last: dict[str, float | None] = dict.fromkeys(kinds, 0.0)
    while crowd.left() and time.monotonic() - begun < PATIENCE_SECONDS:
        last |= dict.fromkeys(crowd.lost(STEP_SECONDS), round(time.monotonic() - begun, 1))
        crowd.drip()
    return last | dict.fromkeys(crowd.left())


if __name__ == "__main__":
    main()
