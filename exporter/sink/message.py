"""What is received, and what a person is shown of it."""

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
    """One message as received. ``body`` is its JSON; a mail's holds from, to, subject and text."""

    number: int  # counts up from 1 over all channels
    received_at: datetime
    channel: Channel
    path: str  # the request's path; for a mail the recipients
    body: Any


@dataclass(frozen=True, slots=True)
class Card:
    """A message as its reader would see it. ``html`` is safe; everything else is plain text."""

    title: str
    tone: str  # critical, warning, ok or quiet
    place: str  # channel, service or recipients
    html: str
    address: str | None = None  # where the title leads
