"""Every page, with an example address on a running exporter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exporter.pages.known import FEED_PAGES, INDEX_PAGES
from exporter.pages.site import Kind

LAST = date(2025, 3, 9)  # the newest of the demo's days
BAD_DAY = LAST - timedelta(days=1)  # lacks a column
NEXT = LAST + timedelta(days=1)  # the day whose file has not arrived
NOW = f"{NEXT}T06:30:00Z"  # the exporter's clock: the last day has been due for half an hour
INCIDENT = "INCIDENT"  # placeholder for the id, which only the exporter knows


@dataclass(frozen=True, slots=True)
class Place:
    """A page. ``server`` names the fixture of the exporter that shows it, ``path`` begins with a slash."""

    name: str
    server: str
    path: str
    status: int = 200


EXAMPLES: Mapping[str, str] = {"day": str(BAD_DAY), "id": INCIDENT}
"""A value for each parameter of a kind's path."""


def has(kind: str) -> bool:
    """Return whether there are pages of a feed of such a path."""
    return kind in {known.path for known in FEED_PAGES}


def example(kind: Kind[Any]) -> str:
    """Return the address of one page of a kind. Raises KeyError for a parameter without an example."""
    return "/" + kind.path.format_map(EXAMPLES)


PLACES = (
    *(Place(f"feed:{kind.path}", "demo", example(kind)) for kind in FEED_PAGES),
    *(Place(f"login:{kind.path}", "guarded", example(kind)) for kind in FEED_PAGES if kind.is_personal),
    *(Place(f"index:{kind.path}", "many", example(kind)) for kind in INDEX_PAGES),
    Place("one of many", "many", "/feeds/orders/"),
    Place("runbooks", "demo", "/runbooks/"),
    Place("runbook", "demo", "/runbooks/causes"),
    Place("waiting", "waiting", "/", 503),
    Place("not found", "demo", "/?until=never", 404),
)
