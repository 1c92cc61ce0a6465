"""Addresses in what is received: shown as links where a browser may follow them."""

import re
from html import escape

BARE = re.compile(r"https?://[^\s<>\"']+")
SHOWN = 60  # characters of an address; the rest stands in the link


def address(value: object) -> str | None:
    """Return what is a web address, and nothing that a browser would run."""
    return value if isinstance(value, str) and re.match(r"https?://", value) else None


def linked(text: str) -> str:
    """Turn plain text into HTML that is safe whatever the text holds, its addresses into links."""
    pieces, end = [], 0
    for found in BARE.finditer(text):
        target = found[0]
        shown = target if len(target) <= SHOWN else f"{target[:SHOWN]}…"
        pieces += [escape(text[end : found.start()]), f'<a href="{escape(target)}">{escape(shown)}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])])
