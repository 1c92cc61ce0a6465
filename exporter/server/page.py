"""The status page: one small HTML document, without scripts or anything to fetch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

STYLE = (files(__package__) / "style.css").read_text(encoding="utf-8")
UNKNOWN = "\N{EN DASH}"
SEVERITIES = ("ok", "warning", "critical")  # what the style has a colour for


@dataclass(frozen=True, slots=True)
class PartitionLine:
    """One partition. ``None`` is unknowable and shown as a dash; the ratio is between 0 and 1."""

    partition: date
    status: str
    raw_rows: int | None
    clean_rows: int | None
    reject_rows: int | None
    reject_ratio: float | None
    raw_revenue: float | None
    firing: int


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One firing alert; ``figures`` is what was found and the limit, empty where no figure says more."""

    severity: str
    alert: str
    partition: date
    figures: str
    owner: str
    summary: str


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One open incident: its headline, a few lines, and what to do next."""

    id: str
    severity: str
    headline: str
    text: str
    next_step: str
    owner: str


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What the status page says. Everything is plain text and is escaped when shown."""

    title: str
    version: str
    status: str  # ok, warning or critical
    as_of: datetime
    feed: str
    data_directory: str
    refreshed_at: datetime | None
    refresh_seconds: float | None
    partitions: Sequence[PartitionLine] = ()
    incidents: Sequence[IncidentLine] = ()
    alerts: Sequence[AlertLine] = ()
    holds: Sequence[str] = ()  # why downstream must wait, a line each
    problems: Sequence[str] = ()
    telemetry_path: str = "/metrics"
    root: str = ""  # the way from this page to the exporter's own
    stages: Sequence[str] = ("raw", "clean", "rejects")  # that the feed has
    revenue: bool = True  # whether its rows tell of any


class _Link(NamedTuple):
    address: str
    name: str


def status_page(model: StatusPage) -> bytes:
    """Return the page as UTF-8 HTML. Newest partition first, whatever the order given."""
    body = [
        _header(model),
        _facts(model),
        _gate(model.holds),
        _problems(model.problems),
        _incidents(model.incidents),
        _alerts(model.alerts),
        _partitions(model),
    ]
    return document(f"{model.status}: {model.title}", 60, body)


def waiting_page(why: str) -> bytes:
    """Return what stands at ``/`` until there is something to say; ``why`` there is nothing yet."""
    body = [
        "<header><h1>puffy-exporter</h1></header>",
        f"<p>{escape(why)} This page reloads by itself.</p>",
    ]
    return document("puffy-exporter: nothing to show yet", 5, body)


def document(title: str, reload_seconds: int | None, body: Iterable[str]) -> bytes:
    """Return a whole page; it loads itself again after so many seconds, if any."""
    # Nobody should trust an hour-old page.
    reload = "" if reload_seconds is None else f'<meta http-equiv="refresh" content="{reload_seconds}">'
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        reload,
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        *body,
        "</html>",
    ]
    return "\n".join(line for line in lines if line).encode(
        "utf-8", "replace"
    )  # paths may hold lone surrogates


def _header(model: StatusPage) -> str:
    links = (  # relative, to work behind a path prefix
        _Link(model.root + model.telemetry_path.lstrip("/"), "Metrics"),
        _Link("api/v1/report", "Report"),
        _Link("api/v1/alerts", "Alerts"),
        _Link("api/v1/gate", "Gate"),
        _Link("-/healthy", "Health"),
        _Link("-/ready", "Readiness"),
        _Link(f"{model.root}runbooks/", "Runbooks"),
    )
    anchors = "".join(f'<a href="{escape(link.address)}">{link.name}</a>' for link in links if link.address)
    return (
        f"<header><h1>{escape(model.title)} <small>{escape(model.version)}</small></h1>"
        f"{badge(model.status)}</header><nav>{anchors}</nav>"
    )


def _facts(model: StatusPage) -> str:
    took = "" if model.refresh_seconds is None else f", took {model.refresh_seconds:.2f} s"
    facts = (
        ("As of", _instant(model.as_of)),
        ("Last pass", _instant(model.refreshed_at) + took),
        ("Feed", model.feed),
        ("Data directory", model.data_directory),
    )
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts) + "</dl>"


