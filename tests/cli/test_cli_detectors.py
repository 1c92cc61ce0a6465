"""``detectors``, ``backtest`` and ``check-config`` on four generated months."""

import json
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import call
from written import write_day

from exporter.demo.incidents import Incident
from exporter.demo.plan import INCIDENTS, write_pipeline
from exporter.demo.rows import Recipe

pytestmark = pytest.mark.xdist_group("detectors")

LAST = date(2025, 6, 30)
DAYS = 120
# The check that reports each of the demo's incidents.
TOLD_BY = {
    Incident.ZERO_VALUE_ORDERS: "checkout_zero_value",
    Incident.LOST_COLUMN: "schema_mismatch",
    Incident.DUPLICATE_ORDERS: "checkout_duplicate_transaction_id",
    Incident.SILENT_AFTERNOON: "silence",
    Incident.MISSING_IDS: "anomaly_missing_client_id_ratio",
    Incident.LATE: "partition_late",
    Incident.DROPPED_ROWS: "anomaly_events",
    Incident.NULL_ITEM_PRICES: "checkout_corrupt_items",
    Incident.MISSING: "partition_missing",
    Incident.EMPTY: "partition_empty",
}
# The trends that the demo's incidents affect.
BENT_BY = {
    Incident.LOST_COLUMN: (
        "clean_revenue",
        "reject_ratio",
        "referrer_null_ratio",
        "referrer_synthetic_ratio",
    ),
    Incident.MISSING_IDS: ("missing_client_id_ratio", "reject_ratio"),
    Incident.DROPPED_ROWS: ("events", "revenue", "clean_revenue", "checkouts"),
    Incident.SILENT_AFTERNOON: ("events", "revenue", "clean_revenue", "checkouts"),
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide 120 days with the demo's rhythm and incidents."""
    folder = tmp_path_factory.mktemp("pipeline")
    write_pipeline(folder, LAST, DAYS, Recipe())
    return folder


def said(verb: str, data: Path, *options: str) -> str:
    """Run a verb and return its output."""
    done = call(verb, "--data.dir", data, *options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def read(verb: str, data: Path, *options: str) -> dict[str, Any]:
    """Run a verb and return its JSON, which must not contain NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads(said(verb, data, *options, "--json"), parse_constant=refuse)
    assert isinstance(document, dict)
    return document


def checks(day: Mapping[str, Any]) -> set[str]:
    """Return the names of a day's checks in breach."""
    return {alert["check"] for alert in day["alerts"]}


def test_every_planted_incident_is_found_on_its_day_and_nothing_else(pipeline: Path) -> None:
    """None of some 900 verdicts on trends is wrong, and days without an incident are silent."""
    days = {day["partition"]: day for day in read("backtest", pipeline)["days"]}
    assert len(days) == DAYS
    for back, incident in INCIDENTS.items():
        day = days[str(LAST - timedelta(days=back))]
        assert TOLD_BY[incident] in checks(day), (back, incident)
    bent = {
        str(LAST - timedelta(days=back)): BENT_BY.get(incident, ()) for back, incident in INCIDENTS.items()
    }
    false = [
        (day, check)
        for day, known in days.items()
        for check in checks(known)
        if check.startswith("anomaly_") and check.removeprefix("anomaly_") not in bent.get(day, ())
    ]
    assert false == []
    assert days["2025-03-23"]["trends"]["revenue"]["readiness"] == "armed"  # the fifteenth day and later
    others = [day for day in days if date.fromisoformat(day) < LAST - timedelta(days=30)]
    assert {check for day in others for check in checks(days[day])} == set()


def test_a_backtest_prints_chart_days_and_trends(pipeline: Path) -> None:
    """A line of blocks for eight weeks, a row for each day with alerts, a row for each trend."""
    printed = said("backtest", pipeline, "--from", "2025-05-01", "--inject", "drop=0.3")
    lines = printed.splitlines()
    assert lines[0].startswith("2025-05-01  ")
    assert "█" in printed
    assert any(line.startswith("2025-06-09") and "anomaly_events" in line for line in lines)
    events = next(line.split() for line in lines if line.startswith("events "))
    judged, armed, anomalous, injected, caught = map(int, events[1:6])
    assert judged == armed == 59  # 61 days, one of them empty and one missing
    assert (anomalous, injected) == (2, caught)
    assert events[6] == "100%"
    assert next(line.split()[4:] for line in lines if line.startswith("reject_ratio")) == ["0", "0", "-", "-"]


def test_detectors_says_what_each_trend_is_good_for(pipeline: Path) -> None:
    """Detectors are armed after four months."""
    trends = read("detectors", pipeline, "--as-of", "2025-07-01T08:00:00Z")["trends"]
    assert {known["state"] for known in trends.values()} == {"armed"}
    assert trends["events"]["judged_by"] == "weekday"
    assert 0.05 < trends["events"]["drop"] < 0.3
    assert trends["events"]["low"] < trends["events"]["expected"] < trends["events"]["high"]
    assert trends["reject_ratio"]["false_alarms"] == {"alerts": 1.8, "confirmed": 1.8}
    table = said("detectors", pipeline, "--as-of", "2025-07-01T08:00:00Z")
    assert "2025-06-29 (schema mismatch)" in table


def test_a_young_pipeline_is_judged_by_the_seven_day_rule(tmp_path: Path) -> None:
    """Its detectors are learning, and an unfinished day is not judged."""
    for back in range(10):
        write_day(tmp_path, LAST - timedelta(days=back), rows=100)
    known = read("detectors", tmp_path, "--as-of", "2025-06-30T08:00:00Z")
    assert known["partition"] == "2025-06-29"
    assert {trend["judged_by"] for trend in known["trends"].values()} == {"average"}
    assert {trend["state"] for trend in known["trends"].values()} == {"learning"}


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a call failed with one line that contains these words."""
    assert done.returncode == 1, done
    (line,) = done.stderr.strip().splitlines()
    for word in words:
        assert word in line, line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "yesterday"), ("--from", "2025-03-09")),
        (("--to", "2020-01-01"), ("no partition to replay: no file is dated 2020-01-01 or before",)),
        (("--from", "2026-01-01"), ("no file is dated 2026-01-01 or later",)),
        (("--from", "2020-01-01", "--to", "2020-02-01"), ("no file is dated 2020-01-01 to 2020-02-01",)),
        (("--inject", "drop"), ("--inject", "drop=0.3")),
    ],
)
def test_a_backtest_of_nothing_is_refused(
    tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """With one line."""
    write_day(tmp_path, date(2025, 3, 1), rows=2)
    refused(call("backtest", "--data.dir", tmp_path, *options), *words)


def test_a_backtest_of_an_empty_folder_names_no_options(tmp_path: Path) -> None:
    """None was given."""
    refused(call("backtest", "--data.dir", tmp_path), "to replay: the data directory contains no file of any")


def test_detectors_of_nothing_is_refused(tmp_path: Path) -> None:
    """An empty directory has no trends."""
    refused(call("detectors", "--data.dir", tmp_path), "no partition can be judged")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{events: {tested_day: inside}}", ("trends.events", "sigma: 3 can never be exceeded", "2.47")),
        ("{events: {direction: drop, min_deviation: 1, max_deviation: 2}}", ("never more than 1",)),
        ("{reject_ratio: {method: weekday}}", ("trends.reject_ratio", "rate or average")),
        ("{events: {min_deviation: 0.6}}", ("min_deviation is larger than max_deviation",)),
    ],
)
def test_check_config_refuses_what_can_never_fire(
    tmp_path: Path, written: str, words: tuple[str, ...]
) -> None:
    """And says why."""
    file = tmp_path / "puffy.yml"
    file.write_text(f"trends: {written}\n")
    refused(call("check-config", "--config.file", file), str(file), *words)
