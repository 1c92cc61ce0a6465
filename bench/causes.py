"""The cost of finding the causes of a day, relative to profiling its files.

    python bench/causes.py --days 30 --rows 50000

The days are generated and healthy, so that every detector runs without finding anything. Part of what causes
need is counted with the profile: constant columns, measured separately here on the columns of one day.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.csv

from exporter.causes.cause import Case
from exporter.causes.problem import problems_of
from exporter.contract.load import shipped_feed
from exporter.demo.plan import write_pipeline
from exporter.demo.rows import Recipe
from exporter.discover.calendar import Calendar
from exporter.discover.listing import list_directory
from exporter.model import PartitionFacts, Stage, StageFacts
from exporter.profiling.constants import tally_constants
from exporter.profiling.missing import NO_VALUE
from exporter.profiling.run import profile_file

LAST = date(2025, 6, 29)
LOOKS_BACK = 14
ROUNDS = 7


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    arguments = parser.parse_args()
    feed, calendar = shipped_feed(), Calendar()
    with tempfile.TemporaryDirectory() as folder:
        write_pipeline(Path(folder), LAST, arguments.days, Recipe(rows=arguments.rows), plan={})
        files = list_directory(Path(folder), feed).files
        days: dict[date, PartitionFacts] = {}
        profiling = []
        for (day, stage), source in sorted(files.items()):
            begun = time.process_time()
            profile = profile_file(source, calendar.day(day), table=feed.table(stage))
            profiling.append(time.process_time() - begun)
            known = StageFacts(source.stamp.size, source.stamp.mtime_ns, source.stamp.mtime_ns, profile)
            stages = {**days[day].stages, stage: known} if day in days else {stage: known}
            days[day] = PartitionFacts(calendar.day(day), calendar.due_ns(day), alertable=True, stages=stages)
        facts = [days[day] for day in sorted(days, reverse=True)]
        case = Case(facts[0], (), feed, tuple(facts[1 : 1 + LOOKS_BACK]))
        table = pyarrow.csv.read_csv(files[LAST, Stage.RAW].path)
        columns = {name: table.column(name) for name in ("client_id", "referrer", "event_name", "event_data")}
        columns = {name: column.cast("string").fill_null("") for name, column in columns.items()}
        whole = sum(profiling) / len(days)
        found = _median(lambda: problems_of(case, acknowledged=frozenset()))
        constant = _median(lambda: tally_constants(columns, NO_VALUE))
    print(f"profiling a day      {whole * 1e3:8.2f} ms")
    print(f"finding its causes   {found * 1e3:8.2f} ms  {found / whole:6.2%}")
    print(f"constant columns     {constant * 1e3:8.2f} ms  {constant / whole:6.2%}")


def _median(work: Callable[[], object]) -> float:
    """Return the median processor time of some work in seconds."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(20):
            work()
        seconds.append((time.process_time() - begun) / 20)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
