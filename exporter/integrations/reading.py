"""The report for integrations: read from its file, with the arithmetic that they share."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from exporter.feed import Table
from exporter.gate.answer import REPORT
from exporter.model import Stage
from exporter.report.stored import read_stored

Json = dict[str, Any]


def read_report(folder: Path) -> Json:
    """Return the report in the output folder. Raises UserError if there is none."""
    return read_stored(folder / REPORT, absent="no report yet; puffy-exporter run or serve writes it")


def readable(report: Json, stage: Stage) -> Iterator[tuple[str, Json]]:
    """Yield partition and figures of each readable file of a stage, oldest first."""
    for partition, document in sorted(report["partitions"].items()):
        figures = document["stages"].get(stage.value, {})
        if figures.get("readable") == 1:
            yield partition, figures


def columns_seen(figures: Json, table: Table) -> tuple[str, ...]:
    """Return the expected columns that a file's header has."""
    lacking = figures.get("missing_column_info", {})
    return tuple(column for column in table.names if column not in lacking)


def instant(seconds: float) -> str:
    """Format an instant as RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def file_name(table: Table, partition: str) -> str:
    """Return the path of a table's file of a day in the data directory."""
    return table.path.format(date.fromisoformat(partition))


def last_change(document: Json) -> float:
    """Return when the newest file of a partition was written, or without files, when it was due."""
    written = [
        figures["updated_timestamp_seconds"]
        for figures in document["stages"].values()
        if "updated_timestamp_seconds" in figures
    ]
    return float(max(written, default=document["calendar"]["due_timestamp_seconds"]))
