"""A Slack message as Slack shows it: attachments, and the marks of its text."""

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Any

from exporter.sink.links import address
from exporter.sink.message import Card, Message

LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")
MARKS = (
    (re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
)
TONES = {"danger": "critical", "warning": "warning", "good": "ok"}


def slack_card(message: Message) -> Card:
    """Return a webhook post as a person in the channel sees it."""
    body = message.body if isinstance(message.body, Mapping) else {}
    attachments = [item for item in _list(body.get("attachments")) if isinstance(item, Mapping)]
    first = attachments[0] if attachments else {}
    parts = [_paragraph(body.get("text"))]
    for attachment in attachments:
        parts += _attachment(attachment)
    return Card(
        title=unescape(str(first.get("title") or body.get("username") or "Message")),
        tone=TONES.get(str(first.get("color")), "quiet"),
        place=str(body.get("channel") or message.path),
        html="".join(parts),
        address=address(first.get("title_link")),
    )


def _attachment(attachment: Mapping[str, Any]) -> Iterator[str]:
    yield _paragraph(attachment.get("pretext"))
    yield _paragraph(attachment.get("text"))
    for field in _list(attachment.get("fields")):
        if isinstance(field, Mapping):
            yield _paragraph(f"*{field.get('title', '')}* {field.get('value', '')}")
    links = [item for item in _list(attachment.get("actions")) if isinstance(item, Mapping)]
    buttons = "".join(
        f'<a class="button" href="{escape(target)}">{escape(str(item.get("text", "")))}</a>'
        for item in links
        if (target := address(item.get("url")))
    )
    yield f'<p class="buttons">{buttons}</p>' if buttons else ""
    yield _paragraph(attachment.get("footer"))


def _paragraph(text: object) -> str:
    return f"<p>{marked(text)}</p>" if isinstance(text, str) and text.strip() else ""


def marked(text: str) -> str:
    """Turn Slack's marks into HTML that is safe whatever the text holds."""
    pieces, end = [], 0
    for link in LINK.finditer(text):
        pieces.append(_styled(text[end : link.start()]))
        pieces.append(f'<a href="{escape(unescape(link[1]))}">{_plain(link[2] or link[1])}</a>')
        end = link.end()
    pieces.append(_styled(text[end:]))
    return "".join(pieces).strip().replace("\n", "<br>\n")


def _styled(text: str) -> str:
    styled = _plain(text)
    for pattern, replacement in MARKS:
        styled = pattern.sub(replacement, styled)
    return styled


def _plain(text: str) -> str:
    return escape(unescape(text), quote=False)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
