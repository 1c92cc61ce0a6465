"""The runbooks next to this module, as HTML: one page per file, one anchor per section.

They are Markdown so that they can be read with the source; a link that leads out of this folder leads
nowhere from a running exporter, so only its text is kept.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it.token import Token

FOLDER = files(__package__)
NAMES = tuple(
    sorted(entry.name.removesuffix(".md") for entry in FOLDER.iterdir() if entry.name.endswith(".md"))
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and the anchor that alerts link to."""

    anchor: str
    heading: str


@dataclass(frozen=True, slots=True)
class Runbooks:
    """One page. The title and the headings are plain text, the body is HTML."""

    title: str
    sections: Sequence[Section]
    body: str


def read_runbooks(name: str) -> Runbooks:
    """Return the page of one of ``NAMES``."""
    # Not at the top: few processes ever show a runbook.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    title, sections = name, []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        section = Section(_anchor(inline.content), inline.content)
        opening.attrSet("id", section.anchor)
        if opening.tag == "h1":
            title = section.heading
        elif opening.tag == "h2":
            sections.append(section)
    for token in tokens:
        if token.children:
            token.children = list(_led(token.children))
    return Runbooks(title, sections, parser.renderer.render(tokens, parser.options, {}))


def _anchor(heading: str) -> str:
    """Return GitHub's anchor of a heading, so that links work in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _led(tokens: Sequence["Token"]) -> Iterator["Token"]:
    """Yield the tokens of a line, with links to served pages, and other links removed."""
    kept = False
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""))
            kept = target is not None
            if target is not None:
                token.attrSet("href", target)
        if kept or token.type not in ("link_open", "link_close"):
            yield token


def _target(href: str) -> str | None:
    parts = urlsplit(href)
    name = parts.path.removesuffix(".md")
    if parts.scheme in ("http", "https") or not (parts.scheme or parts.netloc or parts.path):
        return href
    if parts.netloc or parts.path == name or name not in NAMES:
        return None
    return f"{name}#{parts.fragment}" if parts.fragment else name
