"""A real exporter under attack: scrapes still work, nothing is held forever, and no errors are logged.

``PUFFY_SIZES=200:5000:10000`` sets the numbers of concurrent scrapes, connections and requests.
"""

import json
import os
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import psutil
import pytest
from golden import ROOT
from running import Exporter
from written import write_day

from exporter.model import Stage
from exporter.server.connections import ANSWER_SECONDS, MOST_CONNECTIONS, REQUEST_SECONDS
from exporter.server.run import KEEP_ALIVE_SECONDS

SCRAPES, CONNECTIONS, REQUESTS = map(int, os.environ.get("PUFFY_SIZES", "20:300:500").split(":"))
IS_FULL = CONNECTIONS > MOST_CONNECTIONS * 4
DAYS = 10
PATIENCE_SECONDS = 10.0  # Prometheus' default timeout
PAUSE_SECONDS = 0.05
HOLD_SECONDS = 20.0 if IS_FULL else 2.0
PACE = 200  # connections per second
FEW = 20  # connections being accepted, and the listener
LIMITS = {
    **dict.fromkeys(("idle", "half", "drip", "body", "hello"), REQUEST_SECONDS),
    "kept": KEEP_ALIVE_SECONDS,
    "deaf": ANSWER_SECONDS,
}
"""Seconds after which each kind of connection has been closed."""
BRIEF = ("idle", "half", "drip", "body", "hello")
LATE_SECONDS = 5.0  # a busy machine may exceed a deadline by this much
MOST_GROWTH = 150 * 2**20  # of resident memory, in bytes
MOST_THREADS = 16  # including asyncio's own pool
MOST_LOGGED = 20_000  # bytes
Measured = Callable[[str], None]


