"""A real Dask scheduler with empty ranges, through the exporter's own tree."""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import psutil
from cluster import cluster, spent
from scale_work import skip_range
from synthetic import DAY, write_day

from exporter.contract.load import shipped_feed
from exporter.discover.calendar import Calendar
from exporter.discover.found import take_stamp
from exporter.engine.cutting import Cutting
from exporter.engine.kinds.dask import _connect, _Pool
from exporter.engine.pieces import checked, versions
from exporter.engine.settings import Settings
from exporter.engine.tree import Task, Tree
from exporter.model import PartFile
from exporter.profiling.format import Work
from exporter.profiling.records import Sizes

SMALL = Sizes(span=11_000, block=5_000, parse=3_000)  # so that a small file is split like a large one
REST_SECONDS = 5
LOOK = 500  # ranges between two samples of the scheduler's memory


def measure(options: argparse.Namespace) -> Iterator[Mapping[str, float]]:
    """Yield the cost of each number of ranges. Each has its own scheduler, because memory is not released."""
    for ranges in options.ranges:
        with tempfile.TemporaryDirectory() as name, cluster(Path(name), 2) as (address, processes):
            client = _connect(Settings(address, options.in_flight), "Dask")
            try:
                found = _drive(client, processes, one_range(Path(name)), ranges, options.in_flight)
            finally:
                client.close(timeout=1)
        print(", ".join(f"{name} {value:,.4g}" for name, value in found.items()), flush=True)
        yield found


def one_range(folder: Path) -> tuple[Any, ...]:
    """Return the arguments that describe a range of a file, as the exporter sends them."""
    path = folder / "events.csv"
    write_day(path, 60_000)
    part = PartFile(path, take_stamp(path.stat()))
    work = Work(Calendar().day(date.fromisoformat(DAY)), shipped_feed().raw, sizes=SMALL)
    return next(iter(Cutting((part,), work).tasks())).given


@dataclass
class _Counting(_Pool):
    """Counts the tasks that are submitted."""

    submitted: int = 0

    def submit(self, work: Any, *given: Any) -> Any:
        self.submitted += 1
        return super().submit(work, *given)


def _drive(
    client: Any, processes: list[psutil.Process], given: tuple[Any, ...], ranges: int, in_flight: int
) -> Mapping[str, float]:
    scheduler, resting = processes[0], _at_rest(processes)
    pool, heard, memory = _Counting(client, "Dask"), 0, [scheduler.memory_info().rss]

    def hear(_: int) -> None:
        nonlocal heard
        heard += 1
        if heard % LOOK == 0:
            memory.append(scheduler.memory_info().rss)

    task = Task(checked, (versions(), skip_range, *given), 0)
    own, before, begun = spent([]), [_seconds(one) for one in processes], time.perf_counter()
    Tree(pool, BoundedSemaphore(in_flight), hear).gather(task for _ in range(ranges))
    seconds = time.perf_counter() - begun
    used = [_seconds(one) - was for one, was in zip(processes, before, strict=True)]
    at_work = [max(0.0, one - rest * seconds) for one, rest in zip(used, resting, strict=True)]
    return {
        "ranges": ranges,
        "tasks": pool.submitted,
        "seconds": seconds,
        "scheduler s": at_work[0],
        "workers s": sum(at_work[1:]),
        "exporter s": spent([]) - own,
        "scheduler MB": (max(memory) - memory[0]) / 1e6,
    }


def _at_rest(processes: list[psutil.Process]) -> list[float]:
    before = [_seconds(one) for one in processes]
    time.sleep(REST_SECONDS)
    return [(_seconds(one) - was) / REST_SECONDS for one, was in zip(processes, before, strict=True)]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
