"""Incidents in the report: the current state of each, and of each of its days."""

from collections.abc import Mapping
from typing import Any

from exporter.causes.problem import Problem
from exporter.history.contributions import Breakdown, Contribution
from exporter.incidents.incident import Incident
from exporter.incidents.texts import is_notifiable, is_standing, severity_name, texts_of
from exporter.incidents.words import Words
from exporter.links import Links
from exporter.pipeline.snapshot import Snapshot
from exporter.plain import LONGEST_LINE, plain
from exporter.report.instant import timestamp

Json = dict[str, Any]


def incident_document(feed: str, incident: Incident, links: Links) -> Json:
    """Return one incident with everything that a person needs to act on it."""
    said = texts_of(feed, incident)
    return {
        "id": incident.id,
        "cause": incident.name,
        "subject": incident.subject,
        "severity": severity_name(incident.severity),
        "state": incident.state,
        "why": incident.why,
        "since": incident.since.isoformat(),
        "last": incident.last.isoformat(),
        "days": {day.isoformat(): state for day, state in sorted(incident.days.items())},
        "standing": is_standing(incident),
        "notifiable": is_notifiable(incident),
        "ended_at": None if incident.ended_ns is None else timestamp(incident.ended_ns),
        "held": [day.isoformat() for day in incident.held],
        "held_by": {day.isoformat(): list(incident.held_by[day]) for day in incident.held},
        "checks": sorted({name for names in incident.checks.values() for name in names}),
        "owner": incident.owner,
        "headline": said.headline,
        "text": said.text,
        "next_step": said.next_step,
        "runbook_url": links.page(incident.words.page, incident.words.runbook),
        "page_url": links.incident(feed, incident.id),
    }


def incidents_report(snapshot: Snapshot) -> Json:
    """Return the part of the report that says what acknowledging an incident covers."""
    return {
        "incidents": [incident_document(snapshot.feed, one, Links()) for one in snapshot.incidents],
        "partitions": {
            view.partition.isoformat(): {
                "problems": [problem_document(problem, view.words) for problem in view.problems]
            }
            for view in snapshot.window
        },
    }


def problem_document(problem: Problem, words: Mapping[tuple[str, str], Words]) -> Json:
    """Return one problem of a day."""
    said = words[problem.key]
    document: Json = {
        "cause": problem.name,
        "subject": problem.subject,
        "severity": severity_name(problem.severity),
        "state": problem.state,
        "title": said.title,
        "seen": said.seen,
        "explains": [alert.check.name for alert in problem.alerts],
        "sides": dict(sorted(problem.sides)),
    }
    if problem.finding is not None:
        document["evidence"] = {
            name: plain(value, LONGEST_LINE) if isinstance(value, str) else value
            for name, value in problem.finding.evidence.items()
        }
        document["confidence"] = problem.finding.confidence
    if problem.breakdown is not None:
        document["breakdown"] = breakdown_document(problem.breakdown)
    return document


def breakdown_document(breakdown: Breakdown) -> Json:
    """Return the value behind a change: its usual contribution to the total, and the day's."""

    def part(one: Contribution) -> Json:
        return {"usual": one.usual, "found": one.found, "contribution": breakdown.share(one)}

    return {
        "trend": breakdown.trend,
        "column": breakdown.column,
        "values": [{"value": plain(one.value, LONGEST_LINE), **part(one)} for one in breakdown.parts],
        "others": part(breakdown.others),
    }
