"""The exporter as a running process: what it shows, and what it survives."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running import Exporter, until
from written import content, put, write_day

from exporter.model import Stage

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in range(7, 0, -1)]
SETTLE_SECONDS = 0.5
CONFIG = f"""
watch: {{settle_seconds: {SETTLE_SECONDS}, rescan_seconds: 2}}
checks: {{silence: {{limits: {{warning: LIMIT}}}}}}
"""


def start(folder: Path, *options: str) -> Exporter:
    """Start an exporter over seven healthy days, unless there are others."""
    if not (folder / "data").exists():
        for day in DAYS:
            write_day(folder / "data", day, rows=200)
    (folder / "puffy.yml").write_text(CONFIG.replace("LIMIT", "7200"))
    return Exporter(folder, *options)


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[Exporter]:
    """Give a running exporter; at the end it must stop cleanly and have shown no traceback."""
    running = start(tmp_path)
    yield running
    said = running.said()
    if running.process.poll() is None:
        assert running.stop() == 0
    assert "Traceback" not in said


def test_page_report_and_api_say_the_same(exporter: Exporter) -> None:
    """One snapshot, three sinks."""
    assert until((exporter.output / "monitoring_report.json").is_file)
    on_disk = json.loads((exporter.output / "monitoring_report.json").read_text())
    served = json.loads(exporter.get("/api/v1/report")[1])
    assert served["partitions"] == on_disk["partitions"]
    assert list(served["partitions"]) == [day.isoformat() for day in DAYS]
    assert exporter.rows(DAYS[-1]) == 200
    assert json.loads(exporter.get("/api/v1/alerts")[1])["alerts"] == served["alerts"]
    assert DAYS[-1].isoformat() in exporter.get("/")[1]


def test_an_arriving_file_is_on_the_page_within_its_time(exporter: Exporter) -> None:
    """From the close of 5 MB to its figures: the settle time and one and a half seconds."""
    rows = 42_000
    text = content(TODAY, rows)
    assert len(text) > 5_000_000
    exporter.data.joinpath(f"events_{TODAY:%Y%m%d}.csv").write_text(text)
    begun = time.monotonic()
    assert until(lambda: exporter.rows(TODAY) == rows)
    assert time.monotonic() - begun < SETTLE_SECONDS + 1.5


def test_a_burst_of_files_is_few_passes(exporter: Exporter) -> None:
    """A thousand files at once are read in one go, or two where writing them takes long."""
    before = exporter.value("puffy_exporter_refreshes_total") or 0
    begun = time.monotonic()
    for number in range(1000):
        put(exporter.data, TODAY - timedelta(days=400 + number), Stage.RAW, "client_id\n1")
    assert until(lambda: (exporter.value("puffy_exporter_queue_depth") or 0) == 0)
    time.sleep(1)
    passes = (exporter.value("puffy_exporter_refreshes_total") or 0) - before
    assert passes <= 4 + (time.monotonic() - begun) / 2  # and one for each regular rescan


def test_a_good_reload_puts_the_new_limit_to_work(exporter: Exporter) -> None:
    """By POST and by SIGHUP."""
    assert exporter.value('puffy_check_threshold{check="silence",severity="warning"}') == 7200
    exporter.configure(CONFIG.replace("LIMIT", "60"))
    assert exporter.get("/-/reload", "POST") == (200, "Reloaded.\n")
    assert until(lambda: exporter.value('puffy_check_threshold{check="silence",severity="warning"}') == 60)
    alerts = json.loads(exporter.get("/api/v1/alerts")[1])["alerts"]
    assert {alert["check"] for alert in alerts} == {"silence"}
    exporter.configure(CONFIG.replace("LIMIT", "7200"))
    exporter.process.send_signal(signal.SIGHUP)
    assert until(lambda: exporter.value('puffy_check_threshold{check="silence",severity="warning"}') == 7200)


def test_a_reload_names_the_keys_that_wait_for_a_restart(exporter: Exporter) -> None:
    """In the answer and in the log; the others are in use."""
    exporter.configure(CONFIG.replace("LIMIT", "60").replace("rescan_seconds: 2", "rescan_seconds: 3"))
    answer = exporter.get("/-/reload", "POST")
    assert answer == (200, "Reloaded. Needs a restart: watch.rescan_seconds.\n")
    assert "keys=watch.rescan_seconds" in exporter.said()
    assert until(lambda: exporter.value('puffy_check_threshold{check="silence",severity="warning"}') == 60)


def test_a_bad_reload_keeps_the_old_configuration_and_says_so(exporter: Exporter) -> None:
    """In the answer, in the log and in a metric; a good one afterwards takes it back."""
    exporter.configure("calender: {}")
    status, line = exporter.get("/-/reload", "POST")
    assert (status, line) == (500, f"{exporter.config}:1: calender: unknown key, did you mean calendar?\n")
    assert until(lambda: exporter.value("puffy_exporter_config_reload_success") == 0)
    assert exporter.value('puffy_check_threshold{check="silence",severity="warning"}') == 7200
    assert "calender: unknown key" in exporter.said()
    exporter.configure(CONFIG.replace("LIMIT", "7200"))
    exporter.get("/-/reload", "POST")
    assert until(lambda: exporter.value("puffy_exporter_config_reload_success") == 1)


def test_a_directory_that_vanishes_leaves_the_last_snapshot_served(exporter: Exporter) -> None:
    """It is told by metrics and by the page, and the figures move on when it is back."""
    hidden = exporter.data.with_name("hidden")
    exporter.data.rename(hidden)
    assert until(lambda: exporter.value("puffy_exporter_refresh_success") == 0)
    assert exporter.rows(DAYS[-1]) == 200
    assert exporter.get("/-/ready")[0] == 200
    assert "no such file or directory" in exporter.get("/")[1]
    for place in ("/api/v1/gate", "/api/v1/report"):
        told = json.loads(exporter.get(place)[1])
        gate = told.get("gate", told)
        assert (gate["closed"], "no such file" in gate["blind"]) == (True, True)
    assert exporter.value("puffy_gate_closed") == 1
    assert until((exporter.output / "GATE_CLOSED").exists)
    assert (exporter.output / "monitoring_alerts.txt").read_text().startswith("CRITICAL - PuffyBlind - ")
    put(hidden, TODAY, Stage.RAW, content(TODAY, 30), age_seconds=60)
    hidden.rename(exporter.data)
    assert until(lambda: exporter.rows(TODAY) == 30, 15)
    assert exporter.value("puffy_exporter_refresh_success") == 1
    assert until(lambda: not (exporter.output / "GATE_CLOSED").exists())
    assert "PuffyBlind" not in (exporter.output / "monitoring_alerts.txt").read_text()
    put(exporter.data, TODAY, Stage.RAW, content(TODAY, 40), age_seconds=60)
    assert until(lambda: exporter.rows(TODAY) == 40)


def test_an_output_folder_that_cannot_be_written_costs_only_itself(exporter: Exporter) -> None:
    """The page goes on; the failed outputs are counted."""
    assert until((exporter.output / "monitoring_report.json").is_file)
    exporter.output.rename(exporter.output.with_name("moved"))
    exporter.output.write_text("in the way")
    put(exporter.data, TODAY, Stage.RAW, content(TODAY, 30), age_seconds=60)
    assert until(lambda: exporter.rows(TODAY) == 30)
    assert until(lambda: (exporter.value('puffy_exporter_output_errors_total{output="report"}') or 0) > 0)
    assert "report not written" in exporter.said()
    assert until(lambda: exporter.value("puffy_exporter_refresh_success") == 0)
    assert "report not written" in exporter.get("/")[1]


def test_it_stops_soon_and_cleanly(exporter: Exporter) -> None:
    """SIGTERM, exit code 0, under two seconds."""
    begun = time.monotonic()
    assert exporter.stop() == 0
    assert time.monotonic() - begun < 2


def test_killed_while_it_works_it_starts_again_from_what_it_knew(tmp_path: Path) -> None:
    """Whatever moment kill -9 comes at: the next start reads only what is new."""
    first = start(tmp_path)
    assert until((first.output / "monitoring_report.json").is_file)
    first.process.kill()
    first.process.wait()
    again = start(tmp_path)
    assert again.rows(DAYS[-1]) == 200
    json.loads((again.output / "monitoring_report.json").read_text())
    assert again.value("puffy_exporter_profiled_files_total") == 0
    assert again.stop() == 0
