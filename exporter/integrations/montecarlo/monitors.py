"""Monitors as code for the warehouse table of clean events: distribution cannot be pushed."""

from collections.abc import Iterable

import yaml

from exporter.checks.check import Check
from exporter.feed import Feed
from exporter.integrations.reading import Json
from exporter.integrations.settings import MonteCarlo

HEADING = "# Made by `puffy-exporter push montecarlo --monitors`. Apply: montecarlo monitors apply\n"
TABLE_METRICS = ("last_updated_on", "schema", "total_row_count", "total_row_count_last_changed_on")


def monitors_text(feed: Feed, settings: MonteCarlo, checks: Iterable[Check]) -> str:
    """Return YAML monitors for a table in a warehouse connected to Monte Carlo."""
    document = {
        "montecarlo": {"table": [_table(settings)], "custom_sql": list(_nulls(feed, settings, checks))}
    }
    return HEADING + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _table(settings: MonteCarlo) -> Json:
    return {
        "name": "puffy_clean_events_table",
        "description": "Freshness, schema and volume of the clean events.",
        "asset_selection": {"databases": [_database(settings)]},
        "alert_conditions": [{"metric": metric, "operator": "AUTO"} for metric in TABLE_METRICS],
    }


def _nulls(feed: Feed, settings: MonteCarlo, checks: Iterable[Check]) -> list[Json]:
    check = next((check for check in checks if check.name == "clean_missing_mandatory"), None)
    limit = 0.0 if check is None else min(check.limits.values())
    table = settings.warehouse_table.replace(":", ".")
    return [
        {
            "name": f"puffy_clean_missing_{field}",
            "description": f"Clean rows without {field}.",
            "warehouse": "default",
            "sql": f"SELECT count(*) FROM {table} WHERE {field} IS NULL",  # noqa: S608  names of ours
            "alert_conditions": [{"operator": "GT", "threshold_value": limit}],
            "schedule": {"type": "fixed", "interval_minutes": 1440},
        }
        for field in feed.raw.required
    ]


def _database(settings: MonteCarlo) -> Json:
    database, _, rest = settings.warehouse_table.partition(":")
    schema, _, table = rest.partition(".")
    return {"name": database, "schemas": [{"name": schema, "tables": [{"name": table}]}]}
