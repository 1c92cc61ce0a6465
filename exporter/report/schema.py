"""The JSON Schema of the report, derived from the tables behind the report."""

from typing import Any

from exporter.causes.cause import Confidence
from exporter.checks.check import Kind, Severity, State
from exporter.checks.deviation import OPPOSITE
from exporter.figures import files, reconciliation
from exporter.figures.table import METRICS
from exporter.history.detection import Detection, Expect, Method, Readiness
from exporter.history.trend import TrendFigures
from exporter.incidents.incident import DayState, Standing, Why
from exporter.metric import Metric
from exporter.model import Stage
from exporter.report.document import LINES, SCHEMA_VERSION, short_name

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
TEXT: Schema = {"type": "string"}
DATE: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
SECOND = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
INSTANT: Schema = {"type": "string", "format": "date-time", "pattern": SECOND}
STATUS: Schema = {"enum": ["ok", *(severity.value for severity in reversed(Severity))]}
SEVERITY: Schema = {"enum": ["info", *(severity.value for severity in reversed(Severity))]}
CAUSE: Schema = {**TEXT, "description": "A cause, or the check that no cause explains."}
SUBJECT: Schema = {**TEXT, "description": "The column, event or task that it is about, empty for the day."}
NUMBERS: Schema = {"type": "object", "additionalProperties": NUMBER}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}


def report_schema() -> Schema:
    """Return the schema of ``monitoring_report.json``."""
    alert = {"$ref": "#/$defs/alert"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "puffy-exporter monitoring report",
        "description": "An absent key means that the value is unknown. No value is NaN or infinite.",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "generated_at": INSTANT,
                "as_of": INSTANT,
                "status": STATUS,
                "blind": {
                    "anyOf": [TEXT, {"type": "null"}],
                    "description": "Why there is nothing to judge; null otherwise.",
                },
                "summary": _summary(),
                "partitions": {
                    "type": "object",
                    "propertyNames": DATE,
                    "additionalProperties": {"$ref": "#/$defs/partition"},
                },
                "incidents": {"type": "array", "items": {"$ref": "#/$defs/incident"}},
                "alerts": {"type": "array", "items": alert},
                "gate": gate_schema(),
                "tasks": {
                    "type": "object",
                    "additionalProperties": _object({"partition": DATE}, others=NUMBER),
                },
                "exporter": _object({"version": TEXT, "problems": {"type": "array", "items": TEXT}}),
            }
        ),
        "$defs": {"alert": _alert(), "incident": _incident(), "partition": _partition(alert)},
    }


def _object(required: Schema, optional: Schema | None = None, others: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": others or False,
    }


def gate_schema() -> Schema:
    """Return the schema of the gate in the report, ``GATE_CLOSED`` and the HTTP interface."""
    hold = {
        "partition": DATE,
        "reason": {**TEXT, "description": "The check that blocks."},
        "since": {"type": "string", "format": "date-time"},
        "severity": {"enum": [severity.value for severity in Severity]},
        "value": NUMBER,
        "limit": NUMBER,
        "content": TEXT,
        "repaired": {"type": "boolean", "description": "The files have changed since and are fine."},
    }
    blind = {"anyOf": [TEXT, {"type": "null"}], "description": "Why nothing can be judged."}
    return _object(
        {"closed": {"type": "boolean"}, "blind": blind, "holds": {"type": "array", "items": _object(hold)}}
    )


def _summary() -> Schema:
    return _object(
        {
            "partitions": {"type": "integer", "minimum": 0},
            "first_partition": {"anyOf": [DATE, {"type": "null"}]},
            "last_partition": {"anyOf": [DATE, {"type": "null"}]},
            "alertable_partitions": {"type": "array", "items": DATE},
            "firing": _object({severity.value: {"type": "integer", "minimum": 0} for severity in Severity}),
        }
    )


def _partition(alert: Schema) -> Schema:
    always: Schema = {"value": NUMBER, "baseline_count": {"type": "integer", "minimum": 0}}
    always |= {"detector": _detector()}
    trend = _object(always, {name: NUMBER for name in TrendFigures.__slots__ if name not in always})
    return _object(
        {
            "status": STATUS,
            "content": {
                **TEXT,
                "description": "Identifies the files' content; acknowledgements refer to it.",
            },
            "calendar": _object({}, _figures(files.METRICS, staged=False)),
            "stages": _object({stage.value: _stage() for stage in Stage}),
            "reconciliation": _object({}, _figures(reconciliation.METRICS, staged=False)),
            "trend": {"type": "object", "additionalProperties": trend},
            "baseline": _object({"members": {"type": "array", "items": DATE}, "excluded": TEXTS}),
            "tasks": {"type": "object", "additionalProperties": NUMBERS},
            "problems": {"type": "array", "items": _problem()},
            "alerts": {"type": "array", "items": alert},
        },
        {"repaired": _repaired()},
    )


def _problem() -> Schema:
    return {
        **_object(
            {
                "cause": CAUSE,
                "subject": SUBJECT,
                "severity": SEVERITY,
                "state": {"enum": [state.value for state in State]},
                "title": TEXT,
                "seen": {**TEXT, "description": "What was found, with counts."},
                "explains": {"type": "array", "items": TEXT, "description": "Checks in breach under it."},
                "sides": {
                    "type": "object",
                    "additionalProperties": {"enum": list(OPPOSITE)},
                    "description": "To which side they deviate, and the cause if it can do either.",
                },
            },
            {
                "evidence": {"type": "object", "additionalProperties": {"type": ["number", "string"]}},
                "confidence": {"enum": [confidence.value for confidence in Confidence]},
                "breakdown": _breakdown(),
            },
        ),
        "description": "What is wrong with the day, each thing once; evidence if a cause was found.",
    }


