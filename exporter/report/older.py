"""Earlier reports, read back for the trends' values of days whose files are gone."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from exporter.errors import UserError
from exporter.history.trend import ROWS, Trend
from exporter.model import Partition, Stage
from exporter.pipeline.exclusion import FAULTS
from exporter.report.stored import Json, read_stored
from exporter.store.daybook import KeptDay


def read_days(paths: Sequence[Path], trends: Sequence[Trend]) -> Mapping[Partition, KeptDay]:
    """Return every day in these reports; a folder means the reports in it. The newest report wins.

    Raises UserError for unreadable or invalid reports.
    """
    reports = [(path, read_stored(path)) for path in _files(paths)]
    reports.sort(key=lambda known: str(known[1].get("generated_at", "")))
    days: dict[Partition, KeptDay] = {}
    for path, report in reports:
        try:
            days.update(_days(report, trends))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UserError(f"{path}: not a report of this version") from None
    return days


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.json"))
        if not found:
            raise UserError(f"{path}: no report in this folder")
        yield from found


def _days(report: Json, trends: Sequence[Trend]) -> Iterator[tuple[Partition, KeptDay]]:
    documents = report["partitions"]
    faults = {
        day: reason
        for document in documents.values()
        for day, reason in document["baseline"]["excluded"].items()
        if reason in FAULTS
    }
    for day, document in documents.items():
        values = {
            (trend.metric, trend.labels): value
            for trend in trends
            if (value := _number(document["trend"].get(trend.name, {}).get("value"))) is not None
        }
        rows = _number(document["stages"].get(Stage.RAW, {}).get("rows"))
        if values and rows is not None:
            values[ROWS.metric, ROWS.labels] = rows
            yield date.fromisoformat(day), KeptDay(str(document["content"]), values, faults.get(day))


def _number(value: object) -> float | None:
    """Return a finite number as such, ``None`` for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]
