"""The runbooks as pages, made when they are first asked for: few processes ever show one."""

from functools import lru_cache

from markupsafe import Markup

from exporter.pages.html import render
from exporter.runbooks.pages import NAMES, read_runbooks

INDEX = ""  # what the index is called below /runbooks/
ABOVE = "../"  # from a runbook to the exporter's root


@lru_cache(maxsize=len(NAMES) + 1)
def runbook_page(name: str) -> bytes:
    """Return one of the pages, or the index of all."""
    if name == INDEX:
        contents = [(known, read_runbooks(known)) for known in NAMES]
        return render("runbook.html", root=ABOVE, title="Runbooks", body="", contents=contents)
    runbooks = read_runbooks(name)
    body = Markup(runbooks.body)  # noqa: S704  made from our own Markdown, with HTML in it refused
    return render("runbook.html", root=ABOVE, title=runbooks.title, body=body, contents=())