def _gate(holds: Sequence[str]) -> str:
    if not holds:
        return ""
    lines = "".join(f"<li>{escape(line)}</li>" for line in holds)
    return (
        f'<h2>The gate is closed ({len(holds)})</h2><ul class="problems">{lines}</ul>'
        '<p class="quiet">Downstream waits until somebody looked: '
        "<code>puffy-exporter gate ack PARTITION --by NAME --reason TEXT</code></p>"
    )


def _problems(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    items = "".join(f'<li class="warning">{escape(problem)}</li>' for problem in problems)
    return f'<h2>Problems of the exporter ({len(problems)})</h2><ul class="problems">{items}</ul>'


def _incidents(incidents: Sequence[IncidentLine]) -> str:
    if not incidents:
        return '<h2>Open incidents</h2><p class="quiet">None.</p>'
    items = "".join(_incident(incident) for incident in incidents)
    return f'<h2>Open incidents ({len(incidents)})</h2><section class="day"><ul>{items}</ul></section>'


def _incident(incident: IncidentLine) -> str:
    text = "<br>".join(escape(line) for line in incident.text.splitlines())
    return (
        f'<li id="incident-{escape(incident.id)}">{badge(incident.severity)}'
        f"<div><strong>{escape(incident.headline)}</strong><br>{text}<br>"
        f"<b>Next:</b> {escape(incident.next_step)} "
        f'<span class="quiet">owner {escape(incident.owner)}, {escape(incident.id)}</span></div></li>'
    )


def _alerts(alerts: Sequence[AlertLine]) -> str:
    if not alerts:
        return '<h2>Firing checks</h2><p class="quiet">None.</p>'
    newest_first = sorted(
        alerts, key=lambda alert: alert.partition, reverse=True
    )  # stable: worst first stays
    days = "".join(
        _day(day, tuple(group)) for day, group in groupby(newest_first, lambda alert: alert.partition)
    )
    return f"<h2>Firing checks ({len(alerts)})</h2>{days}"


def _day(day: date, alerts: Sequence[AlertLine]) -> str:
    items = "".join(_alert(alert) for alert in alerts)
    return f'<section class="day"><h3>{day.isoformat()}</h3><ul>{items}</ul></section>'


def _alert(alert: AlertLine) -> str:
    figures = ", ".join(filter(None, (escape(alert.figures), f"owner {escape(alert.owner)}")))
    return (
        f"<li>{badge(alert.severity)}<div><strong>{escape(alert.alert)}</strong> {escape(alert.summary)} "
        f'<span class="quiet">{figures}</span></div></li>'
    )


def _partitions(model: StatusPage) -> str:
    if not model.partitions:
        return '<h2>Partitions</h2><p class="quiet">None found yet.</p>'
    columns = _columns(model)
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    newest_first = sorted(model.partitions, key=lambda line: line.partition, reverse=True)
    rows = "".join(
        f"<tr>{''.join(f'<td>{tell(line)}</td>' for tell in columns.values())}</tr>" for line in newest_first
    )
    return (
        f"<h2>Partitions ({len(model.partitions)})</h2>"
        f'<div class="wide" tabindex="0" role="region" aria-label="Partitions"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _columns(model: StatusPage) -> dict[str, Callable[[PartitionLine], str]]:
    """Return what is told of a partition, by the heading: of the stages that the feed has."""
    columns: dict[str, Callable[[PartitionLine], str]] = {
        "Partition": lambda line: line.partition.isoformat(),
        "Status": lambda line: badge(line.status),
        "Raw rows" if len(model.stages) > 1 else "Rows": lambda line: _count(line.raw_rows),
    }
    if "clean" in model.stages:
        columns["Clean rows"] = lambda line: _count(line.clean_rows)
    if "rejects" in model.stages:
        columns["Rejects"] = lambda line: _count(line.reject_rows)
        columns["Reject ratio"] = lambda line: _known(line.reject_ratio, ".1%")
    if model.revenue:
        columns["Raw revenue"] = lambda line: _known(line.raw_revenue, ",.2f")
    columns["Firing"] = lambda line: str(line.firing) if line.firing else UNKNOWN
    return columns


def badge(status: str) -> str:
    """Return a status in its colour."""
    colour = status if status in SEVERITIES else "quiet"
    return f'<span class="badge {colour}">{escape(status)}</span>'


def _count(value: int | None) -> str:
    return _known(value, ",")


def _known(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def _instant(value: datetime | None) -> str:
    return UNKNOWN if value is None else value.isoformat(sep=" ", timespec="seconds")
