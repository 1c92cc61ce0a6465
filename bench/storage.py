"""The time for a day on object storage compared with the same file on disk: an S3 server on loopback.

    python bench/storage.py --mb 200 --rounds 5
    python bench/storage.py --server moto

Rounds are interleaved, so that other load of the machine affects both alike. The server is a separate
process on the same cores, with the file in memory; its processor time is shown separately. Figures must
agree.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
from synthetic import DAY, write_day

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from object_storage import KEY, SECRET, Storage, moto, radosgw

from exporter.contract.load import shipped_feed
from exporter.discover.calendar import Calendar
from exporter.discover.listing import list_directory
from exporter.model import Place, SourceFile, Stage
from exporter.places.settings import use
from exporter.profiling.run import profile_file


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--server", choices=("radosgw", "moto"), default="radosgw")
    options = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        begun = time.perf_counter()
        server = moto() if options.server == "moto" else radosgw(folder / "ceph")
        storage = stack.enter_context(server)
        print(f"{options.server} ready after {time.perf_counter() - begun:.1f} s, {_memory() / 1e6:.0f} MB")
        (folder / "data").mkdir()
        write_day(folder / "data" / f"events_{DAY.replace('-', '')}.csv", options.mb * 1_000_000)
        compare(folder / "data", storage, options.rounds, options.threads)
    return 0


def compare(data: Path, storage: Storage, rounds: int, threads: int) -> None:
    """Profile the file in both places in turn, and print the times."""
    storage.upload(data, "bench-places")
    use(Place(endpoint=storage.endpoint))
    sources = {"disk": find(data), "S3": find(Path("s3://bench-places"))}
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in sources}
    figures = set()
    for number in range(rounds + 1):
        for name, source in sources.items():
            served, wall, own = _served(), time.perf_counter(), time.process_time()
            figures.add(repr(profile(source, threads)))
            taken = time.perf_counter() - wall, time.process_time() - own, _served() - served
            if number:  # the first one warms up
                times[name].append(taken)
    assert len(figures) == 1, "the figures differ"
    print(f"{'':>6} {'median s':>9} {'least s':>9} {'own CPU s':>10} {'server CPU s':>13}")
    for name, found in times.items():
        wall, own, served = zip(*found, strict=True)
        least = min(wall)
        middle = [statistics.median(values) for values in (wall, own, served)]
        print(f"{name:>6} {middle[0]:9.3f} {least:9.3f} {middle[1]:10.3f} {middle[2]:13.3f}")
    ratios = [there[0] / here[0] for here, there in zip(times["disk"], times["S3"], strict=True)]
    print(f"S3 / disk: {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


def find(directory: Path) -> SourceFile:
    """Return the day's file as listed."""
    return next(
        source
        for (_, stage), source in list_directory(directory, shipped_feed()).files.items()
        if stage is Stage.RAW
    )


def profile(source: SourceFile, threads: int) -> object:
    """Read the file."""
    day = Calendar().day(source.partition)
    return profile_file(source, day, table=shipped_feed().raw, threads=threads)


def _served() -> float:
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))


def _memory() -> int:
    return sum(child.memory_info().rss for child in psutil.Process().children(recursive=True))


if __name__ == "__main__":
    raise SystemExit(main())
