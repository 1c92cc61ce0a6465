"""DuckDB: one scan, aggregates with filters, JSON functions on checkout rows only."""

from pathlib import Path

import duckdb

from .figures import (
    CHECKOUT,
    COLUMNS,
    END_NS,
    MINUTE_NS,
    NA,
    START_NS,
    SYNTHETIC,
    Figures,
    silence,
)

NAMES = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
MISSING = ", ".join(f"'{value}'" for value in NA)
QUERY = f"""
WITH cells AS (
    SELECT coalesce(trim(client_id), '') AS client, coalesce(trim(referrer), '') AS referrer,
        coalesce(trim(timestamp), '') AS time, coalesce(trim(event_name), '') AS name,
        CASE WHEN trim(event_name) = '{CHECKOUT}' AND json_valid(event_data) THEN event_data::JSON END AS data
    FROM SOURCE
), facts AS (
    SELECT client, referrer, time, name, data,
        epoch_ns(try_cast(time AS TIMESTAMP_NS)) AS instant,
        CASE WHEN data IS NOT NULL THEN try_cast(data->>'$.revenue' AS DOUBLE) END AS revenue,
        CASE WHEN data IS NOT NULL THEN nullif(nullif(trim(data->>'$.transaction_id'), ''), 'null') END AS id,
        CASE WHEN data IS NOT NULL THEN
            coalesce(json_array_length(data, '$.items'), 0) > 0
            AND len(list_filter(data->>'$.items[*].item_id', lambda x: x IS NOT NULL))
                = json_array_length(data, '$.items')
            AND len(list_filter(list_concat(data->>'$.items[*].item_price', data->>'$.items[*].price'),
                lambda x: x IS NOT NULL)) >= json_array_length(data, '$.items')
        ELSE false END AS whole
    FROM cells
)
SELECT
    count(*) AS rows,
    count(*) FILTER (client IN ({MISSING})) AS missing_client_id,
    count(*) FILTER (time IN ({MISSING})) AS missing_timestamp,
    count(*) FILTER (name IN ({MISSING})) AS missing_event_name,
    histogram(name) FILTER (name NOT IN ({MISSING})) AS events,
    count(*) FILTER (name = '{CHECKOUT}') AS checkouts,
    count(*) FILTER (revenue <= 0) AS zero_value,
    count(*) FILTER (name = '{CHECKOUT}' AND revenue IS NULL) AS invalid_revenue,
    count(*) FILTER (name = '{CHECKOUT}' AND id IS NULL) AS missing_transaction_id,
    count(id) - count(DISTINCT id) AS duplicate_transaction_id,
    count(*) FILTER (name = '{CHECKOUT}' AND NOT whole) AS corrupt_items,
    count(*) FILTER (name = '{CHECKOUT}' AND data IS NULL) AS unparseable_event_data,
    round(sum(revenue), 2) AS revenue,
    count(*) FILTER (referrer IN ({MISSING})) AS referrer_null,
    count(*) FILTER (contains(referrer, 'ource-') AND regexp_matches(referrer, '{SYNTHETIC}'))
        AS referrer_synthetic,
    count(*) FILTER (instant IS NULL AND time NOT IN ({MISSING})) AS unparseable_timestamps,
    count(*) FILTER (instant < {START_NS} OR instant >= {END_NS}) AS out_of_day_rows,
    min(instant) AS first_event_ns,
    max(instant) AS last_event_ns,
    list(DISTINCT (instant - {START_NS}) // {MINUTE_NS})
        FILTER (instant >= {START_NS} AND instant < {END_NS}) AS minutes
FROM facts
"""
SOURCES = {
    ".parquet": "read_parquet($path)",
    ".ndjson": f"read_json($path, format='newline_delimited', columns={{{NAMES}}})",
}
CSV = (
    "read_csv($path, auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
    f"columns={{{NAMES}}})"
)


def profile(path: Path, threads: int) -> Figures:
    """Compute everything in one query."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    answer = connection.execute(QUERY.replace("SOURCE", SOURCES.get(path.suffix, CSV)), {"path": str(path)})
    names = [column[0] for column in answer.description]
    figures: Figures = dict(zip(names, answer.fetchone(), strict=True))
    figures["longest_silence_seconds"] = silence(figures.pop("minutes"))
    return figures
