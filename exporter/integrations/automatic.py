"""Automatic pushes by a running exporter: at most hourly, in separate processes."""

import logging
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.errors import UserError
from exporter.integrations.outbox import OUTBOX, Outbox, read_outbox
from exporter.pipeline.vitals import PushHealth

log = logging.getLogger(__name__)

LEAST_SECONDS = 3600.0  # between two pushes to one peer, across restarts: the outbox records it
MOST_SECONDS = 300.0  # until a push is stopped; its messages wait in the outbox
GLANCE_SECONDS = 0.2  # how soon a running push notices that the exporter stops


@dataclass(slots=True)
class Pusher:
    """Starts pushes after passes, and records their results. Failures stay here.

    ``commands``: by peer, the command line of a push; empty if nothing is pushed automatically.
    """

    folder: Path
    commands: Mapping[str, Sequence[str]]
    least_seconds: float = LEAST_SECONDS
    most_seconds: float = MOST_SECONDS
    health: Mapping[str, PushHealth] = field(default_factory=dict)
    _passed: threading.Event = field(default_factory=threading.Event)

    def notify(self) -> None:
        """Note that a pass has ended. Cheap, from any thread."""
        self._passed.set()

    def run(self, stop: threading.Event) -> None:
        """Push after passes until ``stop`` is set; to be run in its own thread."""
        while not stop.is_set():
            if self._passed.wait(GLANCE_SECONDS):
                self.turn(stop)

    def turn(self, stop: threading.Event) -> None:
        """Push what is due, if there was a pass since the last turn."""
        if not self._passed.is_set():
            return
        self._passed.clear()
        try:
            self._look()
            for peer in self.commands:
                if not stop.is_set() and self._is_due(peer):
                    self._push(peer, stop)
                    self._look()
        except (OSError, UserError) as error:
            log.warning("automatic push failed", extra={"reason": str(error)})

    def _look(self) -> None:
        self.health = read_outbox(self.folder, Outbox.health, {})

    def _is_due(self, peer: str) -> bool:
        known = self.health.get(peer)
        last = None if known is None else known.attempted_at
        return last is None or not 0 <= time.time() - last < self.least_seconds

    def _push(self, peer: str, stop: threading.Event) -> None:
        with subprocess.Popen(  # noqa: S603  our own command line
            self.commands[peer],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            said = _wait(process, stop, self.most_seconds)
        if process.returncode and not stop.is_set():
            reason = " ".join(said.split()).removeprefix("puffy-exporter: error: ")
            log.warning("automatic push failed", extra={"peer": peer, "reason": reason})
            before = self.health.get(peer)
            self._look()
            if self.health.get(peer) == before:  # it ended before it was counted
                _count_failure(self.folder, peer)


def _wait(process: "subprocess.Popen[str]", stop: threading.Event, most_seconds: float) -> str:
    deadline = time.monotonic() + most_seconds
    while True:
        try:
            return process.communicate(timeout=GLANCE_SECONDS)[1]
        except subprocess.TimeoutExpired:
            if stop.is_set() or time.monotonic() > deadline:
                process.kill()


def _count_failure(folder: Path, peer: str) -> None:
    outbox = Outbox(folder / OUTBOX)
    try:
        outbox.note(peer, succeeded=False)
    finally:
        outbox.close()
