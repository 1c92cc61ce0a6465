"""Hostile text from every side, thrown at every output: each stays what its readers take it for."""

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from test_pipeline_refresh import refresher
from written import content, put, write_day

from exporter.gate.keeper import Keeper
from exporter.links import Links
from exporter.model import Stage
from exporter.pages.known import FEED_PAGES
from exporter.pages.site import Visit
from exporter.pipeline.snapshot import Snapshot
from exporter.report.outputs import Outputs
from exporter.report.render import ReportRenderer
from exporter.report.schema import report_schema
from exporter.server.publication import Board, Deferred, Publication
from exporter.service.publish import Publisher

DAY = date(2025, 3, 10)
HOSTILE = [
    "dq\ud83d",
    "\udcff\udcfe",
    "nul\x00 bell\x07",
    "two\nlines\r\n",
    'quotes " and \\ backslash',
    "\u202eright to left",
    "🛏️ e\u0301",
    "{{ template }} {% raw %} ${x}",
    "</script><b>",
    "long " * 20_000,
    "NaN",
]
Place = Callable[[Path, str], None]


def task_run(data: Path, text: str) -> None:
    """Put the text into a task's record."""
    record = {"task": text, "partition": str(DAY), "started_at": "2025-03-11T06:00:00Z", "exit_code": 1}
    write(data / "task_runs" / "a.json", json.dumps({**record, "ended_at": "2025-03-11T06:01:00Z"}).encode())


def task_code(data: Path, text: str) -> None:
    """Put the text where a number should be."""
    record = {"task": "dq", "partition": str(DAY), "started_at": "2025-03-11T06:00:00Z", "exit_code": text}
    write(data / "task_runs" / "a.json", json.dumps(record).encode())


def record_name(data: Path, text: str) -> None:
    """Put the text into the name of a record that is broken."""
    write(data / "task_runs" / f"{as_name(text)}.json", b"{")


def dangling_name(data: Path, text: str) -> None:
    """Put the text into the name of a link that leads nowhere."""
    (data / "task_runs").mkdir(exist_ok=True)
    (data / "task_runs" / f"{as_name(text)}.json").symlink_to("nowhere")


def event_file_name(data: Path, text: str) -> None:
    """Put the text into the name of a file that speaks of a day."""
    write(data / f"events_20250310_{as_name(text)}.csv", b"")


def claim(data: Path, text: str) -> None:
    """Put the text into a count of a DQ summary, and into its sample."""
    out = io.StringIO()
    columns = ["file", "raw_rows", "clean_rows", "reject_rows", "dq_reasons_sample"]
    csv.writer(out).writerows([columns, ["events_20250310.csv", text, "1", "1", text]])
    name = "dq_summary_20250311T060000Z.csv"
    write(data / "dq_reports" / name, out.getvalue().encode("utf-8", "surrogatepass"))


def reason(data: Path, text: str) -> None:
    """Put the text into a reason of a reject."""
    rejects = content(DAY, 3, Stage.REJECTS).replace("missing_client_id", cell(text))
    write(data / "raw_rejects" / "events_20250310_bad.csv", rejects.encode("utf-8", "surrogatepass"))


def event_name(data: Path, text: str) -> None:
    """Put the text into the name of an event, a timestamp and the header."""
    raw = content(DAY, 50).replace("page_viewed", cell(text), 3).replace("2025-03-10T", cell(text), 1)
    write(
        data / "events_20250310.csv",
        raw.replace("user_agent", cell(text), 1).encode("utf-8", "surrogatepass"),
    )


PLACES = [
    task_run, task_code, record_name, dangling_name, event_file_name, claim, reason, event_name
]  # fmt: skip


def cell(text: str) -> str:
    """Write a text as a field of a CSV file."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def as_name(text: str) -> str:
    """Return what of a text can be in a file's name."""
    raw = text.encode("utf-8", "surrogateescape" if "\udcff" in text else "replace")
    return os.fsdecode(raw.replace(b"/", b"").replace(b"\0", b"")[:200])


def write(path: Path, body: bytes) -> None:
    """Write a file that has long stood still."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (1_741_672_800, 1_741_672_800))


def published(data: Path, output: Path) -> tuple[Publication, Snapshot]:
    """Make a pass and publish it."""
    board = Board()
    publisher = Publisher(board, Outputs(output), ReportRenderer(Links()), data, "/metrics")
    with refresher(data, None) as made:
        made.judge.keeper = Keeper(output)
        snapshot = made.refresh().snapshot
        assert publisher.publish(snapshot, made.vitals) == ()
    assert board.latest is not None
    return board.latest, snapshot


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:14]) for text in HOSTILE])
def test_every_output_stays_what_it_is(tmp_path: Path, place: Place, text: str) -> None:
    """Both expositions parse, the report is strict JSON of its schema, alerts are lines, the page is HTML."""
    data, output = tmp_path / "data", tmp_path / "out"
    write_day(data, DAY)
    put(data, DAY, Stage.RAW, content(DAY, 100).replace("referrer", "lost", 1))
    place(data, text)
    pages, snapshot = published(data, output)
    labels = [
        (name, value)
        for parse in (text_string_to_metric_families, parse_openmetrics)
        for family in parse(
            (pages.text if parse is text_string_to_metric_families else pages.openmetrics).body.decode()
        )
        for sample in family.samples
        for name, value in sample.labels.items()
    ]
    said = [value for name, value in labels if name in WORDS]
    assert ("partition", str(DAY)) in labels
    assert all(len(value) <= 100 and value.isprintable() for name, value in labels if name not in WORDS)
    assert said, "the lost column is an incident"
    assert all(len(value) <= LONGEST_WORDS for value in said)
    assert all(line.isprintable() for value in said for line in value.split("\n"))
    assert isinstance(pages.report, Deferred)
    report = json.loads(pages.report.make().body, parse_constant=refuse)
    jsonschema.validate(report, report_schema())
    assert json.loads((output / "monitoring_report.json").read_text())["partitions"] == report["partitions"]
    lines = (output / "monitoring_alerts.txt").read_text().splitlines()
    assert len(lines) == len(snapshot.firing) + len(snapshot.lone_causes)
    assert all(line.startswith(("CRITICAL - ", "WARNING - ")) for line in lines)
    page = pages.shelf.make(FEED_PAGES[0], Visit()).body.decode()
    assert page.count("</script>") == 1  # one's own
    assert all(len(problem) <= 500 for problem in report["exporter"]["problems"])


WORDS = {"headline", "text", "next"}  # of an incident: sentences, and lines of them
LONGEST_WORDS = 1500


def refuse(constant: str) -> Any:
    """Reject what is not JSON."""
    raise AssertionError(constant)
