"""The pages that show messages: first as on a phone, then in full. No scripts, no external content."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined

from exporter.plain import cut
from exporter.sink.cards import card
from exporter.sink.message import Card, Channel, Message

NAMES: Mapping[Channel, str] = {
    Channel.SLACK: "Slack",
    Channel.PAGERDUTY: "PagerDuty",
    Channel.EMAIL: "Mail",
    Channel.WEBHOOK: "Webhook",
}
RELOAD_SECONDS = 5
# More than a phone shows of a title and of four lines; the style truncates.
LONGEST_TITLE, LONGEST_LINES = 200, 400

_TEMPLATES = Environment(
    loader=PackageLoader("exporter.sink"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = _TEMPLATES.get_template("style.css").render()
# The only style that a browser may use, so that messages cannot inject one.
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message as a locked phone shows it: what its reader knows before opening anything."""

    app: str
    when: str
    title: str
    lines: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A channel, and how many messages it has ever received."""

    address: str
    name: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a page."""

    message: Message
    card: Card
    notification: Notification
    received: str


def page(
    messages: Sequence[Message], received: Mapping[Channel, int], chosen: Channel | None, now: datetime
) -> str:
    """Return the page: ``messages`` in the given order, below the counts of each channel."""
    return _TEMPLATES.get_template("inbox.html").render(
        entries=[_entry(message, now) for message in messages],
        choices=_choices(received, chosen),
        total=sum(received.values()),
        reload_seconds=RELOAD_SECONDS,
    )


def message_page(message: Message, now: datetime) -> str:
    """Return the page of one message, which does not refresh."""
    return _TEMPLATES.get_template("message.html").render(entry=_entry(message, now))


def _choices(received: Mapping[Channel, int], chosen: Channel | None) -> list[Choice]:
    channels = [
        Choice(f"?channel={channel}", NAMES[channel], count, channel is chosen)
        for channel, count in received.items()
    ]
    return [Choice("./", "All", sum(received.values()), chosen is None), *channels]


def _entry(message: Message, now: datetime) -> Entry:
    shown = card(message)
    return Entry(
        message=message,
        card=shown,
        notification=Notification(
            app=NAMES[message.channel],
            when=_ago(now - message.received_at),
            title=cut(" ".join(shown.title.split()), LONGEST_TITLE),
            lines=_lines(shown.first_lines),
        ),
        received=message.received_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
    )


def _lines(text: str) -> str:
    """Return the first lines of a text: phones omit empty ones and indentation."""
    lines = filter(None, (" ".join(line.split()) for line in text[: 4 * LONGEST_LINES].splitlines()))
    return "\n".join(cut(line, LONGEST_LINES) for line in lines)[:LONGEST_LINES]


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:  # noqa: PLR2004  of an hour
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 24 else f"{hours // 24} d ago"  # noqa: PLR2004  of a day
