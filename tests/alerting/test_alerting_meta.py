"""Alerts on the monitoring itself: silent if all is well, firing otherwise."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
import yaml
from golden import ROOT
from servers import Generation

from exporter.discover.calendar import Calendar, choose_window, parse_as_of
from exporter.model import NANOSECONDS

META = ROOT / "prometheus" / "rules" / "meta.yml"
RULES = {rule["alert"]: rule for rule in yaml.safe_load(META.read_text())["groups"][0]["rules"]}

Series = dict[str, str]

UP = 'up{job="puffy",instance="a"}'
AS_OF = "puffy_snapshot_as_of_timestamp_seconds"
CALENDAR = Calendar(window_days=7)
WORKDAYS = replace(CALENDAR, weekdays=frozenset(range(5)))
REPORT = 'puffy_report_alerts{severity="warning"}'
ALERT = 'ALERTS{alertstate="firing",severity="warning",check="silence",partition="2025-03-07"}'
COVERED = 'puffy_incident_check{incident="a1",check="silence",partition="2025-03-07"}'
PAST = 'ALERTS{alertstate="pending",severity="warning",check="late",partition="2025-03-07"}'


def arrivals(calendar: Calendar, newest: str, now: str, *, begin: str = "2025-02-17") -> Series:
    """Return what the exporter exposes at an instant, if every day until the newest one has arrived."""
    now_ns = parse_as_of(now, UTC)
    days = [date.fromisoformat(begin) + timedelta(days=ahead) for ahead in range(60)]
    there = {day for day in days if f"{day}" <= newest and day.weekday() in calendar.weekdays}
    exposed = choose_window(calendar, there, now_ns, first_seen=days[0]).exposed
    series = {AS_OF: f"{now_ns // NANOSECONDS}x20"}
    for day in exposed:
        due = calendar.due_ns(day) // NANOSECONDS
        series[f'puffy_partition_due_timestamp_seconds{{partition="{day}"}}'] = f"{due}x20"
        series[f'puffy_partition_present{{partition="{day}",stage="raw"}}'] = f"{int(day in there)}x20"
        series[f'puffy_partition_present{{partition="{day}",stage="clean"}}'] = "0x20"
    return series


# alert -> silent series, firing series, minute to evaluate
CASES: dict[str, tuple[Series, Series, int]] = {
    "PuffyExporterDown": ({UP: "1x20"}, {UP: "0x20"}, 5),
    "PuffyExporterAbsent": ({UP: "0x20"}, {'up{job="other"}': "1x20"}, 5),
    "PuffySnapshotStale": (
        {'puffy_exporter_refresh_success_timestamp_seconds{instance="a"}': "0+60x30"},
        {'puffy_exporter_refresh_success_timestamp_seconds{instance="a"}': "0x30"},
        20,
    ),
    "PuffyBlind": ({"puffy_exporter_blind": "0x20"}, {"puffy_exporter_blind": "1x20"}, 5),
    "PuffySourceDown": ({"puffy_feed_source_up": "1x20"}, {"puffy_feed_source_up": "0x20"}, 5),
    "PuffyFeedDown": ({"puffy_feed_up": "1x20"}, {"puffy_feed_up": "0x20"}, 5),
    "PuffyEngineDown": ({"puffy_engine_up": "1x20"}, {"puffy_engine_up": "0x20"}, 15),
    "PuffyFolderLost": (
        {"puffy_exporter_unlisted_folders": "0x20"},
        {"puffy_exporter_unlisted_folders": "1x20"},
        5,
    ),
    "PuffyProfilingErrors": (
        {"puffy_exporter_profile_errors_total": "3x20"},
        {"puffy_exporter_profile_errors_total": "3 3 4x20"},
        8,
    ),
    "PuffyOutputFailing": (
        {'puffy_exporter_output_errors_total{output="report"}': "0x20"},
        {'puffy_exporter_output_errors_total{output="report"}': "0+1x20"},
        8,
    ),
    "PuffyConfigReloadFailed": (
        {"puffy_exporter_config_reload_success": "1x20", "prometheus_config_last_reload_successful": "1x20"},
        {
            "puffy_exporter_config_reload_success": "1x20",
            "alertmanager_config_last_reload_successful": "0x20",
        },
        10,
    ),
    "PuffyPipelineStalled": (
        arrivals(CALENDAR, "2025-03-06", "2025-03-09 08:00"),
        arrivals(CALENDAR, "2025-03-06", "2025-03-09 08:01"),
        10,
    ),
    "PuffyRulesFailing": (
        {'prometheus_rule_evaluation_failures_total{rule_group="g"}': "5x20"},
        {'prometheus_rule_evaluation_failures_total{rule_group="g"}': "5+1x20"},
        8,
    ),
    "PuffyRulesSlow": (
        {'prometheus_rule_group_iterations_missed_total{rule_group="g"}': "5x20"},
        {'prometheus_rule_group_iterations_missed_total{rule_group="g"}': "5+1x20"},
        12,
    ),
    "PuffyNotificationsFailing": (
        {'alertmanager_notifications_failed_total{job="alertmanager",integration="slack"}': "2x20"},
        {'alertmanager_notifications_failed_total{job="alertmanager",integration="slack"}': "2+1x20"},
        8,
    ),
    "PuffyAlertmanagerUnreachable": (
        {'prometheus_notifications_errors_total{job="prometheus"}': "2x20"},
        {'prometheus_notifications_errors_total{job="prometheus"}': "2+1x20"},
        8,
    ),
    "PuffyGateClosedLong": ({"puffy_gate_closed": "1x200 0x100"}, {"puffy_gate_closed": "1x300"}, 250),
    "PuffyReportDisagrees": (
        {REPORT: "1x60", ALERT: "1x60", PAST: "1x60"},
        {REPORT: "2x60", ALERT: "1x60"},
        30,
    ),
    "PuffyIncidentsDisagree": ({ALERT: "1x60", PAST: "1x60", COVERED: "1x60"}, {ALERT: "1x60"}, 30),
    "Watchdog": ({}, {"anything": "1x20"}, 1),
}


def test_every_rule_has_a_case_and_all_that_a_person_needs() -> None:
    """Names, labels and texts are complete, and the steps are numbered."""
    assert RULES.keys() == CASES.keys()
    for name, rule in RULES.items():
        assert name == "Watchdog" or name.startswith("Puffy")
        assert rule["labels"]["owner"] == "data-engineering"
        assert rule["labels"]["severity"] in ("none" if name == "Watchdog" else ("warning", "critical"))
        assert rule["for"] != "0s", "what is sent before Alertmanager is found would be lost"
        words = rule["annotations"]
        assert words["runbook_url"] == f"http://localhost:10110/runbooks/meta#{name.lower()}"
        assert words["summary"].endswith(".")
        assert words["impact"].endswith(".")
        steps = words["resolution"].split("\n")
        assert len(steps) >= 2
        assert all(re.match(rf"{number}\. ", step) for number, step in enumerate(steps, 1))


@pytest.mark.server
def test_each_is_silent_and_fires(generation: Generation, tmp_path: Path) -> None:
    """If all is well nothing fires; the fault of each alert makes it fire, also on real rules."""
    tests = []
    for name, (silent, firing, minute) in CASES.items():
        tests.append(case(f"{name} fires", name, firing, minute, fires=True))
        if name != "Watchdog":  # never silent
            tests.append(case(f"{name} is silent", name, silent, minute, fires=False))
    assert check_meta(generation.program("promtool"), tmp_path, tests) == ""


def check_meta(promtool: str, folder: Path, tests: list[dict[str, object]]) -> str:
    """Test the hand-written rules; return promtool's complaints."""
    written = folder / "meta_test.yml"
    written.write_text(
        yaml.safe_dump({"rule_files": [str(META)], "evaluation_interval": "1m", "tests": tests})
    )
    found = subprocess.run([promtool, "test", "rules", written], capture_output=True, text=True, check=False)
    return found.stdout + found.stderr if found.returncode else ""


