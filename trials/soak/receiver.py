"""The services that notifications are sent to: each message is on disk before it is answered.

It is a program of its own, so that it can be killed: receiver.py FILE HOST:PORT HOST:PORT (HTTP and mail).
"""

import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.sink.inbox import Inbox
from exporter.sink.message import Channel, Message
from exporter.sink.run import run_sink


class Book(Inbox):
    """An inbox that also writes every message as a JSON line."""

    def __init__(self, path: Path) -> None:
        super().__init__(kept=1)
        self._file = path.open("a", encoding="utf-8")
        self._writing = threading.Lock()

    def add(self, channel: Channel, path: str, body: Any) -> Message:
        """Write a message, then keep it."""
        line = json.dumps({"at_ns": time.time_ns(), "channel": channel.value, "path": path, "body": body})
        with self._writing:
            self._file.write(f"{line}\n")
            self._file.flush()  # survives a kill once the kernel has it
        return super().add(channel, path, body)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Received:
    """A message as recorded; ``at_ns`` is real time."""

    at_ns: int
    channel: Channel
    path: str
    body: Any = field(hash=False)


def read_book(path: Path) -> Iterator[Received]:
    """Yield the messages in order; a line cut off by a kill was never answered, and is skipped."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        yield Received(found["at_ns"], Channel(found["channel"]), found["path"], found["body"])


def main() -> None:
    """Receive until a signal arrives."""
    book, http, mail = sys.argv[1:]
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it logs every line of every mail
    with closing(Book(Path(book))) as inbox:
        run_sink(http, mail, stop=threading.Event(), inbox=inbox)


if __name__ == "__main__":
    main()
