"""The first page of several feeds: which can be trusted, and what is open."""

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.incidents.incident import Incident
from exporter.model import Partition
from exporter.pages.front import Card, Trust, open_cards, status_of, trust
from exporter.pages.grid import Cell, choose_span
from exporter.pages.html import render
from exporter.pages.site import Document, Kind, Site, Visit

RECENT_DAYS = 14
MOST_PROBLEMS = 3  # of a feed; its own page has them all
ORDER = ("critical", "warning", "waiting", "ok")


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed. ``days`` are its newest, oldest first, each with its state."""

    feed: str
    name: str
    status: str  # ok, warning, critical or waiting
    trust: Trust | None = None
    days: tuple[tuple[Partition, Cell], ...] = ()
    cards: tuple[Card, ...] = ()
    closed: bool = False
    problems: Sequence[str] = ()
    incidents: Sequence[Incident] = ()  # including ended ones


@dataclass(frozen=True, slots=True)
class Index:
    """The index. ``refused``: by name, why a contract is invalid."""

    feeds: Sequence[FeedLine]
    refused: Sequence[tuple[str, str]] = ()
    problem: str | None = None  # with the configuration of all of them
    telemetry_path: str = "/metrics"

    @property
    def status(self) -> str:
        """The worst status of any feed."""
        states = {line.status for line in self.feeds}
        if self.refused:
            states.add("critical")
        if self.problem is not None:
            states.add("warning")
        return next((state for state in ORDER if state in states), "ok")

    @property
    def worst_first(self) -> Sequence[FeedLine]:
        """The feeds by status, then by name."""
        return sorted(self.feeds, key=lambda line: (ORDER.index(line.status), line.feed))


def feed_line(site: Site, problems: Sequence[str]) -> FeedLine:
    """Return a feed's line in the index; ``problems`` are those of its contract."""
    snapshot, vitals = site.snapshot, site.vitals
    blind = () if snapshot.blind is None else (snapshot.blind,)
    status = status_of(site)
    span = choose_span(snapshot, None, RECENT_DAYS)
    return FeedLine(
        feed=snapshot.feed,
        name=site.name,
        status="warning" if problems and status == "ok" else status,
        trust=trust(snapshot),
        days=tuple((view.partition, cell) for view, cell in zip(span.views, span.status, strict=True)),
        cards=tuple(open_cards(snapshot)),
        closed=snapshot.gate.closed,
        problems=(*problems, *blind, *vitals.problems)[:MOST_PROBLEMS],
        incidents=snapshot.incidents,
    )


def _make(index: Index, visit: Visit) -> Document:  # noqa: ARG001  the same for everybody
    return Document(render("index.html", index=index, root=""))


PAGE: Kind[Index] = Kind("", _make)
