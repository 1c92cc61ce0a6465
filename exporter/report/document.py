"""The snapshot as the document of ``monitoring_report.json``: plain dictionaries, strict JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import exporter
from exporter.checks.check import Alert
from exporter.checks.held import told_of
from exporter.checks.units import finding_words
from exporter.figures import files, reconciliation
from exporter.figures.table import METRICS
from exporter.gate.flag import gate_document
from exporter.history.detection import Detection
from exporter.history.trend import WINDOW_DAYS, PartitionTrends
from exporter.links import Links
from exporter.metric import Figures, Metric
from exporter.model import Stage
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.incidents import incident_document, problem_document
from exporter.report.instant import timestamp
from exporter.report.repaired import repaired_document

SCHEMA_VERSION = 1
LARGEST_EXACT = 2**53
PREFIXES = ("puffy_partition_", "puffy_")
LINES = ("malformed_lines", "repeated_header_lines")  # of a profile: line numbers, from 1

Json = dict[str, Any]


def report_heading(snapshot: Snapshot, vitals: Vitals) -> Json:
    """Return the part that differs between reports with equal content."""
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": timestamp(snapshot.generated_ns),
        "as_of": timestamp(snapshot.as_of_ns),
        "exporter": {"version": exporter.__version__, "problems": list(vitals.problems)},
    }


def overview(snapshot: Snapshot, links: Links) -> Json:
    """Return the report's summary of all partitions."""
    firing = snapshot.firing
    return {
        "status": snapshot.status or "ok",
        "blind": snapshot.blind,
        "summary": _summary(snapshot),
        "incidents": [incident_document(snapshot.feed, one, links) for one in snapshot.incidents],
        "alerts": [alert_document(snapshot.feed, alert, links) for alert in firing],
        "gate": gate_document(snapshot.gate),
        "tasks": _latest_tasks(snapshot),
    }


def alerts_document(snapshot: Snapshot, links: Links) -> Json:
    """Return only the firing alerts."""
    return {
        "as_of": timestamp(snapshot.as_of_ns),
        "alerts": [alert_document(snapshot.feed, alert, links) for alert in snapshot.firing],
    }


def alert_document(feed: str, alert: Alert, links: Links) -> Json:
    """Return one alert with everything that a person needs to act on it."""
    check = alert.check
    return {
        "alert": check.alert,
        "check": check.name,
        "partition": alert.partition.isoformat(),
        "severity": alert.severity,
        "kind": check.kind,
        "blocking": alert.blocks,
        "held": told_of(alert),
        "explains": list(check.explains),
        "labels": dict(alert.labels),
        "value": number(alert.value),
        "limit": number(float(alert.limit)),
        "expected": None if alert.expected is None else number(alert.expected),
        "found": finding_words(alert),
        "owner": check.owner,
        "summary": check.summary,
        "impact": check.impact,
        "resolution": list(check.resolution),
        "runbook_url": links.runbook(check.runbook),
        "page_url": links.partition(feed, alert.partition),
        "state": alert.state,
    }


def _summary(snapshot: Snapshot) -> Json:
    alertable = [view.partition for view in snapshot.window if view.facts.alertable]
    window = [view.partition.isoformat() for view in snapshot.window]
    return {
        "partitions": len(window),
        "first_partition": window[0] if window else None,
        "last_partition": window[-1] if window else None,
        "alertable_partitions": [partition.isoformat() for partition in alertable],
        "firing": {severity.value: count for severity, count in snapshot.firing_count.items()},
    }


def partition_document(feed: str, view: PartitionView, links: Links) -> Json:
    """Return the report's entry of one partition."""
    return {
        "status": view.status or "ok",
        "content": view.facts.content,
        "calendar": _plain(files.METRICS, view.figures),
        "stages": {stage.value: _stage(view, stage) for stage in Stage},
        "reconciliation": _plain(reconciliation.METRICS, view.figures),
        "trend": _trends(view),
        "baseline": _baseline(view.window),
        "tasks": _tasks(view.figures),
        "problems": [problem_document(problem, view.words) for problem in view.problems],
        "alerts": [alert_document(feed, alert, links) for alert in view.alerts],
        **_repaired(view),
    }


def _trends(view: PartitionView) -> Json:
    detections = view.window.detections or {}
    return {
        name: {**without_unknown(asdict(figures)), "detector": detector_document(detections[name])}
        for name, figures in (view.window.trends or {}).items()
    }


def detector_document(detection: Detection) -> Json:
    """Return a trend's detection on a day, without unknown values."""
    document = without_unknown(asdict(detection))
    if detection.event is not None:
        document["event"] = {"name": detection.event.name, "expect": detection.event.expect}
    return document


def _repaired(view: PartitionView) -> Json:
    if view.repair is None:
        return {}
    when = {"repaired_at": timestamp(view.repair.at_ns)}
    return {"repaired": when | repaired_document(view.repair)}


def without_unknown(figures: Mapping[str, Any]) -> Json:
    """Return the values that are known."""
    return {name: value for name, value in figures.items() if value is not None}


def _baseline(window: PartitionTrends) -> Json:
    return {
        "members": [
            member.partition.isoformat()
            for member in window.members
            if member.serves and member.lag <= WINDOW_DAYS
        ],
        "excluded": {
            member.partition.isoformat(): member.excluded
            for member in window.members
            if member.lag > 0 and member.excluded is not None
        },
    }


def short_name(metric: str) -> str:
    """Return a metric's name without the prefix that all of them share."""
    for prefix in PREFIXES:
        if metric.startswith(prefix):
            return metric.removeprefix(prefix)
    return metric


def _stage(view: PartitionView, stage: Stage) -> Json:
    document: Json = {}
    for metric in METRICS:
        if metric.labels[:1] != ("stage",):
            continue
        samples = {
            labels[1:]: value
            for labels, value in view.figures.get(metric.name, {}).items()
            if labels[0] == stage.value
        }
        if samples:
            document[short_name(metric.name)] = _value(metric.labels[1:], samples)
    facts = view.facts.stages.get(stage)
    if facts is not None and facts.error is not None:
        document["error"] = facts.error
    if facts is not None and facts.profile is not None:
        document |= {name: lines for name in LINES if (lines := list(getattr(facts.profile, name)))}
    return document


def _plain(metrics: tuple[Metric, ...], figures: Figures) -> Json:
    return {
        short_name(metric.name): _value(metric.labels, figures[metric.name])
        for metric in metrics
        if metric.labels[:1] != ("stage",) and metric.name in figures
    }


def _value(labels: tuple[str, ...], samples: Mapping[tuple[str, ...], float]) -> Json | float:
    if not labels:
        return number(samples[()])
    return {"/".join(key): number(value) for key, value in samples.items()}


def number(value: float) -> float:
    """Write counts as JSON integers, as readers expect."""
    return int(value) if float(value).is_integer() and abs(value) < LARGEST_EXACT else value


def _tasks(figures: Figures) -> Json:
    tasks: dict[str, Json] = {}
    for metric in reconciliation.TASK_METRICS:
        for (task,), value in figures.get(metric.name, {}).items():
            tasks.setdefault(task, {})[metric.name.removeprefix("puffy_task_")] = number(value)
    return tasks


def _latest_tasks(snapshot: Snapshot) -> Json:
    latest: Json = {}
    for view in snapshot.window:
        for task, figures in _tasks(view.figures).items():
            latest[task] = {"partition": view.partition.isoformat(), **figures}
    return latest
