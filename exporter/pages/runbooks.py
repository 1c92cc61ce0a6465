"""The runbooks as pages, rendered on first request: few processes ever show one."""

from functools import lru_cache

from markupsafe import Markup

from exporter.pages.html import render
from exporter.runbooks.pages import NAMES, read_runbooks

INDEX = ""  # the index's name below /runbooks/
ABOVE = "../"  # from a runbook to the exporter's root


@lru_cache(maxsize=len(NAMES) + 1)
def runbook_page(name: str) -> bytes:
    """Return one of the pages, or the index of all."""
    if name == INDEX:
        contents = [(known, read_runbooks(known)) for known in NAMES]
        return render("runbook.html", root=ABOVE, title="Runbooks", body="", contents=contents)
    runbooks = read_runbooks(name)
    body = Markup(runbooks.body)  # noqa: S704  rendered from our own Markdown, which must not contain HTML
    return render("runbook.html", root=ABOVE, title=runbooks.title, body=body, contents=())
