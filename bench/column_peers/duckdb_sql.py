"""DuckDB: one scan with typed numbers and times, and one aggregate per figure."""

from pathlib import Path

import duckdb

from . import COLUMNS, MISSING, Told

READ = {
    "category": "VARCHAR",
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "number": "DOUBLE",
    "integer": "BIGINT",
}
ASKED = {
    "category": {"values": "histogram({0})"},
    "text": {},
    "timestamp": {"minimum": "epoch(min({0}))", "maximum": "epoch(max({0}))"},
    "number": {"minimum": "min({0})", "maximum": "max({0})", "sum": "sum({0})", "mean": "avg({0})"},
}
ASKED["integer"] = ASKED["number"]
EVERY = {"missing_rows": "count(*) - count({0})", "distinct": "count(DISTINCT {0})"}


def tell(path: Path, threads: int) -> Told:
    """Compute everything in one query."""
    asked = [
        (name, figure, text.format(name))
        for name, kind in COLUMNS.items()
        for figure, text in (EVERY | ASKED[kind]).items()
        if (kind, figure) != ("category", "distinct")  # from its histogram
    ]
    types = ", ".join(f"'{name}': '{READ[kind]}'" for name, kind in COLUMNS.items())
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    row = connection.execute(
        f"SELECT {', '.join(text for _, _, text in asked)} FROM read_csv('{path}', auto_detect=false,"
        f" header=true, delim=',', quote='\"', escape='\"', nullstr={list(MISSING)}, columns={{{types}}})"
    ).fetchone()
    told: Told = {name: {} for name in COLUMNS}
    for (name, figure, _), value in zip(asked, row or (), strict=True):
        told[name][figure] = float(value) if figure == "sum" else value
    for name, kind in COLUMNS.items():
        if kind == "category":
            told[name]["distinct"] = len(told[name]["values"])
    return told