def _breakdown() -> Schema:
    part = {
        "usual": {**NUMBER, "description": "What it adds to the total on such a day."},
        "found": NUMBER,
        "contribution": {**NUMBER, "description": "Its share of the total's change."},
    }
    value = {**TEXT, "description": "For a URL, its host; empty if there is none."}
    return {
        **_object(
            {
                "trend": TEXT,
                "column": TEXT,
                "values": {"type": "array", "items": _object({"value": value, **part}), "minItems": 1},
                "others": {**_object(part), "description": "All values but the first."},
            }
        ),
        "description": "The value that most of a volume's change comes from, then the next largest.",
    }


def _incident() -> Schema:
    dates = {"type": "array", "items": DATE}
    days = {
        "type": "object",
        "propertyNames": DATE,
        "additionalProperties": {"enum": [state.value for state in DayState]},
        "description": "Every day that it covers, and that day's state.",
    }
    return _object(
        {
            "id": {**TEXT, "description": "Stable across restarts and replays."},
            "cause": CAUSE,
            "subject": SUBJECT,
            "severity": {**SEVERITY, "description": "The highest severity that it has had."},
            "state": {"enum": [state.value for state in Standing]},
            "why": {
                "enum": [None, *(why.value for why in Why)],
                "description": "What ended it; null while it is open. Age alone does not end it.",
            },
            "since": DATE,
            "last": DATE,
            "days": days,
            "standing": {"type": "boolean", "description": "It has lasted a week or longer."},
            "notifiable": {"type": "boolean", "description": "People should have been notified of it."},
            "ended_at": {"anyOf": [INSTANT, {"type": "null"}]},
            "held": {**dates, "description": "Days whose load waits for an acknowledgement."},
            "held_by": {
                "type": "object",
                "propertyNames": DATE,
                "additionalProperties": {"type": "array", "items": TEXT},
                "description": "The checks that hold these days, also if the day is no longer judged.",
            },
            "checks": {"type": "array", "items": TEXT, "description": "Checks that fire on its days."},
            "owner": TEXT,
            "headline": TEXT,
            "text": TEXT,
            "next_step": TEXT,
            "runbook_url": TEXT,
            "page_url": TEXT,
        }
    )


def _detector() -> Schema:
    always: Schema = {
        "method": {"enum": [method.value for method in Method]},
        "readiness": {"enum": [readiness.value for readiness in Readiness]},
        "members": {"type": "integer", "minimum": 0},
    }
    event = _object({"name": TEXT, "expect": {"enum": [expect.value for expect in Expect]}})
    names = (name for name in Detection.__slots__ if name not in always and name != "event")
    return _object(always, dict.fromkeys(names, NUMBER) | {"event": event})


def _repaired() -> Schema:
    content = _object(
        {"status": STATUS, "rows": NUMBERS, "revenue": NUMBERS, "checks": {"type": "array", "items": TEXT}}
    )
    return {
        **_object({"repaired_at": INSTANT, "before": content, "after": content}),
        "description": "Files were replaced after they had been read. Both sides judged without trends.",
    }


def _stage() -> Schema:
    error = {"type": "string", "description": "Why the file cannot be read."}
    lines = {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "description": "Where the first of them start, counted from the file's first line.",
    }
    return _object({}, _figures(METRICS, staged=True) | {"error": error} | dict.fromkeys(LINES, lines))


def _figures(metrics: tuple[Metric, ...], *, staged: bool) -> Schema:
    chosen = (metric for metric in metrics if (metric.labels[:1] == ("stage",)) is staged)
    return {
        short_name(metric.name): {
            **(NUMBERS if metric.labels[staged:] else NUMBER),
            "description": metric.help,
        }
        for metric in chosen
        if not metric.name.startswith("puffy_task_")
    }


def _alert() -> Schema:
    return _object(
        {
            "alert": TEXT,
            "check": TEXT,
            "partition": DATE,
            "severity": {"enum": [severity.value for severity in Severity]},
            "kind": {"enum": [kind.value for kind in Kind]},
            "blocking": {"type": "boolean", "description": "The day's load waits for an acknowledgement."},
            "held": {
                "anyOf": [TEXT, {"type": "null"}],
                "description": "That the load is held and how to release it; null if it is not.",
            },
            "explains": {"type": "array", "items": TEXT, "description": "Checks that follow from this one."},
            "labels": TEXTS,
            "value": NUMBER,
            "limit": NUMBER,
            "expected": {
                "anyOf": [NUMBER, {"type": "null"}],
                "description": "What the value of an anomaly was expected to be; null if unknown.",
            },
            "found": {**TEXT, "description": "Where, how much and the limit, in words."},
            "owner": TEXT,
            "summary": TEXT,
            "impact": TEXT,
            "resolution": {"type": "array", "items": TEXT, "minItems": 1},
            "runbook_url": TEXT,
            "page_url": TEXT,
            "state": {"enum": [state.value for state in State]},
        }
    )
