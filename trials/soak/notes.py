"""The notifications that people received, parsed from messages: which incident, how, its start or its end."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from exporter.sink.message import Channel
from trials.soak.receiver import Received

INCIDENT = re.compile(r"/incidents/([0-9a-f]{10})\b")
ENDS = ("Repaired: ", "Acknowledged: ")
DIGEST = "Puffy: "
ALERT = re.compile(r"\bPuffy[A-Z]\w+")
ON_CALL, DATA_LEAD = "page demo-key-oncall", "page demo-key-datalead"
SLACK, MAIL = "Slack", "mail"


class Stage(StrEnum):
    """Which part of an incident is reported."""

    OPEN = "open"
    END = "end"


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A notification."""

    incident: str
    way: str
    stage: Stage


@dataclass(slots=True)
class Heard:
    """All messages, sorted: when each notification arrived, in real nanoseconds, and what else was sent."""

    notes: dict[Note, list[int]] = field(default_factory=dict)
    digests: int = 0
    beats: int = 0
    meta: Counter[str] = field(default_factory=Counter)  # messages about the monitoring itself, by alert
    unclear: list[str] = field(default_factory=list)


def hear(messages: Iterable[Received]) -> Heard:
    """Sort messages in order of arrival."""
    heard, keys = Heard(), dict[tuple[str, str], str]()
    for message in messages:
        match message.channel:
            case Channel.WEBHOOK:
                heard.beats += 1
            case Channel.SLACK:
                _slack(heard, message)
            case Channel.PAGERDUTY:
                _page(heard, message, keys)
            case Channel.EMAIL:
                _sort(heard, message, MAIL, Stage.OPEN, str(message.body["text"]))
    return heard


def _slack(heard: Heard, message: Received) -> None:
    attachment = message.body["attachments"][0]
    title = str(attachment["title"])
    if title.startswith(DIGEST):
        heard.digests += 1
        return
    stage = Stage.END if title.startswith(ENDS) else Stage.OPEN
    _sort(heard, message, SLACK, stage, f"{attachment['title_link']} {title} {attachment['text']}")


def _page(heard: Heard, message: Received, keys: dict[tuple[str, str], str]) -> None:
    """Sort a page. A resolving one has only the key of the one that opened it."""
    body = message.body
    key = (str(body["routing_key"]), str(body["dedup_key"]))
    way = f"page {key[0]}"
    if body["event_action"] == "resolve":
        text = keys.get(key, "")
        _sort(heard, message, way, Stage.END, text or "no page was opened under this key")
        return
    keys[key] = f"{body.get('client_url', '')} {body['payload']['summary']}"
    _sort(heard, message, way, Stage.OPEN, keys[key])


def _sort(heard: Heard, message: Received, way: str, stage: Stage, text: str) -> None:
    found = INCIDENT.search(text)
    if found:
        heard.notes.setdefault(Note(found[1], way, stage), []).append(message.at_ns)
        return
    names = sorted({*ALERT.findall(text), *_subjects(text)})
    if not names:
        heard.unclear.append(f"{way} {stage}: {text[:200]}")
    for name in names:
        heard.meta[name] += 1


def _subjects(text: str) -> Iterator[str]:
    """Yield the alert that a page about the monitoring itself is about, which its link does not show."""
    found: Any = re.search(r"Puffy (?:[\w-]+ )?(Puffy\w+):", text)
    if found:
        yield found[1]
