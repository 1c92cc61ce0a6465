"""The latency of a scrape while another thread of the exporter computes.

Serves pages of the sizes of a small and of a large installation, keeps one thread of the same process busy
with Python code (the worst a pass can do to the server: it fights for the interpreter lock), and lets a
keep-alive client in a second process time requests. Prints one line per case.

    python bench/serving.py [--requests 2000] [--switch SECONDS ...]
"""

import argparse
import itertools
import multiprocessing
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from multiprocessing.connection import Connection
from typing import NamedTuple

from exporter.server import run
from exporter.server.app import create_app
from exporter.server.publication import Board, Page, Publication

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Case(NamedTuple):
    """What one client requests, and how often."""

    name: str
    gzip: bool
    requests: int


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--switch", type=float, nargs="*", default=[0.005, run.SWITCH_SECONDS])
    options = parser.parse_args()
    print("| page | encoding | other thread | switch interval ms | p50 ms | p99 ms | max ms |")
    print("|---|---|---|---|---|---|---|")
    sizes = {"250 kB": 250_000, "4 MB": 4_000_000}
    for (name, size), busy, switch in itertools.product(sizes.items(), (False, True), options.switch):
        run.SWITCH_SECONDS = switch
        with serving(size) as port, computing(busy):
            for gzip in (False, True):
                times = measure(port, Case(name, gzip, options.requests))
                encoding, thread = "gzip" if gzip else "plain", "busy" if busy else "idle"
                p99 = statistics.quantiles(times, n=100)[98]
                figures = " | ".join(f"{t * 1e3:.2f}" for t in (statistics.median(times), p99, max(times)))
                print(f"| {name} | {encoding} | {thread} | {switch * 1e3:g} | {figures} |", flush=True)


def exposition(size: int) -> bytes:
    """Return generated samples of about ``size`` bytes."""
    lines: list[str] = []
    written = 0
    for number in itertools.count():
        day = f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}"
        lines.append(
            f'puffy_partition_events{{partition="{day}",stage="raw",event_name="e{number}"}} {number * 37}\n'
        )
        written += len(lines[-1])
        if written >= size:
            break
    return "".join(lines).encode()


@contextmanager
def serving(size: int) -> Iterator[int]:
    """Serve a publication; yield the port."""
    page = Page.of(exposition(size), TEXT)
    board = Board()
    board.post(Publication(*(page for _ in fields(Publication))))
    stop, ready, ports = threading.Event(), threading.Event(), []

    async def reload() -> None:
        return None

    def note(port: int) -> None:
        ports.append(port)
        ready.set()

    app = create_app(board, reload=reload)
    thread = threading.Thread(
        target=run.serve, args=(app, "127.0.0.1:0"), kwargs={"stop": stop, "ready": note}
    )
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        stop.set()
        thread.join()


@contextmanager
def computing(busy: bool) -> Iterator[None]:  # noqa: FBT001  one word at the one call
    """Keep a thread busy with Python code that never releases the lock voluntarily."""
    done = threading.Event()

    def compute() -> None:
        while not done.is_set():
            sum(len(str(number)) for number in range(10_000))

    thread = threading.Thread(target=compute)
    if busy:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if busy:
            thread.join()


def measure(port: int, case: Case) -> list[float]:
    """Return the seconds of each request, timed in another process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    client = context.Process(target=scrape, args=(theirs, port, case))
    client.start()
    times: list[float] = ours.recv()
    client.join()
    return times


def scrape(answer: Connection, port: int, case: Case) -> None:
    """Send requests over one connection, read every byte, return each response time."""
    encoding = "gzip" if case.gzip else "identity"
    request = f"GET /metrics HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()
    buffer = bytearray(1 << 20)
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(case.requests):
            begun = time.perf_counter()
            connection.sendall(request)
            read_acknowledgement(connection, buffer)
            times.append(time.perf_counter() - begun)
            time.sleep(0.001)  # a scraper pauses, and the other thread acquires the lock
    answer.send(times)


def read_acknowledgement(connection: socket.socket, buffer: bytearray) -> None:
    """Read one complete response of known length."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    headers, _, body = head.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in headers.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    missing = length - len(body)
    while missing > 0:
        missing -= connection.recv_into(buffer)


if __name__ == "__main__":
    main()
