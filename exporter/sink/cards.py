"""A message of any channel as its reader sees it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from exporter.sink.links import linked
from exporter.sink.message import Card, Channel, Kind, Message, Part, Span
from exporter.sink.pagerduty import pagerduty_card
from exporter.sink.slack import slack_card


def card(message: Message) -> Card:
    """Return a message as its reader would see it; unknown parts are shown as received."""
    return _CARDS[message.channel](message)


def _mail(message: Message) -> Card:
    body = message.body
    return Card(
        title=body["subject"] or "(no subject)",
        tone="quiet",
        place=f"{body['from']} to {', '.join(body['to'])}",
        first_lines=body["text"],
        parts=(Part(Kind.TEXT, tuple(linked(body["text"].strip()))),),
    )


def _webhook(message: Message) -> Card:
    body = message.body if isinstance(message.body, Mapping) else {}
    alerts = body.get("alerts")
    names = sorted({_name(alert) for alert in alerts}) if isinstance(alerts, list) else []
    status = str(body.get("status", ""))
    place = f"{status} {message.path}".strip()
    return Card(
        title=", ".join(names) or "Webhook",
        tone="ok" if status == "resolved" else "quiet",
        place=place,
        first_lines=place,
        parts=(Part(Kind.RAW, (Span(_pretty(message.body)),)),),
    )


def _name(alert: object) -> str:
    labels = alert.get("labels") if isinstance(alert, Mapping) else None
    return str(labels.get("alertname", "?")) if isinstance(labels, Mapping) else "?"


def _pretty(body: Any) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


_CARDS: Mapping[Channel, Callable[[Message], Card]] = {
    Channel.SLACK: slack_card,
    Channel.PAGERDUTY: pagerduty_card,
    Channel.EMAIL: _mail,
    Channel.WEBHOOK: _webhook,
}
