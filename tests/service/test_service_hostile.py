"""Hostile text from outside, at every output of the running exporter: nothing freezes or breaks."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families
from running import Exporter, call, until
from written import content, put, write_day

from exporter.model import Stage
from exporter.report.schema import report_schema

TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in range(4, 0, -1)]
HOSTILE = (
    "dq\ud83d",
    "a\0b",
    "two\nlines\r\u2028",
    "quote\" back\\slash '",
    "\u202eright to left",
    "x" * 100_000,
    "emoji 👍",
    "{{ $value }}",
    "</script><img src=x onerror=alert(1)>",
)


def record(folder: Path, name: bytes, task: str, **changes: object) -> None:
    """Write one task record, as JSON in ASCII."""
    fields = {
        "task": task,
        "partition": DAYS[-1].isoformat(),
        "started_at": f"{TODAY}T00:00:00Z",
        "ended_at": f"{TODAY}T00:01:00Z",
        "exit_code": 1,
    }
    folder.mkdir(exist_ok=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(json.dumps(fields | changes))


def as_task_records(data: Path) -> None:
    """Put tasks of hostile names, and records that are broken."""
    for number, text in enumerate(HOSTILE):
        record(data / "task_runs", b"%d.json" % number, text)
    record(data / "task_runs", b"code.json", "code", exit_code=float("inf"))


def as_file_names(data: Path) -> None:
    """Put records and dangling links whose names are bytes."""
    record(data / "task_runs", b"caf\xe9.json", "named in Latin-1")
    record(data / "task_runs", b"two\nlines<script>\xff.json", "", exit_code=True)
    (data / "task_runs" / "dangling\udcff.json").symlink_to("/nowhere\udcff")


def as_summaries(data: Path) -> None:
    """Put hostile cells into a DQ summary."""
    folder = data / "dq_reports"
    folder.mkdir()
    cells = [text.encode("utf-8", "surrogatepass") for text in HOSTILE if "\n" not in text]
    rows = b"".join(b"%s,1,1,0\n" % cell for cell in cells)
    path = folder / f"dq_summary_{TODAY:%Y%m%d}T060000Z.csv"
    path.write_bytes(b"file,raw_rows,clean_rows,reject_rows\n\xff\xfe,1,1,0\n" + rows)


def as_cells(data: Path) -> None:
    """Put hostile reasons, event names and columns of a header."""
    text = content(DAYS[-1], 20, Stage.REJECTS)
    path = put(data, DAYS[-1], Stage.REJECTS, "")
    lines = text.encode().split(b"\n")
    for number, reason in enumerate(HOSTILE, start=1):
        cell = reason.replace('"', '""').encode("utf-8", "surrogatepass")
        lines[number] = lines[number].replace(b"missing_client_id", b'"' + cell + b'"')
    path.write_bytes(b"\n".join(lines))
    raw = put(data, DAYS[-1], Stage.RAW, "")
    header, *rows = content(DAYS[-1], 200).encode().split(b"\n")
    rows = [row.replace(b"page_viewed", b'"</script>\xff"', 1) for row in rows]
    raw.write_bytes(b"\n".join([header + b',"</script>\xff{{"', *(row + b"," for row in rows)]))


@pytest.fixture(params=[as_task_records, as_file_names, as_summaries, as_cells])
def exporter(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Exporter]:
    """Give an exporter over healthy days and one kind of hostile text."""
    for day in DAYS:
        write_day(tmp_path / "data", day, rows=200)
    request.param(tmp_path / "data")
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.2, rescan_seconds: 2}\n")
    with Exporter(tmp_path) as running:
        yield running
        assert "Traceback" not in running.said()


def test_hostile_text_leaves_every_output_valid_and_figures_moving(exporter: Exporter) -> None:
    """The page is strict, the report keeps to its schema, HTML is escaped, a log line is one line."""
    assert until(lambda: exporter.rows(DAYS[0]) == 200)
    put(exporter.data, TODAY, Stage.RAW, content(TODAY, 30), age_seconds=60)
    assert until(lambda: exporter.rows(TODAY) == 30)
    assert exporter.value("puffy_exporter_refresh_success") == 1
    page = exporter.get("/metrics")[1]
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    assert max(len(value) for sample in samples for value in sample.labels.values()) <= 200
    series = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples]
    assert len(series) == len(set(series))
    report = json.loads(exporter.get("/api/v1/report")[1])
    jsonschema.validate(report, report_schema())
    assert TODAY.isoformat() in report["partitions"]
    on_disk = exporter.output / "monitoring_report.json"
    assert until(lambda: TODAY.isoformat() in json.loads(on_disk.read_bytes())["partitions"])
    status = exporter.get("/")[1]
    assert "</script><img" not in status
    assert "<script>\ufffd" not in status
    alerts = (exporter.output / "monitoring_alerts.txt").read_text()
    assert all(re.match(r"(CRITICAL|WARNING|OK|INFO) - ", line) for line in alerts.splitlines())
    assert all(line.startswith("timestamp=") for line in exporter.said().splitlines())


def test_a_record_with_an_odd_name_is_a_problem_with_a_name(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are shown escaped, and only that record is left out."""
    for day in DAYS:
        write_day(tmp_path / "data", day, rows=200)
    as_file_names(tmp_path / "data")
    done = call("run", "--data.dir", tmp_path / "data", "--output.dir", tmp_path / "out")
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "out" / "monitoring_report.json").read_text())
    problems = "\n".join(report["exporter"]["problems"])
    assert "task_runs/dangling\\udcff.json: no such file or directory" in problems
    assert len(report["exporter"]["problems"]) == 2
