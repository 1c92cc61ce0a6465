"""Reads the tables of the real sample's expected results, which are next to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FIGURES = {  # column of the table -> metric and labels beyond partition
    "raw": ("puffy_partition_rows", ("raw",)),
    "clean": ("puffy_partition_rows", ("clean",)),
    "rejects": ("puffy_partition_rows", ("rejects",)),
    "missing client_id": ("puffy_partition_missing_rows", ("raw", "client_id")),
    "checkouts": ("puffy_partition_checkouts", ("raw",)),
    "raw revenue": ("puffy_partition_revenue", ("raw",)),
    "clean revenue": ("puffy_partition_revenue", ("clean",)),
    "zero value": ("puffy_partition_checkout_defects", ("raw", "zero_value")),
    "corrupt items": ("puffy_partition_checkout_defects", ("raw", "corrupt_items")),
    "duplicate ids": ("puffy_partition_checkout_defects", ("raw", "duplicate_transaction_id")),
    "silence s": ("puffy_partition_longest_silence_seconds", ("raw",)),
}
RATIOS = {  # column that counts rows -> metric that holds their share
    "null referrer": ("puffy_partition_referrer_null_ratio", ("raw",)),
    "synthetic referrer": ("puffy_partition_referrer_synthetic_ratio", ("raw",)),
}
TREND_COLUMNS = {
    "avg7d": "avg7d",
    "baseline_avg": "baseline_avg",
    "baseline_stddev": "baseline_stddev",
    "zscore": "zscore",
    "deviation": "deviation_ratio",
    "day over day": "day_over_day_ratio",
}


@dataclass(frozen=True)
class Expected:
    """The oracle's figures, verdicts and trends."""

    figures: dict[str, dict[str, float]]  # partition -> column -> value
    verdicts: dict[str, dict[str, str]]  # partition -> check -> severity
    trends: dict[tuple[str, str], dict[str, float]]  # partition, trend -> figure -> value


def read_expected(path: Path) -> Expected:
    """Parse the document."""
    text = path.read_text()
    figures: dict[str, dict[str, float]] = {}
    trends: dict[tuple[str, str], dict[str, float]] = {}
    for row in _rows(text):
        partition = row.pop("partition")
        if "metric" in row:
            key = (partition, row.pop("metric"))
            trends[key] = {TREND_COLUMNS[name]: float(value) for name, value in row.items()}
        else:
            figures[partition] = {name: float(value) for name, value in row.items()}
    return Expected(figures, dict(_verdicts(text)), trends)


def _rows(text: str) -> Iterator[dict[str, str]]:
    names: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            names = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not names:
            names = cells
        elif not cells[0].startswith("---"):
            yield dict(zip(names, cells, strict=True))


def _verdicts(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for partition, names in re.findall(r"^- (\d{4}-\d\d-\d\d): (.+)$", text, re.MULTILINE):
        verdicts = {}
        for name in names.split(", "):
            check = name.rstrip("!").replace("anomaly:", "anomaly_")
            verdicts[check] = "critical" if name.endswith("!") else "warning"
        yield partition, verdicts
