"""The pages as one file that can be mailed and opened anywhere, with internal links where possible."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from exporter.incidents.incident import Standing
from exporter.pages.front import status_of
from exporter.pages.grid import QUIET, choose_span, day_cell
from exporter.pages.html import render
from exporter.pages.known import FEED_PAGES
from exporter.pages.site import Kind, Site, Visit

BEGIN, END = '<main id="main">', "</main>"
ADDRESS = re.compile(r' (href|id)="([^"]*)"')
IN = "--"  # between a page and an anchor on it
KINDS: Mapping[str, Kind[Site]] = {kind.path: kind for kind in FEED_PAGES}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page in the file. ``place`` is its address as a page, and its anchor in the file."""

    place: str
    body: Markup


def bundle(site: Site, elsewhere: str | None = None) -> bytes:
    """Return the first page, every open incident, and every day with problems, as one HTML file.

    Other links lead to the exporter at ``elsewhere``, if given.
    """
    pages = dict(_pages(site))
    sheets = [
        Sheet(place or "front", Markup(_turned(body, place, pages, site, elsewhere)))  # noqa: S704  our own
        for place, body in pages.items()
    ]
    return render("bundle.html", site=site, status=status_of(site), sheets=sheets, root="", alone=True)


def _pages(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the address and content of each page."""
    yield "", _main(site, "", {})
    for incident in site.snapshot.incidents:
        if incident.state is Standing.OPEN:
            yield from _page(site, "incidents/{id}", {"id": incident.id})
    views = choose_span(site.snapshot, None).views
    for view in reversed(views):
        if view is views[-1] or day_cell(view) not in QUIET:
            yield from _page(site, "partitions/{day}", {"day": view.partition.isoformat()})


def _page(site: Site, path: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if path in KINDS:
        yield path.format(**values), _main(site, path, values)


def _main(site: Site, path: str, values: Mapping[str, str]) -> str:
    body = KINDS[path].make(site, Visit(values)).body.decode()
    return body.partition(BEGIN)[2].rpartition(END)[0]


def _turned(body: str, place: str, pages: Mapping[str, str], site: Site, elsewhere: str | None) -> str:
    """Redirect a page's links to the other pages in the file, and make its anchors unique."""

    def turn(found: re.Match[str]) -> str:
        name, text = found.groups()
        if name == "id":
            return f' id="{place or "front"}{IN}{text}"'
        target = _target(text, place, pages, site, elsewhere)
        return "" if target is None else f' href="{target}"'

    return ADDRESS.sub(turn, body)


def _target(
    address: str, place: str, pages: Mapping[str, str], site: Site, elsewhere: str | None
) -> str | None:
    if address.startswith(("http:", "https:")):
        return address
    path, _, anchor = address.partition("#")
    whole = place if not path else posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
    whole = "" if whole == "." else whole
    if whole in pages:
        return f"#{whole or 'front'}{IN}{anchor}" if anchor else f"#{whole or 'front'}"
    if elsewhere is None:
        return None
    above = "" if whole.startswith("runbooks/") else f"feeds/{site.snapshot.feed}/"
    return f"{elsewhere}/{above}{whole.removeprefix('../../')}" + (f"#{anchor}" if anchor else "")
