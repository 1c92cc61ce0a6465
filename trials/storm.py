"""Send hostile requests to an exporter, and check each answer.

The requests depend only on the seed and their number. Prints a JSON document: how many were sent, the slowest
answer in seconds, the statuses by kind, and the first wrong answers.

    python trials/storm.py PORT [--requests 10000] [--seed 1] [--clients 16]
    python trials/storm.py PORT --seed 1 --only 417          # print one of them
"""

import argparse
import json
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from hostile import CLOSED, Hostile, make

PATIENCE_SECONDS = 15.0  # three times as long as the exporter waits for a request
MOST_SHOWN = 10
INTERIM = 100  # continue: the answer follows
HELD = b"HTTP/1.1 999"  # in place of an answer: there is none, and the connection is still open


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a request: the statuses of its answers, and how long the last one took."""

    number: int
    kind: str
    wanted: Hostile
    statuses: tuple[int, ...]
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether there are no more answers than allowed, each with a right status."""
        got = self.statuses or (CLOSED,)
        return set(got) <= self.wanted.statuses and len(got) <= self.wanted.answers


def main() -> None:
    """Send the requests and print the summary."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    numbers = range(options.requests) if options.only is None else [options.only]
    with ThreadPoolExecutor(options.clients) as pool:
        outcomes = list(pool.map(lambda number: send(options.port, options.seed, number), numbers))
    if options.only is not None:
        print(outcomes[0].wanted.sent[:2000])
    print(json.dumps(summary(outcomes)))


def send(port: int, seed: int, number: int) -> Outcome:
    """Send a request on its own connection, and read until the exporter closes it."""
    kind, wanted = make(seed, number)
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as line:
        with suppress(OSError):  # refused before all was sent; there may still be an answer
            line.sendall(wanted.sent)
            if wanted.ends:
                line.shutdown(socket.SHUT_WR)
        received = b"".join(chunks(line))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # no TIME_WAIT
    return Outcome(number, kind, wanted, tuple(statuses(received)), time.monotonic() - begun)


def chunks(line: socket.socket) -> Iterator[bytes]:
    """Yield what arrives until the end."""
    try:
        while chunk := line.recv(1 << 18):
            yield chunk
    except TimeoutError:
        yield HELD
    except ConnectionError:
        return


def statuses(received: bytes) -> Iterator[int]:
    """Yield the statuses of answers; a body that looks like one would be miscounted, but ours do not."""
    for answer in received.split(b"HTTP/1.1 ")[1:]:
        if (status := int(answer[:3])) != INTERIM:
            yield status


def summary(outcomes: list[Outcome]) -> dict[str, object]:
    """Return the summary of all outcomes."""
    wrong = [one for one in outcomes if not one.is_right]
    by_kind: dict[str, Counter[int]] = {}
    for one in outcomes:
        by_kind.setdefault(one.kind, Counter()).update(one.statuses or (CLOSED,))
    return {
        "requests": len(outcomes),
        "slowest": round(max(one.seconds for one in outcomes), 3),
        "wrong": len(wrong),
        "first_wrong": [
            {
                "number": one.number,
                "kind": one.kind,
                "got": one.statuses,
                "right": sorted(one.wanted.statuses),
            }
            for one in wrong[:MOST_SHOWN]
        ],
        "by_kind": {kind: dict(sorted(found.items())) for kind, found in sorted(by_kind.items())},
    }


if __name__ == "__main__":
    main()
