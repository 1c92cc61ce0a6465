"""The index of several feeds: one small HTML document, like the status page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from exporter.server.page import UNKNOWN, badge, document

RELOAD_SECONDS = 60
MOST_PROBLEMS = 3  # of a feed; its own page has them all


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed. Everything is plain text and is escaped when shown."""

    feed: str
    name: str
    status: str  # ok, warning, critical or waiting
    newest: date | None = None
    firing: int = 0
    holds: int = 0
    closed: bool = False
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """What the index says. ``refused``: by name, why a contract cannot be used."""

    title: str
    version: str
    feeds: Sequence[FeedLine]
    refused: Sequence[tuple[str, str]] = ()
    problem: str | None = None  # with the configuration of all of them
    telemetry_path: str = "/metrics"


def index_page(model: Index) -> bytes:
    """Return the page as UTF-8 HTML, the feeds by name."""
    body = [_header(model), _refused(model), _feeds(model.feeds), _problems(model.feeds)]
    return document(f"{_worst(model)}: {model.title}", RELOAD_SECONDS, body)


def _worst(model: Index) -> str:
    states = {line.status for line in model.feeds}
    if model.refused or "critical" in states:
        return "critical"
    if model.problem is not None:
        states.add("warning")
    return next((state for state in ("warning", "waiting") if state in states), "ok")


def _header(model: Index) -> str:
    links = (
        (model.telemetry_path.lstrip("/"), "Metrics"),
        ("-/healthy", "Health"),
        ("-/ready", "Readiness"),
        ("runbooks/", "Runbooks"),
    )
    anchors = "".join(f'<a href="{escape(address)}">{name}</a>' for address, name in links if address)
    return (
        f"<header><h1>{escape(model.title)} <small>{escape(model.version)}</small></h1>"
        f"{badge(_worst(model))}</header><nav>{anchors}</nav>"
    )


def _refused(model: Index) -> str:
    lines = [] if model.problem is None else [f"Configuration not reloaded: {model.problem}"]
    lines += [f"{name} is not watched: {reason}" for name, reason in model.refused]
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<h2>Not in use ({len(lines)})</h2><ul class="problems">{items}</ul>'


def _feeds(feeds: Sequence[FeedLine]) -> str:
    if not feeds:
        return '<h2>Feeds</h2><p class="quiet">None yet.</p>'
    names = ("Feed", "Status", "Newest partition", "Firing", "Held", "Report", "Alerts", "Gate")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(_feed(line) for line in sorted(feeds, key=lambda line: line.feed))
    return (
        f"<h2>Feeds ({len(feeds)})</h2>"
        f'<div class="wide" tabindex="0" role="region" aria-label="Feeds"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _feed(line: FeedLine) -> str:
    below = f"feeds/{escape(line.feed)}/"  # relative, to work behind a path prefix
    title = "" if line.name in ("", line.feed) else f' <span class="quiet">{escape(line.name)}</span>'
    cells = (
        f'<a href="{below}">{escape(line.feed)}</a>{title}',
        badge(line.status),
        UNKNOWN if line.newest is None else line.newest.isoformat(),
        str(line.firing) if line.firing else UNKNOWN,
        str(line.holds) if line.holds else UNKNOWN,
        f'<a href="{below}api/v1/report">report</a>',
        f'<a href="{below}api/v1/alerts">alerts</a>',
        f'<a href="{below}api/v1/gate">{"closed" if line.closed else "open"}</a>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _problems(feeds: Sequence[FeedLine]) -> str:
    items = [
        f'<li class="warning">{escape(line.feed)}: {escape(problem)}</li>'
        for line in sorted(feeds, key=lambda line: line.feed)
        for problem in line.problems[:MOST_PROBLEMS]
    ]
    return f'<h2>Problems</h2><ul class="problems">{"".join(items)}</ul>' if items else ""