@pytest.mark.server
def test_incidents_are_held_against_verdicts_both_ways(promtool: str, tmp_path: Path) -> None:
    """Either may have what the other lacks; while the feed is blind they are not compared."""
    name = "PuffyIncidentsDisagree"
    tests = [
        case("no verdict", name, {COVERED: "1x60"}, 30, fires=True),
        case("another day", name, {ALERT: "1x60", COVERED.replace("07", "06"): "1x60"}, 30, fires=True),
        case("not for long", name, {ALERT: "1x60", COVERED: "_x10 1x50"}, 30, fires=False),
        case("blind", name, {ALERT: "1x60", "puffy:blind": "1x60"}, 30, fires=False),
        case(
            "two cover it",
            name,
            {ALERT: "1x60", COVERED: "1x60", COVERED.replace("a1", "b2"): "1x60"},
            30,
            fires=False,
        ),
    ]
    assert check_meta(promtool, tmp_path, tests) == ""


# A calendar, the newest day that has arrived, the time, and whether the pipeline has stalled then.
STALLED = [
    (WORKDAYS, "2025-03-07", "2025-03-10 08:20", False),  # Monday: Friday's file was due on Saturday
    (WORKDAYS, "2025-03-07", "2025-03-11 07:00", False),  # Tuesday: Monday's file is an hour late
    (WORKDAYS, "2025-03-07", "2025-03-12 07:59", False),
    (WORKDAYS, "2025-03-07", "2025-03-12 08:01", True),  # Wednesday: Monday's and Tuesday's are missing
    (WORKDAYS, "2025-03-05", "2025-03-08 08:01", True),  # Saturday: Thursday's and Friday's are missing
    (replace(CALENDAR, weekdays=frozenset((0,))), "2025-03-03", "2025-03-17 12:00", False),
    (replace(CALENDAR, weekdays=frozenset((0,))), "2025-03-03", "2025-03-18 08:01", True),
    (CALENDAR, "2025-03-08", "2025-03-09 12:00", False),
    (CALENDAR, "2025-02-20", "2025-03-12 12:00", True),  # longer than the window
]


