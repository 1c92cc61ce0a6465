"""The runbooks as pages, made when they are first asked for: few processes ever show one."""

from functools import lru_cache
from html import escape

from exporter.runbooks.pages import NAMES, Runbooks, read_runbooks
from exporter.server.page import document
from exporter.server.publication import Page

HTML = "text/html; charset=utf-8"
INDEX = ""  # what the index is called below /runbooks/


@lru_cache(maxsize=len(NAMES) + 1)
def runbook_page(name: str) -> Page:
    """Return one of the pages, or the index of all."""
    if name == INDEX:
        return _page("Runbooks", '<a href="../">Exporter</a>', _index())
    runbooks = read_runbooks(name)
    return _page(runbooks.title, '<a href="../">Exporter</a><a href="./">All runbooks</a>', runbooks.body)


def _page(title: str, anchors: str, body: str) -> Page:
    return Page.of(document(title, None, [f"<nav>{anchors}</nav>", body]), HTML)


def _index() -> str:
    return "<h1>Runbooks</h1>" + "".join(_contents(name, read_runbooks(name)) for name in NAMES)


def _contents(name: str, runbooks: Runbooks) -> str:
    items = "".join(
        f'<li><a href="{name}#{escape(section.anchor)}">{escape(section.heading)}</a></li>'
        for section in runbooks.sections
    )
    return f'<h2><a href="{name}">{escape(runbooks.title)}</a></h2><ul>{items}</ul>'
