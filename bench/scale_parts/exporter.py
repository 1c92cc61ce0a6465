"""One exporter with many small feeds: its memory, its CPU at rest, and the cost of a delivery."""

import argparse
import gzip
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
from many_feeds import get, serve, write_feed

DAYS, ROWS = 35, 200
MOST_SECONDS = 300.0


def measure(options: argparse.Namespace) -> Iterator[Mapping[str, float]]:
    """Yield the cost of each number of feeds."""
    for feeds in options.feeds:
        with tempfile.TemporaryDirectory(prefix="puffy-bench-") as name:
            folder = Path(name)
            (folder / "contracts").mkdir()
            for number in range(feeds):
                write_feed(folder, number, DAYS, ROWS)
            process, port, _ = serve(folder, folder / "log")
            try:
                found = {"feeds": feeds, **_watch(psutil.Process(process.pid), port, folder, options.rest)}
            finally:
                process.terminate()
                process.wait()
        print(", ".join(f"{name} {value:,.4g}" for name, value in found.items()), flush=True)
        yield found


def _watch(process: psutil.Process, port: int, folder: Path, rest: float) -> Mapping[str, float]:
    _wait(lambda: get(port, "/-/ready")[0] == 200)
    started = _seconds(process)
    time.sleep(5)
    before, begun = _seconds(process), time.perf_counter()
    time.sleep(rest)
    idle = (_seconds(process) - before) / (time.perf_counter() - begun)
    memory = process.memory_info().rss / 1e6
    rows = _rows(port)
    before, begun = _seconds(process), time.perf_counter()
    for data in sorted((folder / "data").iterdir()):
        newest = max(data.iterdir())
        with newest.open("a") as file:
            file.write(newest.read_text().splitlines()[-1] + "\n")
    _wait(lambda: _rows(port) == rows + len(list((folder / "data").iterdir())))
    took = time.perf_counter() - begun
    delivered = _seconds(process) - before - idle * took
    return {
        "start CPU s": started,
        "MB": memory,
        "idle cores": idle,
        "delivery CPU s": delivered,
        "peak MB": process.memory_info().rss / 1e6,
        "page MB": len(gzip.decompress(get(port, "/metrics")[1])) / 1e6,
    }


def _rows(port: int) -> float:
    text = gzip.decompress(get(port, "/metrics")[1]).decode()
    return sum(
        float(value) for value in re.findall(r"^puffy_partition_rows\{.*\} (\S+)$", text, re.MULTILINE)
    )


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(1)  # each request costs the exporter something, too


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
