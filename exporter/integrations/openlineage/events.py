"""A partition as an OpenLineage run event. Plain JSON: the official client only sends it."""

from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, uuid5

import orjson

import exporter
from exporter.checks.check import Check, Kind
from exporter.feed import Feed
from exporter.gate.answer import REPORT
from exporter.integrations.columns import REPORT_TABLE, columns_of, edges_of, type_of
from exporter.integrations.reading import Json, columns_seen, file_name, instant, last_change
from exporter.integrations.settings import OpenLineage
from exporter.model import Stage
from exporter.report.document import short_name

PRODUCER = f"urn:puffy-exporter:{exporter.__version__}"
SPEC = "https://openlineage.io/spec"
SCHEMAS = {  # facet -> version and name of its published schema
    "nominalTime": ("1-0-1", "NominalTimeRunFacet"),
    "ownership": ("1-0-1", "OwnershipDatasetFacet"),
    "schema": ("1-2-0", "SchemaDatasetFacet"),
    "columnLineage": ("1-2-0", "ColumnLineageDatasetFacet"),
    "dataQualityMetrics": ("1-0-3", "DataQualityMetricsInputDatasetFacet"),
    "dataQualityAssertions": ("1-1-0", "DataQualityAssertionsDatasetFacet"),
}
EVENT_SCHEMA = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
JOB = "daily-events-checks"


def partition_event(
    feed: Feed,
    partition: str,
    document: Json,
    checks: Iterable[Check],
    *,
    settings: OpenLineage,
    owner: str,
) -> Json:
    """Return the event of one partition: the same for the same content, including its run id."""
    assertions = list(_assertions(document, checks))
    inputs = [
        _input(
            feed,
            partition,
            document,
            stage,
            [made for of, made in assertions if of is stage],
            settings=settings,
            owner=owner,
        )
        for stage in feed.stages
        if document["stages"].get(stage.value, {}).get("readable") == 1
    ]
    calendar = document["calendar"]
    # The spec has no end of a day; the due time is when the day's files must exist.
    nominal = {
        "nominalStartTime": instant(calendar["start_timestamp_seconds"]),
        "nominalEndTime": instant(calendar["due_timestamp_seconds"]),
    }
    body: Json = {
        "eventTime": instant(last_change(document)),
        "eventType": "COMPLETE",
        "producer": PRODUCER,
        "schemaURL": EVENT_SCHEMA,
        "job": {"namespace": settings.namespace, "name": JOB, "facets": {}},
        "inputs": inputs,
        "outputs": [_report_table(feed, partition, settings)],
    }
    content = orjson.dumps([partition, body]).decode()
    run_id = str(uuid5(NAMESPACE_URL, content))
    return {**body, "run": {"runId": run_id, "facets": {"nominalTime": _facet("nominalTime", nominal)}}}


def _facet(name: str, content: Json) -> Json:
    version, schema = SCHEMAS[name]
    return {
        "_producer": PRODUCER,
        "_schemaURL": f"{SPEC}/facets/{version}/{schema}.json#/$defs/{schema}",
        **content,
    }


def _input(
    feed: Feed,
    partition: str,
    document: Json,
    stage: Stage,
    assertions: list[Json],
    *,
    settings: OpenLineage,
    owner: str,
) -> Json:
    figures = document["stages"][stage.value]
    facets = {
        "schema": _facet(
            "schema",
            {
                "fields": [
                    {"name": name, "type": type_of(feed, stage, name)}
                    for name in columns_seen(figures, feed.table(stage))
                ]
            },
        ),
        "ownership": _facet("ownership", {"owners": [{"name": f"team:{owner}", "type": "OWNER"}]}),
    }
    if stage.value in edges_of(feed):
        facets["columnLineage"] = _column_lineage(feed, stage.value, partition, settings)
    quality = {"dataQualityMetrics": _facet("dataQualityMetrics", _metrics(figures))}
    if assertions:
        quality["dataQualityAssertions"] = _facet("dataQualityAssertions", {"assertions": assertions})
    return {
        "namespace": settings.namespace,
        "name": file_name(feed.table(stage), partition),
        "facets": facets,
        "inputFacets": quality,
    }


def _metrics(figures: Json) -> Json:
    return {
        "rowCount": figures["rows"],
        "bytes": figures["size_bytes"],
        "fileCount": 1,
        "lastUpdated": instant(figures["updated_timestamp_seconds"]),
        "columnMetrics": {
            field: {"nullCount": missing, "count": figures["rows"] - missing}
            for field, missing in figures["missing_rows"].items()
        },
    }


def _report_table(feed: Feed, partition: str, settings: OpenLineage) -> Json:
    fields = [{"name": name} for name in columns_of(feed, REPORT_TABLE)]
    return {
        "namespace": settings.namespace,
        "name": f"monitoring/{REPORT}",
        "facets": {
            "schema": _facet("schema", {"fields": fields}),
            "columnLineage": _column_lineage(feed, REPORT_TABLE, partition, settings),
        },
        "outputFacets": {},
    }


def _column_lineage(feed: Feed, table: str, partition: str, settings: OpenLineage) -> Json:
    fields: Json = {}
    for source, columns in edges_of(feed).get(table, {}).items():
        for name, origins in columns.items():
            fields.setdefault(name, {"inputFields": []})["inputFields"] += [
                {
                    "namespace": settings.namespace,
                    "name": file_name(feed.table(Stage(source)), partition),
                    "field": origin,
                }
                for origin in origins
            ]
    return _facet("columnLineage", {"fields": fields})


def _assertions(document: Json, checks: Iterable[Check]) -> Iterator[tuple[Stage, Json]]:
    """Yield a verdict for each check that had a value, with its dataset."""
    breaches = {alert["check"]: alert for alert in document["alerts"]}
    for check in checks:
        breach = breaches.get(check.name)
        if breach is None and not _had_something_to_look_at(check, document):
            continue
        limit = min(check.limits.values()) if breach is None else breach["limit"]
        assertion: Json = {
            "assertion": check.kind.value,
            "success": breach is None,
            "name": check.name,
            "severity": "error" if check.blocking else "warn",
            "description": check.summary,
            "expected": _expected(check, limit),
        }
        if breach is not None:
            assertion["actual"] = f"{breach['value']:.10g}"
        yield _stage_of(check), assertion


def _expected(check: Check, limit: float) -> str:
    if check.kind is Kind.ANOMALY:
        return "within its normal range"
    return f"not {check.compare.value} {limit:.10g}"


def _had_something_to_look_at(check: Check, document: Json) -> bool:
    if check.value is None:
        return "baseline_avg" in document["trend"].get(check.trend or "", {})
    name = short_name(check.value.selector.metric)
    figures = (*document["stages"].values(), document["calendar"], document["reconciliation"])
    tasks = document["tasks"].values()
    return any(name in part for part in figures) or any(name.removeprefix("task_") in run for run in tasks)


def _stage_of(check: Check) -> Stage:
    stages = () if check.value is None else check.value.selector.labels.get("stage", ())
    return Stage(stages[0]) if len(stages) == 1 else Stage.RAW
