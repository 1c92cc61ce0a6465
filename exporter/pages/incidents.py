"""The incidents of a feed: open, acknowledged, and ended ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.causes.problem import rank
from exporter.incidents.incident import Incident, Standing
from exporter.incidents.texts import ENDS, severity_name, texts_of
from exporter.pages.front import status_of
from exporter.pages.html import instant, render
from exporter.pages.site import Document, Kind, Site, Visit

MOST_LINES = 150  # under one heading


@dataclass(frozen=True, slots=True)
class Line:
    """One incident. ``address`` is relative to the page."""

    id: str
    severity: str
    tone: str
    headline: str
    about: str
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents under one heading; ``more`` are left out."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident, its feed, and the address of its page."""

    feed: str
    incident: Incident
    address: str


def _make(site: Site, visit: Visit) -> Document:  # noqa: ARG001  the same for everybody
    snapshot, here = site.snapshot, PAGE.here
    listed = [Listed(snapshot.feed, one, one.id) for one in snapshot.incidents]
    return Document(
        render(
            "incidents.html",
            site=site,
            here=here,
            root=here + site.root,
            status=status_of(site),
            groups=groups_of(listed, of_one_feed=True),
        )
    )


def groups_of(listed: Iterable[Listed], *, of_one_feed: bool) -> tuple[Group, ...]:
    """Return open incidents, worst first, then the others, newest first."""
    found: dict[Standing, list[Listed]] = {state: [] for state in Standing}
    for one in listed:
        found[one.incident.state].append(one)
    found[Standing.OPEN].sort(key=_badness)
    for state in (Standing.ACKNOWLEDGED, Standing.RESOLVED):
        found[state].sort(key=lambda one: -(one.incident.ended_ns or 0))
    return tuple(
        _group(title, found[state], of_one_feed=of_one_feed)
        for state, title in (
            (Standing.OPEN, "Open"),
            (Standing.ACKNOWLEDGED, "Acknowledged"),
            (Standing.RESOLVED, "Over"),
        )
    )


def _badness(one: Listed) -> tuple[int, int, str]:
    return rank(one.incident.severity), -one.incident.last.toordinal(), one.incident.id


def _group(title: str, listed: list[Listed], *, of_one_feed: bool) -> Group:
    lines = tuple(_line(one, of_one_feed=of_one_feed) for one in listed[:MOST_LINES])
    return Group(title, lines, len(listed) - len(lines))


def _line(one: Listed, *, of_one_feed: bool) -> Line:
    incident = one.incident
    headline = texts_of(one.feed, incident).headline
    return Line(
        id=incident.id,
        severity=severity_name(incident.severity),
        tone=severity_name(incident.severity) if incident.state is Standing.OPEN else "quiet",
        headline=headline.removeprefix(f"{one.feed} ") if of_one_feed else headline,
        about=", ".join(filter(None, (*_about(incident), incident.owner))),
        address=one.address,
    )


def _about(incident: Incident) -> Iterable[str]:
    days = len(incident.touched)
    yield f"{days} days" if days > 1 else ""
    yield f"load of {len(incident.held)} held" if incident.held else ""
    if incident.state is Standing.OPEN and incident.severity is not None and not incident.notified:
        yield "already old when found, so nobody was notified"
    if incident.why is not None:
        yield f"{ENDS[incident.why].partition(':')[0]} {instant(incident.ended_ns)}"


PAGE: Kind[Site] = Kind("incidents/", _make)
