"""The cost of reading a gzip-compressed file, compared with the uncompressed file.

    python bench/compressed.py --mb 100

Rounds are interleaved. Times are wall and processor time; profiles must be equal. The peak is the
resident memory of a process that only reads one file.
"""

import argparse
import gzip
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from synthetic import DAY, write_day

from exporter.contract.load import shipped_feed
from exporter.discover.calendar import Calendar
from exporter.discover.found import take_stamp
from exporter.model import SourceFile
from exporter.profiling.run import profile_file


def main() -> int:
    """Compare, or read one file in a child process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(read(options.child, options.threads)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder, "x.csv"), Path(folder, "x.csv.gz")
        write_day(plain, options.mb * 1_000_000)
        with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target)
        print(f"{plain.stat().st_size / 1e6:.0f} MB, {packed.stat().st_size / 1e6:.0f} MB compressed")
        found = {path: [] for path in (plain, packed)}
        for _ in range(options.rounds):
            for path, rounds in found.items():
                command = [sys.executable, __file__, "--child", path, "--threads", str(options.threads)]
                rounds.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    if len({one["fingerprint"] for rounds in found.values() for one in rounds}) != 1:
        raise SystemExit("the profiles differ")
    for path, rounds in found.items():
        clock, processor, peak = (
            statistics.median(one[name] for one in rounds) for name in ("clock", "processor", "peak")
        )
        print(f"{path.name:10} clock {clock:.2f} s, processor {processor:.2f} s, peak {peak:.0f} MB")
    return 0


def read(path: Path, threads: int) -> Mapping[str, float | str]:
    """Profile a file and measure it."""
    day, table = date.fromisoformat(DAY), shipped_feed().raw
    source = SourceFile(day, table.stage, path, take_stamp(path.stat()))
    clock, processor = time.perf_counter(), time.process_time()
    profile = profile_file(source, Calendar().day(day), table=table, threads=threads)
    return {
        "clock": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "fingerprint": profile.fingerprint,
    }


if __name__ == "__main__":
    raise SystemExit(main())
