"""A PagerDuty event as an incident's page shows it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from exporter.sink.links import address, linked
from exporter.sink.message import Card, Kind, Message, Part, Span

TONES = {"critical": "critical", "error": "critical", "warning": "warning", "info": "quiet"}
ADDED = ("firing", "resolved")  # set by Alertmanager from its configuration
SHOWN_OF_KEY = 8  # characters shown of a routing key, so that a page on a wall does not reveal it


def event_fault(body: object) -> str | None:
    """Return why PagerDuty would reject an event, or ``None`` for a valid one (Events API v2)."""
    if not isinstance(body, Mapping):
        return "the event is not an object"
    if not isinstance(body.get("routing_key"), str) or not body["routing_key"]:
        return "'routing_key' is missing or blank"
    if body.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        return (
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
        )
    if body["event_action"] == "trigger":
        return _payload_fault(body.get("payload"))
    return None if body.get("dedup_key") else "'dedup_key' is missing or blank"


def _payload_fault(payload: object) -> str | None:
    if not isinstance(payload, Mapping):
        return "'payload' is missing"
    for name in ("summary", "source", "severity"):
        if not payload.get(name):
            return f"'payload.{name}' is missing or blank"
    return None


def pagerduty_card(message: Message) -> Card:
    """Return an event as the person on call sees it."""
    body = message.body if isinstance(message.body, Mapping) else {}
    found = body.get("payload")
    payload: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    action = str(body.get("event_action", ""))
    severity = str(payload.get("severity", ""))
    parts = [*_details(payload), *_links(body.get("links")), _foot(body)]
    return Card(
        title=str(payload.get("summary") or "Incident"),
        tone="ok" if action == "resolve" else TONES.get(severity, "quiet"),
        place=f"{action} to the service of key …{str(body.get('routing_key', ''))[-SHOWN_OF_KEY:]}",
        first_lines=_findings(payload) or action,
        parts=parts,
        address=address(body.get("client_url")),
    )


def _findings(payload: Mapping[str, Any]) -> str:
    """Return the details as text."""
    details = payload.get("custom_details")
    values = details.values() if isinstance(details, Mapping) else ()
    return "\n".join(value.strip() for value in values if isinstance(value, str))


def _details(payload: Mapping[str, Any]) -> Iterator[Part]:
    shown = {name: payload.get(name) for name in ("severity", "source", "component", "group", "class")}
    details = payload.get("custom_details")
    shown |= details if isinstance(details, Mapping) else {}
    facts = [(str(name), _detail(str(name), value)) for name, value in shown.items() if value]
    if facts:
        yield Part(Kind.FACTS, facts=facts)


def _detail(name: str, value: object) -> Part:
    """Alertmanager adds each alert in full, older versions as text, which can be unfolded."""
    if isinstance(value, list | dict):
        return Part(Kind.RAW, (Span(json.dumps(value, indent=2, ensure_ascii=False)),))
    if name in ADDED:
        return Part(Kind.RAW, (Span(str(value)),))
    return Part(Kind.TEXT, tuple(linked(str(value).strip())))


def _links(links: object) -> Iterator[Part]:
    found = [item for item in links if isinstance(item, Mapping)] if isinstance(links, list) else []
    buttons = [
        Span(str(link.get("text") or target), address=target)
        for link in found
        if (target := address(link.get("href")))
    ]
    if buttons:
        yield Part(Kind.BUTTONS, buttons)


def _foot(body: Mapping[str, Any]) -> Part:
    return Part(Kind.QUIET, (Span(f"Incident {str(body.get('dedup_key', ''))[:12]}"),))
