"""The command line and the running exporter, as processes of their own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Self

from forking import Forked, forks

COMMAND = (sys.executable, "-m", "exporter")
PATIENCE = 3  # more workers than processors take turns


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for a condition, for three times as long as it may take alone, and say whether it came true."""
    deadline = time.monotonic() + PATIENCE * seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def fetch(request: urllib.request.Request | str) -> tuple[int, str]:
    """Return status and body of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def is_ready(port: int) -> bool:
    """Return whether a server of the loopback says that it is ready."""
    try:
        return fetch(f"http://127.0.0.1:{port}/-/ready")[0] == 200
    except OSError:
        return False


def call(
    *arguments: str | Path, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, in ``folder`` or where this one is."""
    words = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = start(words, output, errors, clean_environment() | environment, folder)
        try:
            code = process.wait(150)
        finally:
            process.kill()
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(words, code, output.read(), errors.read())


def start(
    arguments: Sequence[str],
    output: IO[str] | None,
    errors: IO[str],
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> Forked | subprocess.Popen[bytes]:
    """Start the command line: forked from a process that has loaded it, where that makes no difference."""
    if forks(environment):
        streams = (0, 1 if output is None else output.fileno(), errors.fileno())
        return Forked(arguments, streams, environment, folder)
    return subprocess.Popen([*COMMAND, *arguments], stdout=output, stderr=errors, env=environment, cwd=folder)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what would configure the exporter."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PUFFY_")}


class Exporter:
    """A running exporter: reads ``folder/data`` and ``folder/puffy.yml``, writes to ``folder/out``.

    It has begun once it answers /-/ready with one of ``begun``, within ``patience`` seconds for each of start
    and first pass. ``environment`` is added to what it is given.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        begun: Collection[int] = (200, 401),
        environment: Mapping[str, str] | None = None,
        patience: float = 40,
    ) -> None:
        self.folder = folder
        self.data, self.output, self.config = folder / "data", folder / "out", folder / "puffy.yml"
        places = ["--data.dir", self.data, "--output.dir", self.output, "--config.file", self.config]
        listen = ["--web.listen-address", "127.0.0.1:0"]  # before the options: of two, the later one counts
        self.log = folder / "log"
        with self.log.open("w") as log:
            arguments = ["serve", *map(str, places), *listen, *options]
            self.process = start(arguments, None, log, clean_environment() | dict(environment or {}))
        self.port = 0
        if not (until(self._listens, patience) and until(lambda: self.get("/-/ready")[0] in begun, patience)):
            self.process.kill()
            self.process.wait()
            raise AssertionError(self.said())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def configure(self, text: str) -> None:
        """Write the configuration file."""
        self.config.write_text(text)

    def said(self) -> str:
        """Return the log so far."""
        return self.log.read_text()

    def _listens(self) -> bool:
        found = re.search(r"event=listening .*port=(\d+)", self.said())
        self.port = int(found[1]) if found else 0
        return found is not None

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Return status and body of an answer."""
        return fetch(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method))

    def value(self, series: str) -> float | None:
        """Return a sample of the feed from the page, or ``None`` if it is not there."""
        name, _, labels = series.partition("{")
        named = sorted([("feed", "events"), *re.findall(r'(\w+)="([^"]*)"', labels)])
        series = name + "{" + ",".join(f'{label}="{text}"' for label, text in named) + "}"
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.get("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else None

    def rows(self, day: date) -> float | None:
        """Return the raw rows that the page tells of a day."""
        return self.value(f'puffy_partition_rows{{partition="{day}",stage="raw"}}')

    def stop(self, seconds: float = 20) -> int:
        """Ask to stop and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


def virtual_bytes() -> int:
    """Return the size of this process's address space: what is reserved counts, used or not."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
