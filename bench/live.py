"""Measures the running exporter on 400 generated partitions: start, scrape, arrival, rest.

    python bench/live.py [--partitions 400] [--rest 60]

Prints a table. Everything runs on this machine; the scraping client is a separate process.
"""

import argparse
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exporter.demo.days import write_day
from exporter.demo.plan import write_pipeline
from exporter.demo.rows import Recipe

SMALL = Recipe(rows=60)
LARGE = Recipe(rows=18_500)  # a little over 5 MB
SETTLE_SECONDS = 2.0
SCRAPES = 1000
CLIENT = """
import http.client, json, sys, time
port, count, encoding = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
connection = http.client.HTTPConnection("127.0.0.1", port)
taken = []
for _ in range(count):
    begun = time.perf_counter()
    connection.request("GET", "/metrics", headers={"Accept-Encoding": encoding})
    size = len(connection.getresponse().read())
    taken.append(time.perf_counter() - begun)
    time.sleep(0.01)
print(json.dumps({"size": size, "taken": taken}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partitions", type=int, default=400)
    parser.add_argument("--rest", type=int, default=60, help="seconds to watch the exporter at rest")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="puffy-bench-") as name:
        measure(Path(name), chosen.partitions, chosen.rest)


def measure(folder: Path, partitions: int, rest: int) -> None:
    """Run all measurements on one generated directory."""
    data = folder / "data"
    data.mkdir()
    last = datetime.now(UTC).date() - timedelta(days=2)
    write_pipeline(data, last, partitions, SMALL, plan={})
    config = folder / "puffy.yml"
    config.write_text(
        f"calendar: {{window_days: {partitions}}}\nwatch: {{settle_seconds: {SETTLE_SECONDS}}}\n"
    )
    say("import exporter.cli and --help", f"{help_seconds():.2f} s")
    for start in ("cold", "warm"):
        begun = time.perf_counter()
        with serving(data, folder / "out", config) as (process, port):
            say(
                f"{start} start of {partitions} partitions, until ready",
                f"{time.perf_counter() - begun:.1f} s",
            )
            if start == "warm":
                watch_rest(process.pid, rest)
                watch_scrapes(port, data)
                watch_arrival(port, data, last + timedelta(days=1))
                say("resident memory at the end", f"{resident(process.pid):.0f} MB")


def say(what: str, figure: str) -> None:
    """Print one row."""
    print(f"{what:<58} {figure}", flush=True)


def help_seconds() -> float:
    """Return the median time of --help."""
    taken = []
    for _ in range(7):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "exporter", "--help"], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


@contextmanager
def serving(data: Path, output: Path, config: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the exporter until it is ready, and stop it at the end."""
    log = output.with_name("log")
    options = ["--data.dir", data, "--output.dir", output, "--config.file", config]
    command = [
        sys.executable,
        "-m",
        "exporter",
        "serve",
        *map(str, options),
        "--web.listen-address",
        "127.0.0.1:0",
    ]
    with log.open("w") as stream:
        process = subprocess.Popen(command, stderr=stream)
    port = None
    while port is None:
        found = re.search(r"event=listening .*port=(\d+)", log.read_text())
        port = int(found[1]) if found else None
        time.sleep(0.005)
    while get(port, "/-/ready")[0] != 200:
        time.sleep(0.01)
    yield process, port
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def get(port: int, path: str) -> tuple[int, str]:
    """Return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch_rest(pid: int, seconds: int) -> None:
    """Print how much of one core the exporter uses at rest, including regular rescans."""
    time.sleep(5)
    before = cpu_seconds(pid)
    time.sleep(seconds)
    say(f"CPU at rest over {seconds} s", f"{(cpu_seconds(pid) - before) / seconds:.2%} of a core")


def watch_scrapes(port: int, data: Path) -> None:
    """Print the latency of /metrics while a file arrives every half second."""
    for encoding in ("identity", "gzip"):
        over = threading.Event()
        writer = threading.Thread(target=keep_arriving, args=(data, over))
        writer.start()
        command = [sys.executable, "-c", CLIENT, str(port), str(SCRAPES), encoding]
        done = subprocess.run(command, check=True, capture_output=True)
        over.set()
        writer.join()
        found = json.loads(done.stdout)
        taken = sorted(found["taken"])
        p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
        figure = f"p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, max {taken[-1] * 1e3:.1f} ms"
        say(f"/metrics ({found['size'] / 1e6:.1f} MB, {encoding}) while files arrive", figure)


def keep_arriving(data: Path, over: threading.Event) -> None:
    """Replace a day's files every half second."""
    day = datetime.now(UTC).date() - timedelta(days=10)
    while not over.wait(0.5):
        write_day(data, day, SMALL, arrival=datetime.now(UTC) - timedelta(seconds=60))
        day -= timedelta(days=1)


def watch_arrival(port: int, data: Path, day: object) -> None:
    """Print the time from the close of a 5 MB file to its figures on the page, beyond the settle time."""
    taken = []
    for seed in range(5):
        name = f"events_{day:%Y%m%d}.csv"
        spare = data.parent / f"spare-{seed}"
        spare.mkdir()
        write_day(spare, day, Recipe(seed=seed, rows=LARGE.rows))  # type: ignore[arg-type]
        content = (spare / name).read_bytes()
        before = figure_of(port, day)
        (data / name).write_bytes(content)
        begun = time.perf_counter()
        while figure_of(port, day) == before:
            time.sleep(0.01)
        taken.append(time.perf_counter() - begun)
    figure = (
        f"{statistics.median(taken):.2f} s (settle time {SETTLE_SECONDS:g} s, largest {max(taken):.2f} s)"
    )
    say(f"from close of {len(content) / 1e6:.1f} MB to its figures on the page", figure)


def figure_of(port: int, day: object) -> str | None:
    """Return a figure of a day's raw file from the metrics page."""
    found = re.search(
        rf'partition_size_bytes{{partition="{day}",stage="raw"}} (\S+)', get(port, "/metrics")[1]
    )
    return found[1] if found else None


if __name__ == "__main__":
    main()
