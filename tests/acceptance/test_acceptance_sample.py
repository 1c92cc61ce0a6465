"""The real sample, if available: every figure and every verdict, on the page and in the report."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from expected import FIGURES, RATIOS, Expected
from prometheus_client.parser import text_string_to_metric_families
from running import call

pytestmark = [pytest.mark.sample, pytest.mark.xdist_group("sample")]

ALERTABLE = ("2025-03-06", "2025-03-07", "2025-03-08")
Samples = dict[tuple[str, str, tuple[str, ...]], float]  # partition, metric, labels beyond partition


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the output folder, separate from the data."""
    return tmp_path_factory.mktemp("output")


def exporter(verb: str, data: Path, output: Path) -> str:
    """Run a verb as of 2025-03-09 and return its output."""
    done = call(verb, "--data.dir", data, "--output.dir", output, "--as-of", "2025-03-09")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def report(data: Path, output: Path) -> dict[str, Any]:
    """Provide the report of one run."""
    exporter("run", data, output)
    return json.loads((output / "monitoring_report.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def page(data: Path, output: Path) -> Samples:
    """Provide the samples of one page."""
    samples: Samples = {}
    for family in text_string_to_metric_families(exporter("metrics", data, output)):
        for sample in family.samples:
            labels = dict(sample.labels)
            partition = labels.pop("partition", "")
            order = ("stage", "field", "defect", "severity")
            beyond = tuple(labels[name] for name in order if name in labels)
            samples[partition, sample.name, beyond] = sample.value
    return samples


def test_every_figure_is_on_the_page(expected: Expected, page: Samples) -> None:
    """Fourteen partitions, thirteen figures each."""
    assert len(expected.figures) == 14
    for partition, figures in expected.figures.items():
        for column, (metric, labels) in FIGURES.items():
            assert page[partition, metric, labels] == pytest.approx(figures[column], rel=1e-12), (
                partition,
                column,
            )
        for column, (metric, labels) in RATIOS.items():
            share = figures[column] / figures["raw"]
            assert page[partition, metric, labels] == pytest.approx(share, rel=1e-12), (partition, column)


def test_every_figure_is_in_the_report(expected: Expected, report: dict[str, Any]) -> None:
    """The report says the same as the page, under the metric's short name."""
    assert list(report["partitions"]) == list(expected.figures)
    for partition, figures in expected.figures.items():
        stages = report["partitions"][partition]["stages"]
        for column, (metric, labels) in (FIGURES | RATIOS).items():
            value = stages[labels[0]][metric.removeprefix("puffy_partition_")]
            value = value[labels[1]] if len(labels) > 1 else value
            wanted = figures[column] / figures["raw"] if column in RATIOS else figures[column]
            assert value == pytest.approx(wanted, rel=1e-12), (partition, column)


def test_every_verdict_is_in_the_report(expected: Expected, report: dict[str, Any]) -> None:
    """Exactly the checks in breach, with their severities; only the alertable partitions fire."""
    for partition, verdicts in expected.verdicts.items():
        alerts = report["partitions"][partition]["alerts"]
        assert {alert["check"]: alert["severity"] for alert in alerts} == verdicts, partition
        assert len(alerts) == len(verdicts)
        assert {alert["state"] for alert in alerts} == {"firing" if partition in ALERTABLE else "past"}


def test_the_page_counts_what_the_report_calls_firing(
    expected: Expected, report: dict[str, Any], page: Samples
) -> None:
    """The metric that a rule compares with Prometheus' own alerts."""
    severities = [severity for day in ALERTABLE for severity in expected.verdicts[day].values()]
    for severity in ("warning", "critical"):
        assert page["", "puffy_report_alerts", (severity,)] == severities.count(severity)
    assert len(report["alerts"]) == len(severities)
    assert report["status"] == "critical"


def test_every_trend_is_in_the_report(expected: Expected, report: dict[str, Any]) -> None:
    """They agree to the six digits that the oracle prints."""
    assert expected.trends
    for (partition, trend), figures in expected.trends.items():
        got = report["partitions"][partition]["trend"][trend]
        for name, value in figures.items():
            assert got[name] == pytest.approx(value, rel=5e-6), (partition, trend, name)


def test_the_dq_summary_agrees_with_the_files(page: Samples, expected: Expected) -> None:
    """Upstream counted correctly, and nothing is unaccounted for."""
    for partition in expected.figures:
        assert page[partition, "puffy_partition_dq_discrepancy_rows", ()] == 0
        assert page[partition, "puffy_partition_unaccounted_rows", ()] == 0


def test_no_row_value_leaves(sample: Path, data: Path, output: Path, report: dict[str, Any]) -> None:
    """No client id, e-mail hash or page address is in any output."""
    assert report
    secrets: set[str] = set()
    for path in sample.glob("events_*.csv"):
        text = path.read_text()
        secrets |= set(re.findall(r"^(\d{10}-[\w-]{12}),", text, re.MULTILINE))
        secrets |= set(re.findall(r"[0-9a-f]{64}", text))
        secrets |= set(re.findall(r"(?:gclid|fbclid|gbraid)=\w+", text))
    assert len(secrets) > 10_000
    said = exporter("metrics", data, output) + exporter("run", data, output)
    said += "".join(path.read_bytes().decode("latin-1") for path in output.rglob("*") if path.is_file())
    words = set(re.findall(r"[\w=-]+", said))
    assert not secrets & words


def test_the_data_directory_stays_untouched(sample: Path, data: Path, report: dict[str, Any]) -> None:
    """With a separate output folder nothing is written to the pipeline's folder."""
    assert report
    names = {path.relative_to(folder) for folder in (sample, data) for path in folder.rglob("*")}
    assert names == {path.relative_to(sample) for path in sample.rglob("*")}
