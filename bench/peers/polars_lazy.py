"""Polars: one lazy streaming scan, aggregates as expressions, JSON in Python on checkout rows only."""

import os
from pathlib import Path

from .figures import (
    CHECKOUT,
    COLUMNS,
    END_NS,
    MINUTE_NS,
    NA,
    START_NS,
    SYNTHETIC,
    Figures,
    judge_orders,
    silence,
)


def profile(path: Path, threads: int) -> Figures:
    """Collect everything in one pass; Polars reads its number of threads at import."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl  # noqa: PLC0415  it reads the number of threads when it is imported

    def is_missing(name: str) -> pl.Expr:
        return pl.col(name).is_null() | pl.col(name).str.strip_chars().is_in(NA)

    instant = (
        pl.col("timestamp")
        .str.strip_chars()
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ns", strict=False)
    )
    schema = dict.fromkeys(COLUMNS, pl.String)
    scan = {
        ".parquet": lambda: pl.scan_parquet(path),
        ".ndjson": lambda: pl.scan_ndjson(path, schema=schema),
    }.get(path.suffix, lambda: pl.scan_csv(path, schema=schema))
    frame = scan().with_columns(
        instant.cast(pl.Int64).alias("instant"), pl.col("event_name").str.strip_chars().alias("name")
    )
    inside = (pl.col("instant") >= START_NS) & (pl.col("instant") < END_NS)
    answer = frame.select(
        rows=pl.len(),
        missing_client_id=is_missing("client_id").sum(),
        missing_timestamp=is_missing("timestamp").sum(),
        names=pl.col("name").value_counts().implode(),
        referrer_null=is_missing("referrer").sum(),
        referrer_synthetic=pl.col("referrer").str.strip_chars().str.contains(SYNTHETIC).sum(),
        unparseable_timestamps=(pl.col("instant").is_null() & ~is_missing("timestamp")).sum(),
        out_of_day_rows=(~inside).sum(),
        first_event_ns=pl.col("instant").min(),
        last_event_ns=pl.col("instant").max(),
        minutes=((pl.col("instant").filter(inside) - START_NS) // MINUTE_NS).unique().implode(),
        orders=pl.col("event_data").filter(pl.col("name") == CHECKOUT).implode(),
    ).collect(engine="streaming")
    figures: Figures = answer.row(0, named=True)
    counts = {pair["name"]: pair["count"] for pair in figures.pop("names")}
    figures["missing_event_name"] = sum(count for name, count in counts.items() if name in NA)
    figures["events"] = {name: count for name, count in counts.items() if name not in NA}
    figures["longest_silence_seconds"] = silence(figures.pop("minutes"))
    return figures | judge_orders(figures.pop("orders"))
