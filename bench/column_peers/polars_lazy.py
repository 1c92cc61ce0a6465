"""Polars: one lazy streaming scan with typed numbers, and one expression per figure."""

from pathlib import Path

import polars as pl

from . import COLUMNS, MISSING, Told

READ = {"number": pl.Float64, "integer": pl.Int64}


def tell(path: Path, threads: int) -> Told:
    """Collect everything in one pass; Polars reads its number of threads at import."""
    assert pl.thread_pool_size() == threads
    asked = {}
    for name, kind in COLUMNS.items():
        column = pl.col(name)
        if kind == "timestamp":
            time = column.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
            seconds = time.dt.epoch("s")
            asked |= {(name, "minimum"): seconds.min(), (name, "maximum"): seconds.max()}
        asked[name, "missing_rows"] = column.null_count()
        if kind == "category":
            asked[name, "values"] = column.value_counts().implode()
            continue
        asked[name, "distinct"] = column.n_unique()
        if kind in READ:
            asked |= {
                (name, "minimum"): column.min(),
                (name, "maximum"): column.max(),
                (name, "sum"): column.sum(),
                (name, "mean"): column.mean(),
            }
    schema = {name: READ.get(kind, pl.String) for name, kind in COLUMNS.items()}
    frame = pl.scan_csv(path, schema=schema, null_values=list(MISSING))
    row = frame.select(**{f"{name} {figure}": wish for (name, figure), wish in asked.items()})
    found = row.collect(engine="streaming").row(0, named=True)
    told: Told = {name: {} for name in COLUMNS}
    for (name, figure), value in zip(asked, found.values(), strict=True):
        told[name][figure] = value
    for name, figures in told.items():
        if "values" in figures:
            figures["values"] = {pair[name]: pair["count"] for pair in figures["values"] if pair[name]}
            figures["distinct"] = len(figures["values"])
        elif figures["missing_rows"]:
            figures["distinct"] -= 1  # null is one of them
    return told
