"""Scrape an exporter in parallel, each scrape on a connection of its own, and time the answers.

Prints a JSON document: scrapes, failures, and the median, 99th percentile and maximum in seconds, from the
connection to the last byte.

    python trials/scrapes.py PORT [--parallel 200] [--rounds 1] [--pause 0] [--path /metrics] [--addresses 1]
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence

PATIENCE_SECONDS = 30.0
HEADERS = "Host: exporter\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"


def main() -> None:
    """Scrape, and print the times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--parallel", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two rounds")
    parser.add_argument("--path", default="/metrics")
    parser.add_argument("--addresses", type=int, default=1, help="of the loopback, to scrape from")
    options = parser.parse_args()
    times, failed = asyncio.run(scrape_all(options))
    print(json.dumps(summary(times, failed)))


async def scrape_all(options: argparse.Namespace) -> tuple[list[float], list[str]]:
    """Return the seconds of each successful scrape, and the errors of the others."""
    times: list[float] = []
    failed: list[str] = []
    for _ in range(options.rounds):
        sources = (f"127.0.1.{1 + number % options.addresses}" for number in range(options.parallel))
        scrapes = (scrape(options.port, options.path, source) for source in sources)
        for outcome in await asyncio.gather(*scrapes, return_exceptions=True):
            if isinstance(outcome, float):
                times.append(outcome)
            else:
                failed.append(repr(outcome))
        await asyncio.sleep(options.pause)
    return times, failed


async def scrape(port: int, path: str, source: str) -> float:
    """Return the seconds that one scrape took. Raises OSError unless it is answered with 200, in full."""
    begun = time.perf_counter()
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        try:
            writer.write(f"GET {path} HTTP/1.1\r\n{HEADERS}\r\n".encode())
            answer = await reader.read(-1)
        finally:
            writer.close()
    status, _, rest = answer.partition(b"\r\n")
    headers, _, body = rest.partition(b"\r\n\r\n")
    if b" 200 " not in status or f"content-length: {len(body)}".encode() not in headers:
        raise OSError(f"{status!r}, {len(body)} bytes")
    return time.perf_counter() - begun


def summary(times: Sequence[float], failed: Sequence[str]) -> dict[str, object]:
    """Return the summary of all scrapes."""
    ordered = sorted(times) or [0.0]
    return {
        "scrapes": len(times) + len(failed),
        "failed": len(failed),
        "first_failed": failed[:3],
        "median": round(ordered[len(ordered) // 2], 4),
        "p99": round(ordered[int(len(ordered) * 0.99)], 4),
        "slowest": round(ordered[-1], 4),
    }


if __name__ == "__main__":
    main()
