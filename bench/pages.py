"""Rendering times of pages, by kind: the first request after a pass, over HTTP.

Serves generated days with various faults, and an index of many small feeds; requests each
page once per round, each time uncached. Prints the medians, and the
exporter's average CPU time for each. The goals: 50 ms for 35 days or 50 feeds, 200 ms for 400
days, 150 kB.

    python bench/pages.py [--days 35 400] [--feeds 50] [--rounds 15]
"""

import argparse
import http.client
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from many_feeds import write_feed

from exporter.demo.plan import write_pipeline
from exporter.demo.rows import Recipe
from exporter.pages.known import FEED_PAGES, INDEX_PAGES
from exporter.pages.site import Kind

SMALL = Recipe(rows=400)
COMMAND = (sys.executable, "-m", "exporter", "serve", "--web.listen-address", "127.0.0.1:0")
GOALS = {35: 50, 400: 200}  # days and ms
FEEDS_GOAL = 50  # ms
MOST_BYTES = 150_000
PATIENCE = 600.0  # seconds for the first pass
fresh = itertools.count()


class Case(NamedTuple):
    """What is measured, its goal in ms, and how often it is requested."""

    what: str
    goal: int
    rounds: int


class Server(NamedTuple):
    """A running exporter."""

    port: int
    process: psutil.Process


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, nargs="*", default=[35, 400])
    parser.add_argument("--feeds", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print("| of | page | kB | kB gzip | median ms | largest ms | CPU ms | goal ms |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="puffy-bench-") as name:
        for days in options.days:
            measure_days(Path(name) / f"days{days}", days, options.rounds)
        if options.feeds:
            measure_feeds(Path(name) / "feeds", options.feeds, options.rounds)


def measure_days(folder: Path, days: int, rounds: int) -> None:
    """Print a row for each kind of page of one feed."""
    last = datetime.now(UTC).date() - timedelta(days=2)
    data = folder / "data"
    data.mkdir(parents=True)
    write_pipeline(data, last, days, SMALL)
    (folder / "puffy.yml").write_text(f"calendar: {{window_days: {days}}}\n")
    clock = f"{last + timedelta(days=1)}T06:30:00Z"
    places = ("--data.dir", data, "--output.dir", folder / "out", "--config.file", folder / "puffy.yml")
    with serving(folder / "log", *places, "--as-of", clock) as server:
        report = json.loads(get(server.port, "/api/v1/report")[1])
        values = {"day": last - timedelta(days=1), "id": report["incidents"][0]["id"]}
        goal = next((goal for most, goal in GOALS.items() if days <= most), max(GOALS.values()))
        for kind in FEED_PAGES:
            tell(server, kind, values, Case(f"{days} days", goal, rounds))


def measure_feeds(folder: Path, feeds: int, rounds: int) -> None:
    """Print a row for each kind of page of all feeds together."""
    (folder / "contracts").mkdir(parents=True)
    for number in range(feeds):
        write_feed(folder, number, 35, 50)
    # One file is removed, so that there is a finding.
    next((folder / "data" / "0000").iterdir()).unlink()
    with serving(folder / "log", "--feeds.dir", folder / "contracts") as server:
        report = json.loads(get(server.port, "/feeds/feed-0000/api/v1/report")[1])
        values = {"id": report["incidents"][0]["id"]}
        for kind in INDEX_PAGES:
            tell(server, kind, values, Case(f"{feeds} feeds", FEEDS_GOAL, rounds))


def tell(server: Server, kind: Kind[Any], values: dict[str, object], case: Case) -> None:
    """Measure and print the row of one kind of page."""
    path = "/" + kind.path.format_map(values)
    status, plain = get(server.port, path)
    packed, taken, before = b"", [], sum(server.process.cpu_times()[:2])
    for _ in range(case.rounds):
        begun = time.perf_counter()
        # A different query is a different page for the shelf, so it is rendered.
        packed = get(server.port, f"{path}?fresh={next(fresh)}", "gzip")[1]
        taken.append((time.perf_counter() - begun) * 1e3)
    used = (sum(server.process.cpu_times()[:2]) - before) * 1e3 / case.rounds
    mark = f" ({status})" if status >= 400 else " (too large)" if len(plain) > MOST_BYTES else ""
    sizes = f"{len(plain) / 1e3:.0f} | {len(packed) / 1e3:.0f}"
    figures = f"{statistics.median(taken):.1f} | {max(taken):.1f} | {used:.1f} | {case.goal}"
    print(f"| {case.what} | /{kind.path}{mark} | {sizes} | {figures} |", flush=True)


@contextmanager
def serving(log: Path, *options: object) -> Iterator[Server]:
    """Run the exporter until its first pass is done."""
    with log.open("w") as stream:
        process = subprocess.Popen([*COMMAND, *map(str, options)], stderr=stream)
    try:
        yield Server(listening(process, log), psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def listening(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port once everything is ready."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        found = re.search(r"event=listening .*port=(\d+)", log.read_text())
        if found and get(int(found[1]), "/-/ready")[0] == 200:
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def get(port: int, path: str, encoding: str = "identity") -> tuple[int, bytes]:
    """Return status and body of a response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"accept-encoding": encoding})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
