"""The report as messages to Monte Carlo, and the messages as requests within its limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from exporter.feed import Feed
from exporter.integrations.montecarlo.assets import Counted, table_event
from exporter.integrations.montecarlo.jobs import job_event, run_event
from exporter.integrations.montecarlo.lineage import column_edges, table_edges
from exporter.integrations.outbox import Item
from exporter.integrations.reading import Json
from exporter.integrations.settings import PLACEHOLDER_UUID, MonteCarlo

MOST_EVENTS = 100  # in one request; the server's limit
MOST_BYTES = 500_000  # of a body; the server refuses those beyond one megabyte
RENEW_SECONDS = 20 * 3600.0  # column edges expire there after ten days, freshness needs a value per day


@dataclass(frozen=True, slots=True)
class Channel:
    """Where events of one kind go."""

    path: str
    event_type: str
    etl: bool = False


CHANNELS: Mapping[str, Channel] = {
    "1-metadata": Channel("/ingest/v1/metadata", "METADATA"),
    "2-lineage": Channel("/ingest/v1/lineage", "LINEAGE"),
    "3-columns": Channel("/ingest/v1/lineage", "COLUMN_LINEAGE"),
    "4-jobs": Channel("/ingest/v1/etl/metadata", "ETL_METADATA", etl=True),
    "5-runs": Channel("/ingest/v1/etl/runs", "ETLRUN", etl=True),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """One request, and the subjects it covers."""

    path: str
    body: Json
    subjects: tuple[str, ...]


def compose(
    report: Json, feed: Feed, settings: MonteCarlo, counted: Counted, *, owner: str, contact: str | None
) -> list[Item]:
    """Return the report's messages."""
    tables = (
        (stage, table_event(report, feed, stage, counted, settings=settings, owner=owner))
        for stage in feed.stages
    )
    items = [
        Item(f"table {stage}", "1-metadata", event, RENEW_SECONDS)
        for stage, event in tables
        if event is not None
    ]
    items += [Item(f"lineage {table}", "2-lineage", event) for table, event in table_edges(feed, settings)]
    items += [
        Item(f"columns {table}", "3-columns", event, RENEW_SECONDS)
        for table, event in column_edges(feed, settings)
    ]
    items.append(Item("job", "4-jobs", job_event(report, owner, contact)))
    items += [
        Item(f"run {partition}", "5-runs", run_event(feed, partition, document))
        for partition, document in sorted(report["partitions"].items())
        if document["stages"]["raw"].get("present") == 1 or document["alerts"]
    ]
    return items


def batches(waiting: Sequence[tuple[str, str, Mapping[str, Any]]], settings: MonteCarlo) -> Iterator[Batch]:
    """Group waiting messages (subject, channel, event) into as few requests as the limits allow."""
    for name, channel in CHANNELS.items():
        mine = [(subject, event) for subject, of, event in waiting if of == name]
        for group in _groups(mine):
            yield Batch(
                channel.path,
                {
                    "event_type": channel.event_type,
                    "resource": _resource(channel, settings),
                    "events": [event for _, event in group],
                },
                tuple(subject for subject, _ in group),
            )


def _groups(
    events: Iterable[tuple[str, Mapping[str, Any]]],
) -> Iterator[list[tuple[str, Mapping[str, Any]]]]:
    group: list[tuple[str, Mapping[str, Any]]] = []
    size = 0
    for subject, event in events:
        length = len(orjson.dumps(event))
        if group and (len(group) == MOST_EVENTS or size + length > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append((subject, event))
        size += length
    if group:
        yield group


def _resource(channel: Channel, settings: MonteCarlo) -> Json:
    uuid = settings.resource_uuid or PLACEHOLDER_UUID
    if channel.etl:
        return {
            "uuid": settings.etl_resource_uuid or uuid,
            "resource_type": settings.etl_resource_type,
        }
    return {"uuid": uuid, "resource_type": settings.resource_type}
