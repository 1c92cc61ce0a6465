"""From an incident's id to its page, for any feed."""

from exporter.errors import UserError
from exporter.gate.incident import find_id
from exporter.links import INCIDENTS
from exporter.pages.index import Index
from exporter.pages.site import Document, Kind, MovedError, NotFoundError, Visit


def _make(index: Index, visit: Visit) -> Document:
    feeds = {one.id: line.feed for line in index.feeds for one in line.incidents}
    try:
        found = find_id(visit.values["id"], feeds)
    except UserError as error:
        raise NotFoundError(str(error)) from None
    raise MovedError(f"{PAGE.here}feeds/{feeds[found]}/{INCIDENTS}/{found}")


PAGE: Kind[Index] = Kind("incidents/{id}", _make)
