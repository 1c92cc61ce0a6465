"""The data of a feed's pages, and what a page is."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from exporter.links import CHECKS, Links
from exporter.model import Partition
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.instant import timestamp

HTML = "text/html; charset=utf-8"


class NotFoundError(Exception):
    """There is no such page; the message says why."""


class BusyError(Exception):
    """The page is available a little later; the message says why."""


class MovedError(Exception):
    """The page is elsewhere: at an address relative to the requested one."""


def read_day(text: str, before: str = "") -> Partition:
    """Parse the date in an address; ``before`` precedes it in the error. Raises NotFoundError."""
    try:
        return Partition.fromisoformat(text)
    except ValueError:
        raise NotFoundError(f"{before}{text!r} is not a date") from None


@dataclass(frozen=True, slots=True)
class Site:
    """One feed as of its last pass.

    ``root`` leads from the feed's folder of pages to the exporter's own: empty for the only feed.
    ``audit`` is the log of the gate. ``is_what_if``: it shows another time, where acknowledgements
    have no effect. ``contract`` is the feed's, ``None`` for the feed that ships.
    """

    snapshot: Snapshot
    vitals: Vitals
    directory: Path
    audit: Path
    links: Links = field(default_factory=Links)
    telemetry_path: str = "/metrics"
    root: str = ""
    name: str = ""  # of the feed, for people
    is_what_if: bool = False
    follow_outside: bool = False  # links out of the directory
    contract: Path | None = None

    def explaining(self, day: Partition, *words: str) -> str:
        """Return the command that explains a day of this feed, as of the time that is shown."""
        feed = () if self.contract is None else ("--feed.file", str(self.contract))
        then = ("--as-of", timestamp(self.snapshot.as_of_ns)) if self.is_what_if else ()
        return shlex.join(["puffy-exporter", "explain", str(day), *words, *feed, *then])

    def runbook(self, page: str, anchor: str, root: str) -> str:
        """Return the address of a runbook; ``root`` leads from the page that links to it."""
        if page == CHECKS and self.links.runbooks is not None:
            return f"{self.links.runbooks}#{anchor}"
        return f"{root}runbooks/{page}#{anchor}"


@dataclass(frozen=True, slots=True)
class Returned:
    """A rejected acknowledgement: the reason, and what was typed into the form."""

    why: str
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the parameters of path and query, and the user, if known.

    ``token`` proves that a form comes from a page sent to this visitor; empty if nobody may acknowledge.
    ``returned`` refills the form on the page, which then has the form's address.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    token: str = ""
    returned: Returned | None = None

    def at(self, **values: str) -> "Visit":
        """Return a visit to another page by the same visitor."""
        return replace(self, values=values)


@dataclass(frozen=True, slots=True)
class Document:
    """The response of a page."""

    body: bytes
    content_type: str = HTML


S_contra = TypeVar("S_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Kind(Generic[S_contra]):
    """One kind of page of a site. ``path`` is below the site's folder, with parameters in braces.

    ``make`` raises NotFoundError. A page that ``is_personal`` differs between visitors.
    """

    path: str
    make: Callable[[S_contra, Visit], Document]
    is_personal: bool = False

    @property
    def here(self) -> str:
        """The relative path from such a page to the site's folder."""
        return "../" * self.path.count("/")
