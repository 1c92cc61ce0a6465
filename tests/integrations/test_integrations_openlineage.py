"""OpenLineage events, against the official client's models and a collector that records."""

import importlib
import inspect
import json
from typing import Any

import attr
import pytest
from golden import matches
from integrations_world import Pipeline
from openlineage.client.generated import base
from recorder import Peer

from exporter.integrations.openlineage.events import EVENT_SCHEMA, SCHEMAS, SPEC

MODULES = {
    "NominalTimeRunFacet": "nominal_time_run",
    "OwnershipDatasetFacet": "ownership_dataset",
    "SchemaDatasetFacet": "schema_dataset",
    "ColumnLineageDatasetFacet": "column_lineage_dataset",
    "DataQualityMetricsInputDatasetFacet": "data_quality_metrics_input_dataset",
    "DataQualityAssertionsDatasetFacet": "data_quality_assertions_dataset",
}


def events(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Push to a file and return its lines."""
    file = pipeline.output / "events.jsonl"
    pipeline.configure(openlineage={"file": str(file)})
    done = pipeline.push("openlineage")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in file.read_text().splitlines()]


def model(name: str) -> Any:
    """Return the client's model of a facet."""
    schema = SCHEMAS[name][1]
    return getattr(importlib.import_module(f"openlineage.client.generated.{MODULES[schema]}"), schema)


def test_golden_event_of_a_partition(pipeline: Pipeline) -> None:
    """One line per partition; the broken day's is the golden one."""
    lines = events(pipeline)
    assert len(lines) == 3
    assert matches("tests/integrations/openlineage.json", json.dumps(lines[1], indent=2) + "\n")


def test_schemas_are_those_of_the_official_client() -> None:
    """Addresses and versions are compared with its generated models."""
    assert base.RunEvent._get_schema() == EVENT_SCHEMA
    for name, (version, schema) in SCHEMAS.items():
        assert model(name)._get_schema() == f"{SPEC}/facets/{version}/{schema}.json#/$defs/{schema}"


def test_every_part_fits_the_official_clients_models(pipeline: Pipeline) -> None:
    """No unknown field, and none of the wrong type."""
    for event in events(pipeline):
        run = base.Run(event["run"]["runId"], {})
        job = base.Job(event["job"]["namespace"], event["job"]["name"], {})
        kind = base.EventType(event["eventType"])
        base.RunEvent(
            eventTime=event["eventTime"], producer=event["producer"], run=run, job=job, eventType=kind
        )
        assert {"eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs", "eventType"} == set(
            event
        )
        facets = dict(event["run"]["facets"])
        for dataset in (*event["inputs"], *event["outputs"]):
            facets |= dataset["facets"] | dataset.get("inputFacets", {})
        for name, facet in facets.items():
            content = {key: value for key, value in facet.items() if not key.startswith("_")}
            made = model(name)(**content)
            assert content.keys() <= attr.asdict(made).keys()
        for facet, part in (("dataQualityAssertions", "assertions"), ("schema", "fields")):
            inner = importlib.import_module(model(facet).__module__)
            kind = inner.Assertion if part == "assertions" else inner.SchemaDatasetFacetFields
            for content in facets[facet][part]:
                assert content.keys() <= set(inspect.signature(kind).parameters)
                kind(**content)


def test_assertions_tell_what_was_expected_and_found(pipeline: Pipeline) -> None:
    """A breach has its figures, a pass has none; checks without data are left out."""
    broken = events(pipeline)[1]
    raw = broken["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    by_name = {assertion["name"]: assertion for assertion in raw}
    assert by_name["schema_mismatch"] | {"description": ""} == {
        "assertion": "threshold",
        "success": False,
        "name": "schema_mismatch",
        "severity": "error",
        "description": "",
        "expected": "not == 1",
        "actual": "1",
    }
    assert by_name["malformed_rows"]["success"] is True
    assert "anomaly_events" not in by_name


def test_an_event_is_sent_once(pipeline: Pipeline, peer: Peer) -> None:
    """By the official client, under the same run id for the same content, until the content changes."""
    pipeline.configure(openlineage={"url": peer.address, "timeout": "2s"})
    done = pipeline.push("openlineage", OPENLINEAGE_API_KEY="key-of-the-test")
    assert (done.returncode, done.stderr) == (0, "")
    assert peer.paths == ["/api/v1/lineage"] * 3
    assert peer.requests[0][1]["Authorization"] == "Bearer key-of-the-test"
    assert pipeline.push("openlineage").stdout.startswith("0 messages accepted")
    assert len(peer.requests) == 3


@pytest.mark.parametrize(("answer", "requests"), [(400, 3), (401, 1), ("hang up", None)])
def test_a_collector_that_refuses_gets_it_again_later(
    pipeline: Pipeline, peer: Peer, answer: int | str, requests: int | None
) -> None:
    """Nothing is lost, and the exit code reports it."""
    pipeline.configure(openlineage={"url": peer.address, "timeout": "2s"})
    peer.answer = answer
    done = pipeline.push("openlineage")
    assert done.returncode == 4
    assert "3 waiting" in done.stdout
    assert "Traceback" not in done.stderr
    assert requests is None or len(peer.requests) == requests
    peer.answer = 202
    assert pipeline.push("openlineage").stdout.startswith("3 messages accepted")
