"""The incidents of several feeds together."""

from exporter.links import INCIDENTS
from exporter.pages.html import render
from exporter.pages.incidents import Listed, groups_of
from exporter.pages.index import Index
from exporter.pages.site import Document, Kind, Visit


def _make(index: Index, visit: Visit) -> Document:  # noqa: ARG001  the same for everybody
    listed = [
        Listed(line.feed, one, f"{PAGE.here}feeds/{line.feed}/{INCIDENTS}/{one.id}")
        for line in index.feeds
        for one in line.incidents
    ]
    groups = groups_of(listed, of_one_feed=False)
    return Document(render("feeds_incidents.html", index=index, root=PAGE.here, groups=groups))


PAGE: Kind[Index] = Kind("incidents/", _make)
