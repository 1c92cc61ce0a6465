"""A Slack message as Slack shows it: attachments, and the marks of its text."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from exporter.sink.links import address
from exporter.sink.message import Card, Kind, Message, Part, Span

MARKS = re.compile(
    r"<(?P<address>https?://[^|<>\s]+)(?:\|(?P<label>[^<>]*))?>"  # Slack writes &lt; for the sign itself
    r"|(?<![\w*])\*(?P<strong>[^\s*<](?:[^*\n<]*[^\s*<])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<em>[^\s_<](?:[^_\n<]*[^\s_<])?)_(?!\w)"
    r"|`(?P<code>[^`\n<]+)`"
)
TONES = {"danger": "critical", "warning": "warning", "good": "ok"}


def slack_card(message: Message) -> Card:
    """Return a webhook post as seen in the channel."""
    body = message.body if isinstance(message.body, Mapping) else {}
    attachments = [item for item in _list(body.get("attachments")) if isinstance(item, Mapping)]
    first = attachments[0] if attachments else {}
    parts = [*_paragraph(body.get("text"))]
    for attachment in attachments:
        parts += _attachment(attachment)
    return Card(
        title=unescape(str(first.get("title") or body.get("username") or "Message")),
        tone=TONES.get(str(first.get("color")), "quiet"),
        place=str(body.get("channel") or message.path),
        first_lines="\n".join(part.words for part in parts if part.kind is Kind.PARAGRAPH),
        parts=parts,
        address=address(first.get("title_link")),
    )


def _attachment(attachment: Mapping[str, Any]) -> Iterator[Part]:
    yield from _paragraph(attachment.get("pretext"))
    yield from _paragraph(attachment.get("text"))
    for field in _list(attachment.get("fields")):
        if isinstance(field, Mapping):
            yield from _paragraph(f"*{field.get('title', '')}* {field.get('value', '')}")
    links = [item for item in _list(attachment.get("actions")) if isinstance(item, Mapping)]
    buttons = [
        Span(str(item.get("text", "")), address=target)
        for item in links
        if (target := address(item.get("url")))
    ]
    if buttons:
        yield Part(Kind.BUTTONS, buttons)
    yield from _paragraph(attachment.get("footer"), Kind.QUIET)


def _paragraph(text: object, kind: Kind = Kind.PARAGRAPH) -> Iterator[Part]:
    if isinstance(text, str) and text.strip():
        yield Part(kind, tuple(marked(text.strip())))


def marked(text: str) -> Iterator[Span]:
    """Yield the pieces of a text with Slack's marks; nested marks stay as written."""
    end = 0
    for found in MARKS.finditer(text):
        yield Span(unescape(text[end : found.start()]))
        yield _piece(found)
        end = found.end()
    yield Span(unescape(text[end:]))


def _piece(found: re.Match[str]) -> Span:
    if found["address"] is not None:
        target = unescape(found["address"])
        return Span(unescape(found["label"] or "") or target, address=target)
    mark = str(found.lastgroup)
    return Span(unescape(found[mark]), mark)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
