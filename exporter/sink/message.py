"""Received messages, and what is shown of them. All text is plain; the templates add the markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """The service that a message was meant for."""

    SLACK = "slack"
    PAGERDUTY = "pagerduty"
    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as received. ``body`` is its JSON; for a mail it has from, to, subject and text."""

    number: int  # counts up from 1 over all channels
    received_at: datetime
    channel: Channel
    path: str  # the request's path; for a mail the recipients
    body: Any


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text: strong, em or code, or a link to a web address."""

    text: str
    mark: str = ""
    address: str | None = None


class Kind(StrEnum):
    """The appearance of a part of a message."""

    PARAGRAPH = "paragraph"
    TEXT = "text"  # preformatted
    BUTTONS = "buttons"
    RAW = "raw"  # folded away
    QUIET = "quiet"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message. Facts have a name and a part each; all others have spans."""

    kind: Kind
    spans: Sequence[Span] = ()
    facts: Sequence[tuple[str, "Part"]] = ()

    @property
    def words(self) -> str:
        """Its text, without marks and addresses."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Card:
    """A message as its reader sees it."""

    title: str
    tone: str  # critical, warning, ok or quiet
    place: str  # channel, service or recipients
    first_lines: str  # what a notification shows below the title, before truncation
    parts: Sequence[Part]
    address: str | None = None  # where the title leads
