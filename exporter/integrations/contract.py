"""The data contract that the configuration amounts to, in the Open Data Contract Standard."""

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

import exporter
from exporter.checks.check import Check, Compare, Kind
from exporter.discover.calendar import Calendar
from exporter.integrations.columns import type_of
from exporter.integrations.delivery import Owner
from exporter.integrations.montecarlo.assets import DESCRIPTIONS, table_name
from exporter.integrations.reading import Json
from exporter.model import EXPECTED_COLUMNS, MANDATORY_FIELDS, Stage

STANDARD = "v3.1.0"
ENGINE = "puffy-exporter"
HEADING = "# Made by `puffy-exporter contract` from the configuration. Do not edit.\n"


def contract_text(checks: Sequence[Check], calendar: Calendar, owner: Owner) -> str:
    """Return the contract as YAML."""
    return HEADING + yaml.safe_dump(
        contract_document(checks, calendar, owner), sort_keys=False, allow_unicode=True, width=100
    )


def contract_document(checks: Sequence[Check], calendar: Calendar, owner: Owner) -> Json:
    """Return columns, mandatory fields, service levels, owners and limits."""
    document: Json = {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": "puffy-web-events",
        "name": "Daily web events",
        "version": exporter.__version__,
        "status": "active",
        "description": {"purpose": "Web events of one calendar day a partition: raw, clean and rejected."},
        "team": {"name": owner.team} | ({"members": [_member(owner.contact)]} if owner.contact else {}),
        "slaProperties": list(_service_levels(checks, calendar)),
        "schema": [_table(stage, checks) for stage in Stage],
    }
    if owner.contact:
        document["support"] = [{"channel": owner.contact, "tool": "email", "url": f"mailto:{owner.contact}"}]
    return document


def _member(contact: str) -> Json:
    return {"username": contact, "role": "owner"}


def _service_levels(checks: Sequence[Check], calendar: Calendar) -> Iterator[Json]:
    element = f"{table_name(Stage.RAW)}.timestamp"
    yield {"property": "frequency", "value": 1, "unit": "d", "element": element}
    yield {
        "property": "timeOfAvailability",
        "value": f"{calendar.due_time:%H:%M} {calendar.zone}",
        "element": element,
        "description": "On the day after the partition's.",
    }
    for check in checks:
        if check.name == "stage_missing" and check.value and check.value.after_due_seconds is not None:
            yield {
                "property": "latency",
                "value": check.value.after_due_seconds / 3600,
                "unit": "h",
                "element": f"{table_name(Stage.CLEAN)}.timestamp",
                "description": "After the raw file was due.",
            }


def _table(stage: Stage, checks: Sequence[Check]) -> Json:
    return {
        "name": table_name(stage),
        "logicalType": "object",
        "physicalType": "file",
        "description": DESCRIPTIONS[stage],
        "properties": [_column(name) for name in EXPECTED_COLUMNS[stage]],
        "quality": [rule for check in checks if _stage_of(check) is stage for rule in _rules(check)],
    }


def _column(name: str) -> Json:
    return {
        "name": name,
        "logicalType": "timestamp" if type_of(name) == "TIMESTAMP" else "string",
        "physicalType": type_of(name),
        "required": name in MANDATORY_FIELDS,
    }


def _stage_of(check: Check) -> Stage:
    stages = () if check.value is None else check.value.selector.labels.get("stage", ())
    return Stage(stages[0]) if len(stages) == 1 else Stage.RAW


def _rules(check: Check) -> Iterator[Json]:
    """Yield a rule for each limit; the standard has no word for what we compute, so the engine is ours."""
    for severity, limit in check.limits.items():
        yield {
            "name": check.name if len(check.limits) == 1 else f"{check.name}_{severity.value}",
            "type": "custom",
            "engine": ENGINE,
            "implementation": _implementation(check, limit),
            "description": check.summary,
            "businessImpact": check.impact,
            "severity": severity.value,
            "customProperties": [
                {"property": "owner", "value": check.owner},
                {"property": "blocking", "value": check.blocking},
            ],
        }


def _implementation(check: Check, limit: float) -> Json:
    if check.kind is Kind.ANOMALY:
        band = check.band
        return {
            "check": check.name,
            "trend": check.trend,
            "sigma": limit,
            "min_deviation": band.min_deviation,
            "max_deviation": band.max_deviation,
            "direction": band.direction.value,
        }
    words = {
        Compare.ABOVE: "mustNotBeAbove",
        Compare.BELOW: "mustNotBeBelow",
        Compare.EQUAL: "mustNotBe",
        Compare.UNEQUAL: "mustBe",
        Compare.AT_LEAST: "mustBeBelow",
        Compare.AT_MOST: "mustBeAbove",
    }
    metric: Any = None if check.value is None else check.value.selector.metric
    return {"check": check.name, "metric": metric, words[check.compare]: limit}