@pytest.mark.server
def test_a_pipeline_has_stalled_if_two_expected_days_are_missing(promtool: str, tmp_path: Path) -> None:
    """Days without a partition do not count, however long ago the newest one was due."""
    name = "PuffyPipelineStalled"
    tests = [
        case(f"{newest} at {now}", name, arrivals(calendar, newest, now), 10, fires=fires)
        for calendar, newest, now, fires in STALLED
    ]
    due = CALENDAR.due_ns(date(2026, 1, 1)) // NANOSECONDS
    ahead = arrivals(CALENDAR, "2025-03-05", "2025-03-09 12:00") | {
        'puffy_partition_due_timestamp_seconds{partition="2026-01-01"}': f"{due}x20",
        'puffy_partition_present{partition="2026-01-01",stage="raw"}': "1x20",
    }
    tests.append(case("a file dated far ahead", name, ahead, 10, fires=True))
    assert check_meta(promtool, tmp_path, tests) == ""


OF_A_FEED = (
    "PuffySnapshotStale",
    "PuffyBlind",
    "PuffySourceDown",
    "PuffyFeedDown",
    "PuffyFolderLost",
    "PuffyProfilingErrors",
    "PuffyOutputFailing",
    "PuffyPipelineStalled",
    "PuffyGateClosedLong",
    "PuffyReportDisagrees",
    "PuffyIncidentsDisagree",
)


@pytest.mark.server
def test_the_trouble_of_one_feed_is_not_told_of_another(promtool: str, tmp_path: Path) -> None:
    """With two feeds on one page, one of them healthy, the alert names the other."""
    tests = []
    for name in OF_A_FEED:
        silent, firing, minute = CASES[name]
        series = of_feed(silent, "events") | of_feed(firing, "payments")
        query = f'count by (feed) (ALERTS{{alertname="{name}",alertstate="firing"}})'
        expected = [{"expr": query, "eval_time": f"{minute}m", "exp_samples": TOLD}]
        tests.append(case(name, name, series, minute, fires=True) | {"promql_expr_test": expected})
    assert check_meta(promtool, tmp_path, tests) == ""


TOLD = [{"labels": '{feed="payments"}', "value": 1}]


def of_feed(series: Series, feed: str) -> Series:
    """Return series with the label of a feed."""
    named = ((*name.partition("{"), values) for name, values in series.items())
    return {
        f'{name}{{feed="{feed}"' + (f",{labels}" if labels else "}"): values
        for name, _, labels, values in named
    }


def case(title: str, name: str, series: Series, minute: int, *, fires: bool) -> dict[str, object]:
    """Return one promtool test: whether an alert fires at a minute."""
    expected = [{"labels": "{}", "value": 1}] if fires else []
    query = f'max(ALERTS{{alertname="{name}",alertstate="firing"}})'
    return {
        "name": title,
        "interval": "1m",
        "input_series": [{"series": key, "values": values} for key, values in series.items()],
        "promql_expr_test": [{"expr": query, "eval_time": f"{minute}m", "exp_samples": expected}],
    }


@pytest.mark.server
@pytest.mark.parametrize("name", ["prometheus.yml"])
def test_prometheus_takes_configuration_and_rules(generation: Generation, name: str) -> None:
    """The shipped configuration names existing, valid rule files."""
    command = [generation.program("promtool"), "check", "config", str(ROOT / "prometheus" / name)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
