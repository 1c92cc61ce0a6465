"""The upstream DQ step: which rows it keeps, which it rejects and why, and the reports it writes.

Its items rule requires only ``item_id``, so orders without prices pass: the exporter exists to see what
upstream overlooks.
"""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exporter.demo.files import write_csv, write_file
from exporter.demo.names import RAW_COLUMNS, RAW_GLOB, clean_path, manifest_path, rejects_path, summary_path
from exporter.demo.rows import CART, CHECKOUT_STARTED, ORDER
from exporter.model import SCHEMA_MISMATCH_REASON

COMMERCE = frozenset({CART, CHECKOUT_STARTED, ORDER})
KNOWN_AS = {"clientId": "client_id"}
UPSTREAM_ROOT = "/srv/pipeline"  # the manifest contains paths of the upstream host, not of this one
SUMMARY_COLUMNS = ("file", "raw_rows", "clean_rows", "reject_rows", "reject_pct", "dq_reasons_sample")
SAMPLED_REASONS = 5

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, as text."""

    header: Cells
    rows: tuple[Cells, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """The DQ step's result for one raw file; the two parts together have each raw row once, in order."""

    clean: Table
    rejects: Table


def sort_rows(raw: Table) -> Sorted:
    """Split raw rows into clean ones and rejects with their reasons.

    A file that lacks an expected column is rejected completely, which leaves only a header in the clean file.
    """
    header = tuple(KNOWN_AS.get(name, name) for name in raw.header)
    referrer = header.index("referrer") if "referrer" in header else None
    clean_header = header if referrer is None else (*header, "referrer_host")
    lacking = [name for name in RAW_COLUMNS if name not in header]
    mismatch = f"{SCHEMA_MISMATCH_REASON}:{','.join(lacking)}" if lacking else ""
    clean: list[Cells] = []
    rejects: list[Cells] = []
    for row in raw.rows:
        cells = row if referrer is None else (*row, _host(row[referrer]))
        reason = mismatch or "|".join(_reasons(dict(zip(header, row, strict=True))))
        if reason:
            rejects.append((*cells, reason))
        else:
            clean.append(cells)
    return Sorted(Table(clean_header, tuple(clean)), Table((*clean_header, "dq_reason"), tuple(rejects)))


def run_dq(directory: Path, at: datetime) -> None:
    """Write a DQ summary and a manifest, stamped ``at``, over all partitions that the step has sorted.

    The figures are counted from the files. A raw file that cannot be read, or that was not sorted yet, is
    left out of both.
    """
    counted = [_count(directory, raw) for raw in sorted(directory.glob(RAW_GLOB))]
    sorted_days = [count for count in counted if count is not None]
    write_csv(directory / summary_path(at), SUMMARY_COLUMNS, map(_summary, sorted_days), at)
    manifest = json.dumps([_paths(day.name) for day in sorted_days], indent=2)
    write_file(directory / manifest_path(at), f"{manifest}\n", at)


def _reasons(row: dict[str, str]) -> Iterator[str]:
    if not row["client_id"]:
        yield "missing_client_id"
    if row["event_name"] not in COMMERCE:
        return
    data = _parse_object(row["event_data"])
    if data is None:
        yield "missing_or_unparseable_event_data"
    elif row["event_name"] == ORDER:
        yield from _order_reasons(data)


def _order_reasons(order: dict[str, Any]) -> Iterator[str]:
    revenue, items = order.get("revenue"), order.get("items")
    if not (isinstance(revenue, int | float) and math.isfinite(revenue) and revenue > 0):
        yield "checkout_invalid_or_zero_revenue"
    if not (isinstance(items, list) and items and all(item.get("item_id") for item in items)):
        yield "checkout_bad_or_missing_items"


def _parse_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@lru_cache(maxsize=1024)
def _host(referrer: str) -> str:
    return urlsplit(referrer).hostname or ""


@dataclass(frozen=True, slots=True)
class _Count:
    name: str
    raw: int
    clean: int
    reasons: Sequence[str]  # one per reject


def _count(directory: Path, raw: Path) -> _Count | None:
    try:
        rows = sum(1 for _ in _records(raw))
        clean = sum(1 for _ in _records(directory / clean_path(raw.name)))
        reasons = [record[-1] for record in _records(directory / rejects_path(raw.name))]
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    return _Count(raw.name, rows, clean, reasons)


def _records(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        next(reader, None)
        yield from reader


def _summary(day: _Count) -> Iterable[object]:
    rejected = len(day.reasons)
    percent = round(100 * rejected / day.raw, 3) if day.raw else 0.0
    sample = list(dict.fromkeys(day.reasons))[:SAMPLED_REASONS]
    return (day.name, day.raw, day.clean, rejected, percent, str(sample))


def _paths(name: str) -> dict[str, str]:
    return {
        "raw": f"{UPSTREAM_ROOT}/{name}",
        "clean": f"{UPSTREAM_ROOT}/{clean_path(name)}",
        "reject": f"{UPSTREAM_ROOT}/{rejects_path(name)}",
    }
