"""Addresses in messages, shown as links if a browser may follow them."""

import re
from collections.abc import Iterator

from exporter.sink.message import Span

BARE = re.compile(r"https?://[^\s<>\"']+")
SHOWN = 60  # characters of an address; the rest is in the link


def address(value: object) -> str | None:
    """Return web addresses only, nothing that a browser would execute."""
    return value if isinstance(value, str) and re.match(r"https?://", value) else None


def linked(text: str) -> Iterator[Span]:
    """Yield plain text, its addresses as links."""
    end = 0
    for found in BARE.finditer(text):
        target = found[0]
        yield Span(text[end : found.start()])
        yield Span(target if len(target) <= SHOWN else f"{target[:SHOWN]}…", address=target)
        end = found.end()
    yield Span(text[end:])
