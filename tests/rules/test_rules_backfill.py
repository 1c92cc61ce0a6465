"""The trends' past, loaded into a real Prometheus: a chart of thirty days on the first evening."""

import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_server import run_prometheus
from running import call
from written import write_day

from exporter.rules.backfill import INTERVAL, SCORES
from exporter.rules.trends import PREFIX, recordings

DAYS = 40
LAST = date(2025, 3, 10)
AS_OF = ("--as-of", "2025-03-11T12:00:00Z")
ONE_DAY = timedelta(days=1)


def rows_of(back: int) -> int:
    """Return how many rows the day so many days before the last has."""
    return 100 + 3 * back


def noon(day: date) -> float:
    """Return the middle of a day in seconds."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide forty days, one of them missing."""
    folder = tmp_path_factory.mktemp("backfill")
    for back in range(DAYS):
        if back != 20:
            write_day(folder, LAST - back * ONE_DAY, rows_of(back))
    return folder


@pytest.fixture(scope="module")
def page(data: Path) -> str:
    """Provide the history of all of them."""
    done = call("backfill", "--data.dir", data, *AS_OF)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_is_openmetrics_of_the_recorded_names(page: str) -> None:
    """One series for each trend, a sample at the noon of each day, no NaN, an end."""
    families = {family.name: family.samples for family in text_string_to_metric_families(page)}
    recorded = {rule.record for rule in recordings()}
    assert set(families) - recorded == {f"{PREFIX}expected", f"{PREFIX}score"}  # the exporter's own
    events = [sample for sample in families[f"{PREFIX}value"] if sample.labels["metric"] == "events"]
    assert {tuple(sample.labels.items()) for sample in events} == {
        (("feed", "events"), ("metric", "events"), ("timeline", "event"))
    }
    assert [(float(sample.timestamp), sample.value) for sample in events] == [
        (noon(LAST - back * ONE_DAY), rows_of(back)) for back in reversed(range(DAYS)) if back != 20
    ]
    assert "nan" not in page.lower()
    assert page.endswith("# EOF\n")


def test_the_figures_are_those_of_the_report(data: Path, page: str, tmp_path: Path) -> None:
    """Also of the oldest days in the window, whose baselines reach before it."""
    assert call("run", "--data.dir", data, "--output.dir", tmp_path, *AS_OF).returncode == 0
    report = json.loads((tmp_path / "monitoring_report.json").read_text())
    told = {
        (family.name.removeprefix(PREFIX), sample.labels["metric"], float(sample.timestamp)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    for day, partition in report["partitions"].items():
        at = noon(date.fromisoformat(day))
        for trend, figures in partition["trend"].items():
            detector = figures.pop("detector")
            figures |= {name: detector[name] for name in SCORES if name in detector}
            if detector["readiness"] == "armed":
                figures |= {name: detector[own] for name, own in INTERVAL.items()}
            for figure, value in figures.items():
                assert told.pop((figure, trend, at)) == pytest.approx(value, rel=1e-12)
            if detector["readiness"] != "armed" and ("expected", trend, at) in told:  # by the 7-day rule
                lower, expected, upper = (
                    told.pop((name, trend, at)) for name in ("lower", "expected", "upper")
                )
                assert lower <= expected <= upper
                assert expected == pytest.approx(figures["baseline_avg"], rel=1e-12)
    reported = {noon(date.fromisoformat(day)) for day in report["partitions"]}
    assert reported & {at for _, _, at in told} == set()


def test_fewer_days_and_a_file_may_be_asked_for(data: Path, tmp_path: Path) -> None:
    """The file is replaced in one step; one that cannot be written is one line."""
    target = tmp_path / "history.om"
    done = call("backfill", "--days", "3", "--output", target, "--data.dir", data, *AS_OF)
    assert (done.returncode, done.stdout) == (0, "")
    assert target.read_text().count(f'{PREFIX}value{{feed="events",metric="events"') == 3
    assert list(tmp_path.iterdir()) == [target]
    done = call("backfill", "--output", tmp_path / "no" / "where", "--data.dir", data, *AS_OF)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.server
def test_a_real_prometheus_draws_the_thirty_days(
    page: str, promtool: str, prometheus: str, tmp_path: Path
) -> None:
    """Blocks are made of it, and a chart with a point a day shows each day's own value, and gaps as gaps."""
    source = tmp_path / "history.om"
    source.write_text(page)
    blocks = tmp_path / "prometheus" / "tsdb"
    blocks.mkdir(parents=True)
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(source), str(blocks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    retention = "--storage.tsdb.retention.time=10y"
    with run_prometheus(prometheus, tmp_path / "prometheus", {}, retention) as server:
        midnight = datetime(2025, 3, 11, tzinfo=UTC)
        chart: dict[str, Any] = {
            "start": str((midnight - 29 * ONE_DAY).timestamp()),
            "end": str(midnight.timestamp()),
            "step": "86400",
        }
        series = f'last_over_time({PREFIX}value{{metric="events"}}[1d])'
        (line,) = server.get("query_range", query=series, **chart)["result"]
        wanted = [
            [(midnight - back * ONE_DAY).timestamp(), str(rows_of(back))]
            for back in reversed(range(30))
            if back != 20
        ]
        assert line["values"] == wanted
        mean = f'avg_over_time({PREFIX}value{{metric="events"}}[7d])'
        told = f'last_over_time({PREFIX}avg7d{{metric="events"}}[1d])'
        for back in (0, 10, 18):
            at = str((midnight - back * ONE_DAY).timestamp())
            ((_, over_time),) = server.query(mean, time=at)
            ((_, recorded),) = server.query(told, time=at)
            assert over_time == pytest.approx(recorded, rel=1e-12)
