"""The cost of fifty feeds in one process: memory, scrapes, CPU at rest; and of a thousand contracts.

Generates feeds of 35 days, 200 rows per file, three columns; serves them and waits until every day is on the
page. Then times scrapes of /metrics, and lets the process rest until every feed has been rescanned once.

    python bench/many_feeds.py [--feeds 50] [--days 35] [--rows 200] [--scrapes 200] [--rest 60]
        [--contracts 1000]
"""

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: feed-{number:04}
name: Feed {number}
version: 1.0.0
status: active
servers:
- {{server: files, type: local, path: {data}, format: csv}}
schema:
- name: orders
  physicalName: "orders_{{date:%Y%m%d}}.csv"
  properties:
  - name: at
    logicalType: timestamp
    required: true
    customProperties: [{{property: eventTime, value: true}}]
  - {{name: customer, logicalType: string, required: true}}
  - {{name: amount, logicalType: number, logicalTypeOptions: {{minimum: 0}}}}
  quality:
  - {{metric: rowCount, mustBeGreaterThan: 0, severity: critical}}
"""
LISTEN = ("--web.listen-address", "127.0.0.1:0")
MANY_SECONDS = 120.0


def write_feed(folder: Path, number: int, days: int, rows: int) -> None:
    """Write a contract and its files."""
    data = folder / "data" / f"{number:04}"
    data.mkdir(parents=True)
    (folder / "contracts" / f"{number:04}.yaml").write_text(CONTRACT.format(number=number, data=data))
    chance = random.Random(number)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        seconds = sorted(chance.randrange(86_400) for _ in range(rows))
        lines = [
            f"{day + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ},c{second % 50},{chance.uniform(1, 90):.2f}"
            for second in seconds
        ]
        path = data / f"orders_{day:%Y%m%d}.csv"
        path.write_text("\n".join(["at,customer,amount", *lines, ""]))
        os.utime(path, (day.timestamp() + 90_000, day.timestamp() + 90_000))


def get(port: int, path: str) -> tuple[int, bytes]:
    """Return status and body of a response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"accept-encoding": "gzip"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def scrapes(port: int, count: int) -> tuple[list[float], int]:
    """Scrape over a persistent connection; return each scrape's milliseconds and the last one's bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times, size = [], 0
    for _ in range(count):
        begun = time.perf_counter()
        connection.request("GET", "/metrics", headers={"accept-encoding": "gzip"})
        answer = connection.getresponse()
        size = len(answer.read())
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.05)
    connection.close()
    return times, size


def serve(folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], int, float]:
    """Start the exporter; return it, its port and the seconds until it listened."""
    begun = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "exporter", "serve", "--feeds.dir", folder / "contracts", *LISTEN],
            stderr=out,
        )
    while (found := re.search(r"event=listening .*port=(\d+)", log.read_text())) is None:
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.perf_counter() - begun < MANY_SECONDS
        time.sleep(0.02)
    return process, int(found[1]), time.perf_counter() - begun


def measure_feeds(folder: Path, options: argparse.Namespace) -> None:
    """Print the cost of many feeds."""
    (folder / "contracts").mkdir(parents=True)
    for number in range(options.feeds):
        write_feed(folder, number, options.days, options.rows)
    for start in ("first start", "second start"):
        process, port, listening = serve(folder, folder / "log")
        try:
            begun = time.perf_counter()
            while get(port, "/-/ready")[0] != 200:
                time.sleep(0.05)
            took = time.perf_counter() - begun
            print(f"{start}: listening after {listening:.1f} s, all passes done {took:.1f} s later")
            if start == "second start":
                rest(process.pid, port, options)
        finally:
            process.terminate()
            process.wait()


def rest(pid: int, port: int, options: argparse.Namespace) -> None:
    """Print memory, scrapes, and CPU at rest."""
    time.sleep(5)
    watched = psutil.Process(pid)
    times, size = scrapes(port, options.scrapes)
    p99 = statistics.quantiles(times, n=100)[98]
    page = subprocess.run(
        ["curl", "-s", f"http://127.0.0.1:{port}/metrics"], capture_output=True, check=True
    ).stdout
    series = sum(1 for line in page.splitlines() if line and not line.startswith(b"#"))
    print(f"page: {len(page) / 1e6:.1f} MB, {size / 1e6:.2f} MB compressed, {series:,} series")
    print(
        f"scrapes: p50 {statistics.median(times):.1f} ms, p99 {p99:.1f} ms, max {max(times):.1f} ms (goal 50)"
    )
    before, begun = watched.cpu_times(), time.perf_counter()
    time.sleep(options.rest)
    after, took = watched.cpu_times(), time.perf_counter() - begun
    share = (after.user + after.system - before.user - before.system) / took
    print(f"at rest: {share:.1%} of a core over {took:.0f} s (goal 2 %)")
    print(f"RSS: {watched.memory_info().rss / 1e6:.0f} MB (goal 500), {watched.num_threads()} threads")


def measure_contracts(folder: Path, count: int) -> None:
    """Print the time for valid and invalid contracts, and for the start of the process itself."""
    for kind, number in (("good", 1), ("good", count), ("refused", count)):
        place = folder / f"{kind}{number}"
        (place / "contracts").mkdir(parents=True)
        for index in range(number):
            text = CONTRACT.format(number=index, data=folder / "nowhere")
            if kind == "refused":
                text = text.replace("logicalType: timestamp", "logicalType: time", 1)
            (place / "contracts" / f"{index:04}.yaml").write_text(text)
        process, _, seconds = serve(place, place / "log")
        times = psutil.Process(process.pid).cpu_times()
        process.kill()
        process.wait()
        work = times.user + times.system
        print(f"{number} contracts, {kind}: listening after {seconds:.1f} s, {work:.1f} s of CPU (goal 5)")


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in {"feeds": 50, "days": 35, "rows": 200, "scrapes": 200, "contracts": 1000}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rest", type=float, default=60.0)  # a rescan of every feed
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="puffy-bench-") as name:
        if options.feeds:
            measure_feeds(Path(name) / "feeds", options)
        if options.contracts:
            measure_contracts(Path(name) / "contracts", options.contracts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