@dataclass
class Attacked:
    """A running exporter, its process, and its resource use before the attack."""

    exporter: Exporter
    process: psutil.Process
    resident: int = 0
    logged: int = 0
    most_resident: int = 0
    most_threads: int = 0

    def begin(self) -> None:
        """Record the current resource use."""
        self.resident = self.most_resident = self.process.memory_info().rss
        self.most_threads = self.process.num_threads()
        self.logged = len(self.exporter.said())

    def look(self) -> None:
        """Record the resource use under attack."""
        self.most_resident = max(self.most_resident, self.process.memory_info().rss)
        self.most_threads = max(self.most_threads, self.process.num_threads())

    def check(self) -> None:
        """Check that it stayed within its limits and is healthy."""
        self.look()
        said = self.exporter.said()[self.logged :]
        assert "Traceback" not in said, said
        assert "level=error" not in said, said
        assert len(said) < MOST_LOGGED
        assert self.most_resident - self.resident < MOST_GROWTH
        assert self.most_threads <= MOST_THREADS
        assert self.exporter.get("/-/healthy") == (200, "Healthy.\n")

    @property
    def told(self) -> str:
        """Its resource use, for the table."""
        growth = (self.most_resident - self.resident) / 2**20
        return f"{growth:.0f} MB more memory, {self.most_threads} threads"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """Serve some days."""
    folder = tmp_path_factory.mktemp("attacked")
    for day in days():
        write_day(folder / "data", day)
    (folder / "puffy.yml").write_text("watch: {settle_seconds: 0.2}\n")
    with Exporter(folder) as exporter:
        yield Attacked(exporter, psutil.Process(exporter.process.pid))


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Return a function that records figures for the table of trials/situations.py."""
    return lambda told: request.node.user_properties.append(("measured", told))


def days() -> list[date]:
    """Return the days up to yesterday."""
    today = datetime.now(UTC).date()
    return [today - timedelta(days=age) for age in range(1, 1 + DAYS)]


def command(program: str, *arguments: object) -> list[str]:
    """Return the command line of a program in trials/."""
    return [sys.executable, str(ROOT / "trials" / f"{program}.py"), *map(str, arguments)]


def run(program: str, *arguments: object) -> Any:
    """Run a program in trials/ and return what it prints."""
    done = subprocess.run(command(program, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def beside(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program in trials/ in the background."""
    with subprocess.Popen(command(program, *arguments), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said_by(process: subprocess.Popen[str]) -> Any:
    """Return the JSON document that a program prints last."""
    assert process.stdout is not None
    *_, last = process.stdout.read().splitlines()
    return json.loads(last)


def scrape_until(attacked: Attacked, ended: Callable[[], bool]) -> str:
    """Scrape until the attack ends; return a summary of the scrapes."""
    seconds = []
    while not ended():
        begun = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", attacked.exporter.port, timeout=60)) as line:
            line.request("GET", "/metrics")
            answer = line.getresponse()
            assert answer.status == 200
            assert answer.read().count(b"puffy_partition_rows{") == DAYS * len(Stage)
        seconds.append(time.perf_counter() - begun)
        attacked.look()
        time.sleep(PAUSE_SECONDS)
    last = sorted(seconds)[int(len(seconds) * 0.99)]
    assert last < PATIENCE_SECONDS, f"of {len(seconds)} scrapes 1 in 100 took {last:.2f} s"
    return f"{len(seconds)} scrapes meanwhile, p99 {last:.2f} s"


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("attacked")
@pytest.mark.parametrize("addresses", [1, SCRAPES], ids=["one address", "as many addresses"])
def test_scrapes_at_once_are_all_answered(attacked: Attacked, addresses: int, measured: Measured) -> None:
    """Each in full, on a connection of its own."""
    attacked.begin()
    found = run(
        "scrapes", attacked.exporter.port, "--parallel", SCRAPES, "--rounds", 3, "--addresses", addresses
    )
    assert (found["scrapes"], found["failed"]) == (3 * SCRAPES, 0), found["first_failed"]
    assert found["p99"] < PATIENCE_SECONDS
    attacked.check()
    measured(f"p99 {found['p99']:.2f} s from {addresses} address(es)")


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("attacked")
def test_a_crowd_delays_no_scrape_and_no_connection_is_held_forever(
    attacked: Attacked, measured: Measured
) -> None:
    """Idle, partial, slow, unread and kept-alive connections; the last two kinds only in the full size."""
    attacked.begin()
    kinds = LIMITS if IS_FULL else dict.fromkeys(BRIEF, LIMITS["idle"])
    arguments = ("--connections", CONNECTIONS, "--pace", PACE, "--hold", HOLD_SECONDS, "--kinds", *kinds)
    with beside("crowd", attacked.exporter.port, *arguments) as process:
        end = time.monotonic() + CONNECTIONS / PACE + HOLD_SECONDS
        told = scrape_until(attacked, lambda: time.monotonic() > end)
        assert len(attacked.process.net_connections()) <= MOST_CONNECTIONS + FEW
        found = said_by(process)
    assert found["closed"] >= CONNECTIONS
    late = {
        kind: seconds
        for kind, seconds in found["last_closed"].items()
        if seconds is None or seconds > kinds[kind] + LATE_SECONDS
    }
    assert late == {}
    attacked.check()
    measured(f"{told}; {attacked.told}; last closed after {found['last_closed']}")


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("attacked")
def test_hostile_requests_get_the_right_status(attacked: Attacked, measured: Measured) -> None:
    """Each gets one of the statuses that are right for it, and scrapes still work."""
    attacked.begin()
    with beside("storm", attacked.exporter.port, "--requests", REQUESTS) as process:
        told = scrape_until(attacked, lambda: process.poll() is not None)
        found = said_by(process)
    assert (found["requests"], found["wrong"]) == (REQUESTS, 0), found["first_wrong"]
    attacked.check()
    measured(f"{told}; {attacked.told}; slowest answer {found['slowest']:.1f} s")


def test_a_wrong_answer_is_noticed() -> None:
    """A server that hangs up on everyone is right about few requests."""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as rude:
        thread = threading.Thread(target=rude.serve_forever)
        thread.start()
        try:
            found = run("storm", rude.server_address[1], "--requests", 40)
        finally:
            rude.shutdown()
            thread.join()
    assert 20 < found["wrong"] < 40
    assert {"number", "kind", "got", "right"} == set(found["first_wrong"][0])
