"""Table and column lineage, from the single table of edges."""

from collections.abc import Iterator

from exporter.feed import Feed
from exporter.integrations.columns import edges_of
from exporter.integrations.montecarlo.assets import table_name
from exporter.integrations.reading import Json
from exporter.integrations.settings import MonteCarlo


def table_edges(feed: Feed, settings: MonteCarlo) -> Iterator[tuple[str, Json]]:
    """Yield each derived table with its lineage event."""
    for table, sources in edges_of(feed).items():
        yield (
            table,
            {
                "destination": _table(feed, table, settings),
                "sources": [_table(feed, source, settings) for source in sources],
            },
        )


def column_edges(feed: Feed, settings: MonteCarlo) -> Iterator[tuple[str, Json]]:
    """Yield the same edges by column."""
    for table, sources in edges_of(feed).items():
        yield (
            table,
            {
                "destination": _table(feed, table, settings),
                "sources": [_table(feed, source, settings) | {"asset_id": source} for source in sources],
                "fields": [
                    {
                        "name": name,
                        "source_fields": [{"asset_id": source, "field_name": origin} for origin in origins],
                    }
                    for source, fields in sources.items()
                    for name, origins in fields.items()
                ],
            },
        )


def _table(feed: Feed, table: str, settings: MonteCarlo) -> Json:
    return {
        "type": "TABLE",
        "name": table_name(feed, table),
        "database": settings.database,
        "schema": settings.database_schema,
    }
