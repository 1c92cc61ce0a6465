"""A Dask cluster of this machine, by the command lines that anybody would use."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from running import clean_environment, until

PATIENCE = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s"}  # with a worker that is dead


@dataclass
class Cluster:
    """A scheduler and its workers, each a process with a log."""

    folder: Path
    certificates: Sequence[str] = ()  # options that name them
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self, address: str = "tcp://127.0.0.1:0") -> None:
        """Start the scheduler."""
        scheme, _, place = address.partition("://")
        host, _, port = place.partition(":")
        options = ["--host", host, "--port", port, "--protocol", scheme, "--no-dashboard", "--no-show"]
        self.scheduler = self._start("scheduler", *options)
        log = self.folder / "scheduler.log"
        assert until(lambda: "Scheduler at:" in log.read_text(), 120), log.read_text()
        found = re.search(r"Scheduler at:\s+(\w+://\S+)", log.read_text())
        assert found is not None
        self.address = found[1]

    def add(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, with a nanny that starts it again."""
        name = f"worker-{len(self.workers)}"
        fixed = ["--host", "127.0.0.1", "--nthreads", "1", "--memory-limit", "1GB", "--no-dashboard"]
        fixed += ["--local-directory", str(self.folder), "--name", name]
        worker = self._start("worker", self.address, *fixed, *options, log=name, **environment)
        self.workers.append(worker)
        log = self.folder / f"{name}.log"
        assert until(lambda: re.search("Registered to:", log.read_text()) is not None, 120), log.read_text()
        return worker

    def kill_a_worker(self) -> int:
        """Kill a worker's process, not its nanny; return its id."""
        found = [
            child for nanny in self.workers for child in psutil.Process(nanny.pid).children(recursive=True)
        ]
        victim = max(found, key=lambda child: child.memory_info().rss)
        victim.kill()
        return victim.pid

    def end(self) -> None:
        """Kill everything, by its own id."""
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            for child in _children(process):
                child.kill()
            process.kill()
            process.wait()
        self.workers.clear()
        self.scheduler = None

    def _start(self, what: str, *options: str, log: str = "", **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{log or what}.log").open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *options, *self.certificates],
                stdout=file,
                stderr=file,
                env=clean_environment() | PATIENCE | environment,
                cwd=self.folder,
            )


def _children(process: subprocess.Popen[bytes]) -> Sequence[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return ()


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Provide a cluster with so many workers."""
    found = Cluster(folder)
    try:
        found.begin()
        for _ in range(workers):
            found.add()
        yield found
    finally:
        found.end()
