"""What a Dask cluster on the same two cores takes beside threads of one process, and what its workers hold.

    python bench/cluster.py --mb 2000 --rounds 3

One large file, made of a generated day that is repeated. Rounds are interleaved: threads and workers, one and
two of each. Profiles must be the same. Processor seconds are those of all processes that take part, the
scheduler's among them, without what they take at rest, which would count the load of the machine; a worker's
peak is its resident memory at the highest since it was started.
"""

import argparse
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
from synthetic import DAY, HEADER, write_day

from exporter.contract.load import shipped_feed
from exporter.discover.calendar import Calendar
from exporter.discover.found import take_stamp
from exporter.engine.choose import choose
from exporter.engine.settings import Settings
from exporter.model import Profile, SourceFile, Stage
from exporter.profiling.run import profile_file
from exporter.store.codec import encode_profile

ONCE = 100_000_000  # bytes that are generated; more are copies of them
WORKERS = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "1GB"]
LEAN = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}  # as the compose file has it


def main() -> int:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-cluster", action="store_true", help="the peak of two workers alone")
    options = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write(folder, options.mb * 1_000_000)
        with cluster(folder, 1) as one, cluster(folder, 2) as two:
            for address, _ in (one, two):
                choose(Settings(address, fallback=False)).health()  # connected, and everything imported
            rest = {"workers 1": at_rest(one[1]), "workers 2": at_rest(two[1])}
            print(f"two workers and a scheduler at rest: {rest['workers 2']:.3f} processor s/s")
            ways: dict[str, Callable[[], Profile]] = {
                "threads 1": lambda: read(path, 1, None),
                "threads 2": lambda: read(path, 2, None),
                "workers 1": lambda: read(path, 1, one[0]),
                "workers 2": lambda: read(path, 1, two[0]),
            }
            if options.only_cluster:
                ways = {"workers 2": ways["workers 2"]}
            found = {way: [] for way in ways}
            bodies = set()
            for _ in range(options.rounds):
                for way, profile in ways.items():
                    others = {"workers 1": one[1], "workers 2": two[1]}.get(way, [])
                    before = spent(others)
                    begun = time.perf_counter()
                    bodies.add(encode_profile(profile()))
                    seconds = time.perf_counter() - begun
                    found[way].append((seconds, spent(others) - before - rest.get(way, 0.0) * seconds))
            peaks = [peak(process.pid) for process in two[1][1:]]
    if len(bodies) != 1:
        raise SystemExit("the profiles differ")
    clock = {way: statistics.median(one[0] for one in rounds) for way, rounds in found.items()}
    for way, rounds in found.items():
        processor = statistics.median(one[1] for one in rounds)
        print(f"{way}: clock {clock[way]:.2f} s, processor {processor:.2f} s")
    if not options.only_cluster:
        for what, (a, b) in {
            "two workers, times two threads": ("workers 2", "threads 2"),
            "speed-up of a second thread": ("threads 1", "threads 2"),
            "speed-up of a second worker": ("workers 1", "workers 2"),
        }.items():
            pairs = zip(found[a], found[b], strict=True)
            ratios = [(one[0] / other[0], one[1] / other[1]) for one, other in pairs]
            clocks, processors = (statistics.median(ratio) for ratio in zip(*ratios, strict=True))
            print(f"{what}: clock {clocks:.2f}, processor {processors:.2f}")
    print(f"peak of a worker: {max(peaks):.0f} MB")
    return 0


def write(folder: Path, size: int) -> Path:
    """Write a day of about so many bytes, streamed."""
    once, path = folder / "once.csv", folder / "events.csv"
    write_day(once, min(size, ONCE))
    with path.open("wb") as target:
        target.write(HEADER.encode())
        while target.tell() < size:
            with once.open("rb") as source:
                source.seek(len(HEADER))
                shutil.copyfileobj(source, target, 1 << 20)
    print(f"{path.stat().st_size / 1e6:.0f} MB")
    return path


def read(path: Path, threads: int, address: str | None) -> Profile:
    """Profile the file."""
    engine = choose(Settings(address, fallback=False))
    source = SourceFile(date.fromisoformat(DAY), Stage.RAW, path, take_stamp(path.stat()))
    day = Calendar().day(source.partition)
    return profile_file(source, day, table=shipped_feed().raw, threads=threads, read=engine.read)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Start a scheduler and workers; give its address and all processes, the scheduler first."""
    started: list[subprocess.Popen[bytes]] = []
    file = folder / f"scheduler-{workers}.json"
    with (folder / "log").open("ab") as log:

        def start(*command: str) -> None:
            whole = [sys.executable, "-m", "dask", *command, "--scheduler-file", str(file)]
            started.append(subprocess.Popen(whole, stdout=log, stderr=log, cwd=folder, env=os.environ | LEAN))

        try:
            start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
            for _ in range(workers):
                start("worker", "--local-directory", str(folder), *WORKERS)
            while not file.exists():
                time.sleep(0.1)
            time.sleep(5)
            yield json.loads(file.read_text())["address"], [psutil.Process(one.pid) for one in started]
        finally:
            for one in started:
                one.kill()
                one.wait()


def spent(others: list[psutil.Process]) -> float:
    """Return the processor seconds of this process and others so far."""
    times = [process.cpu_times() for process in (psutil.Process(), *others)]
    return sum(one.user + one.system for one in times)


def at_rest(others: list[psutil.Process]) -> float:
    """Return the processor seconds that processes take in a second without any work."""
    before = spent(others)
    time.sleep(5)
    return (spent(others) - before) / 5


def peak(pid: int) -> float:
    """Return the highest resident memory of a process so far, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    raise SystemExit(main())
