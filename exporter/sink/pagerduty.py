"""A PagerDuty event as an incident's page shows it."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from exporter.sink.links import address, linked
from exporter.sink.message import Card, Message

TONES = {"critical": "critical", "error": "critical", "warning": "warning", "info": "quiet"}
SHOWN_OF_KEY = 8  # of a routing key, so that a page on a wall gives none away


def event_fault(body: object) -> str | None:
    """Return why PagerDuty would refuse an event, ``None`` for a good one (Events API v2)."""
    if not isinstance(body, Mapping):
        return "the event is no object"
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
    links = [item for item in body.get("links") or [] if isinstance(item, Mapping)]
    return Card(
        title=str(payload.get("summary") or "Incident"),
        tone="ok" if action == "resolve" else TONES.get(severity, "quiet"),
        place=f"{action} to the service of key …{str(body.get('routing_key', ''))[-SHOWN_OF_KEY:]}",
        html=_details(payload) + _links(links) + _foot(body),
        address=address(body.get("client_url")),
    )


def _details(payload: Mapping[str, Any]) -> str:
    shown = {name: payload.get(name) for name in ("severity", "source", "component", "group", "class")}
    details = payload.get("custom_details")
    shown |= details if isinstance(details, Mapping) else {}
    rows = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{_detail(value)}</dd>" for name, value in shown.items() if value
    )
    return f"<dl>{rows}</dl>" if rows else ""


def _detail(value: object) -> str:
    """Newer Alertmanagers add each alert in full: that unfolds for whoever wants it."""
    if isinstance(value, list | dict):
        content = escape(json.dumps(value, indent=2, ensure_ascii=False))
        return f"<details><summary>As received</summary><pre>{content}</pre></details>"
    return linked(str(value).strip())


def _links(links: list[Mapping[str, Any]]) -> str:
    anchors = "".join(
        f'<a class="button" href="{escape(target)}">{escape(str(link.get("text") or target))}</a>'
        for link in links
        if (target := address(link.get("href")))
    )
    return f'<p class="buttons">{anchors}</p>' if anchors else ""


def _foot(body: Mapping[str, Any]) -> str:
    return f'<p class="quiet">Incident {escape(str(body.get("dedup_key", ""))[:12])}</p>'
