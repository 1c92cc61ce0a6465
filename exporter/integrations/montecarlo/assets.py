"""Schema, volume and freshness of the logical tables."""

from collections.abc import Mapping

from exporter.feed import Feed
from exporter.integrations.columns import type_of
from exporter.integrations.reading import Json, columns_seen, instant, readable
from exporter.integrations.settings import MonteCarlo
from exporter.model import Stage

Counted = Mapping[tuple[str, Stage], tuple[int, int]]  # partition, stage -> rows, bytes


def table_name(feed: Feed, stage: str) -> str:
    """Return the name of a logical table."""
    return f"{feed.id.replace('-', '_')}_{stage}"


def _came(figures: Json) -> float:
    """Return when a file arrived, or when it was written if it was copied and its arrival is unknown."""
    known = (
        "arrival_timestamp_seconds" if "arrival_timestamp_seconds" in figures else "updated_timestamp_seconds"
    )
    return float(figures[known])


def count_rows(report: Json) -> dict[tuple[str, Stage], tuple[int, int]]:
    """Return rows and bytes of every readable file of the report."""
    return {
        (partition, stage): (int(figures["rows"]), int(figures["size_bytes"]))
        for stage in Stage
        for partition, figures in readable(report, stage)
    }


def table_event(
    report: Json, feed: Feed, stage: Stage, counted: Counted, *, settings: MonteCarlo, owner: str
) -> Json | None:
    """Return the message about a logical table, ``None`` while it has no readable file.

    Columns and freshness are those of the newest partition. Volume covers all partitions ever counted: the
    table only grows, which is what a volume monitor expects of one.
    """
    files = list(readable(report, stage))
    if not files:
        return None
    newest = files[-1][1]
    numbers = [both for (_, of), both in counted.items() if of is stage]
    tags = {"owner": owner, "stage": stage.value, "format": "csv", "partition_key": "day"}
    asset: Json = {
        "type": "TABLE",
        "metadata": {
            "name": table_name(feed, stage),
            "database": settings.database,
            "schema": settings.database_schema,
            "description": feed.table(stage).description,
        },
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
        "fields": [
            {"name": name, "type": type_of(feed, stage, name)}
            for name in columns_seen(newest, feed.table(stage))
        ],
        "volume": {
            "row_count": sum(rows for rows, _ in numbers),
            "byte_count": sum(size for _, size in numbers),
        },
        "freshness": {"last_update_time": instant(_came(newest))},
    }
    return {"relational_asset": {key: value for key, value in asset.items() if value != []}}
