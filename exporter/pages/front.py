"""The first page of a feed: whether its newest day can be trusted, what is open, each day's state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporter.checks.units import amount, duration
from exporter.gate.days import runs_of_days
from exporter.gate.gate import SINGLE_LINES, Status
from exporter.history.detection import Method
from exporter.history.trend import Trend
from exporter.history.verdict import normal
from exporter.incidents.incident import Incident, Standing
from exporter.incidents.texts import severity_name, texts_of
from exporter.model import NANOSECONDS, Partition
from exporter.pages.grid import Cell, Span, check_grid, choose_span, day_cell, problem_grid
from exporter.pages.html import known, render
from exporter.pages.site import Document, Kind, Site, Visit, read_day
from exporter.pages.sparkline import Interval, Sparkline, draw
from exporter.pipeline.snapshot import PartitionView, Snapshot


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether the newest day can be trusted. ``status`` sets the colour."""

    status: str
    sentence: str
    rest: str  # about the other days, and what comes next


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a load waits, with a link to the day, or to the newest of several."""

    day: Partition
    what: str
    since: str


@dataclass(frozen=True, slots=True)
class Card:
    """One open incident."""

    id: str
    severity: str
    headline: str
    lines: tuple[str, ...]
    next_step: str
    owner: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One trend: its newest value, the expected value, and the days before."""

    name: str
    value: str
    expected: str
    change: str
    status: str
    drawing: Sparkline


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one day, ready to be shown."""

    day: Partition
    status: Cell
    cells: tuple[str, ...]


def _make(site: Site, visit: Visit) -> Document:
    snapshot = site.snapshot
    span = choose_span(snapshot, _until(visit))
    return Document(
        render(
            "front.html",
            site=site,
            here="",
            root=site.root,
            status=status_of(site),
            trust=trust(snapshot),
            cards=tuple(open_cards(snapshot)),
            holds=tuple(_holds(snapshot.gate)),
            problems=site.vitals.problems
            if snapshot.blind is None
            else (snapshot.blind, *site.vitals.problems),
            wrong=problem_grid(span),
            checks=check_grid(span, snapshot),
            charts=tuple(_chart(trend, span) for trend in snapshot.trends),
            columns=tuple(name for name, _ in _columns(snapshot)),
            figures=tuple(_figures(span, snapshot)),
        )
    )


def _until(visit: Visit) -> Partition | None:
    written = visit.query.get("until")
    return None if written is None else read_day(written, "until=")


def status_of(site: Site) -> str:
    """Return the worst status of the days and of the exporter itself."""
    if site.vitals.blind:
        return "critical"
    return site.snapshot.status or ("ok" if site.vitals.last_pass_succeeded else "warning")


def open_cards(snapshot: Snapshot) -> Iterator[Card]:
    """Yield the incidents that people need to know of, worst first."""
    for incident in snapshot.incidents:
        if incident.state is Standing.OPEN and (incident.notified or incident.severity is None):
            yield _card(snapshot.feed, incident)


def trust(snapshot: Snapshot) -> Trust:
    """Describe whether the newest due day can be trusted, and what to expect next."""
    if snapshot.blind is not None:
        return Trust("critical", "Nothing can be judged.", snapshot.blind)
    due = [view for view in snapshot.window if view.facts.due_ns <= snapshot.as_of_ns]
    if not due:
        return Trust("waiting", "No day is due yet.", _next(snapshot))
    newest = due[-1]
    cell = day_cell(newest)
    sentence = f"{newest.partition:%A} {newest.partition} {verdict(newest, cell)}"
    return Trust(tone_of(cell), sentence, " ".join(filter(None, (_before(due[:-1]), _next(snapshot)))))


def _before(earlier: Sequence[PartitionView]) -> str:
    """Sum up the days before the newest one."""
    bad = sum(day_cell(view) in (Cell.CRITICAL, Cell.WARNING) for view in earlier)
    if len(earlier) == 1:
        return f"The day before is {'bad' if bad else 'good'}."
    if bad:
        return f"{bad} of the {len(earlier)} days before {'is' if bad == 1 else 'are'} bad."
    return f"All {len(earlier)} days before are good or acknowledged." if earlier else ""


def tone_of(cell: Cell) -> str:
    """Return the status that colours a day's state."""
    if cell is Cell.NO_DATA:
        return "waiting"
    return cell.value if cell in (Cell.CRITICAL, Cell.WARNING) else "ok"


def verdict(view: PartitionView, cell: Cell) -> str:
    """Describe whether a day can be trusted, to follow its name."""
    if cell is Cell.ACKNOWLEDGED:
        return "is bad but acknowledged."
    if cell is Cell.NO_DATA:
        return "has no data, and no check expects any."
    if cell not in (Cell.CRITICAL, Cell.WARNING):
        return "can be trusted."
    first, *others = [problem for problem in view.problems if problem.severity is not None]
    more = f", and {len(others)} more" if others else ""
    verdict = "cannot be trusted" if cell is Cell.CRITICAL else "needs a look"
    return f"{verdict}: {_lower(view.words[first.key].title)}{more}."


def _lower(title: str) -> str:
    """Lower the first letter, unless the first word is a name or an acronym."""
    return title if title[1:2].isupper() or not title[:1].isupper() else title[0].lower() + title[1:]


def _next(snapshot: Snapshot) -> str:
    if snapshot.next_due is None:
        return ""
    day, due_ns = snapshot.next_due
    return f"{day} is due in {duration((due_ns - snapshot.as_of_ns) // NANOSECONDS)}."


def _card(feed: str, incident: Incident) -> Card:
    said = texts_of(feed, incident)
    return Card(
        id=incident.id,
        severity=severity_name(incident.severity),
        headline=said.headline.removeprefix(f"{feed} "),
        lines=tuple(said.text.splitlines()),
        next_step=said.next_step,
        owner=incident.owner,
    )


def _holds(gate: Status) -> Iterator[Hold]:
    """Yield a line for each hold; many days of one check are one line."""
    for check, holds in gate.group():
        days = {held.partition for held in holds}
        if len(days) > SINGLE_LINES:
            yield Hold(max(days), f"{check} on {len(days)} days", ", ".join(runs_of_days(days)))
        else:
            for held in holds:
                yield Hold(held.partition, f"{held.partition} {held.check}", gate.since_words(held))


def _chart(trend: Trend, span: Span) -> Chart:
    values: list[float | None] = []
    intervals: list[Interval | None] = []
    for view in span.views:
        values.append(trend.value_in(view.figures))
        intervals.append(interval_of(trend, view))
    outside = [is_outside(trend, view) for view in span.views]
    newest = next((view for view in reversed(span.views) if trend.value_in(view.figures) is not None), None)
    drawing = draw(values, intervals, outside)
    if newest is None:
        return Chart(trend.name, "", "", "", "", drawing)
    figures = (newest.window.trends or {}).get(trend.name)
    change = None if figures is None else figures.week_over_week_ratio
    return Chart(
        name=trend.name,
        value=_amount(trend, trend.value_in(newest.figures) or 0.0),
        expected=expected_words(trend, interval_of(trend, newest)),
        change="" if change is None else f"{change:+.1%} on last {newest.partition:%A}",
        status="outside" if is_outside(trend, newest) else "",
        drawing=drawing,
    )


def interval_of(trend: Trend, view: PartitionView) -> Interval | None:
    """Return a trend's expected interval on a day, or ``None`` with too little history."""
    figures = (view.window.trends or {}).get(trend.name)
    if figures is None:
        return None
    detection = (view.window.detections or {}).get(trend.name)
    return normal(figures, detection, trend.band).interval(figures.value)


def is_outside(trend: Trend, view: PartitionView) -> bool:
    """Return whether a check of the trend is in breach, acknowledged or not."""
    return any(alert.check.trend == trend.name for alert in view.alerts)


def expected_words(trend: Trend, interval: Interval | None) -> str:
    """Describe a trend's expected value."""
    if interval is None:
        return "too few days for an expected range"
    low, high = (_amount(trend, edge) for edge in interval)
    return f"expected {low} to {high}"


def _amount(trend: Trend, value: float) -> str:
    """Format a value in its unit, without decimals above ten."""
    whole = float(round(value)) if abs(value) > 10 else value  # noqa: PLR2004
    return amount(whole, trend.metric, share=trend.band.method is Method.RATE)


def _figures(span: Span, snapshot: Snapshot) -> Iterator[Figures]:
    """Yield the figures of each day, the newest first."""
    columns = tuple(_columns(snapshot))
    for view, status in reversed(tuple(zip(span.views, span.status, strict=True))):
        cells = tuple(_written(view, key, form) for _, (key, form) in columns)
        yield Figures(view.partition, status, cells)


Key = tuple[str, tuple[str, ...]]


def _written(view: PartitionView, key: Key, form: str) -> str:
    metric, labels = key
    return known(view.figures.get(metric, {}).get(labels), form)


def _columns(snapshot: Snapshot) -> Iterator[tuple[str, tuple[Key, str]]]:
    """Yield the figures of each day by heading, for the stages that the feed has."""
    rows = "puffy_partition_rows"
    several = len(snapshot.stages) > 1
    for stage in snapshot.stages:
        yield (f"{stage.value.capitalize()} rows" if several else "Rows"), ((rows, (stage.value,)), ",.0f")
    if "rejects" in snapshot.stages:
        yield "Rejected", (("puffy_partition_reject_ratio", ()), ".1%")
    if snapshot.revenue:
        yield "Raw revenue", (("puffy_partition_revenue", ("raw",)), ",.2f")


PAGE: Kind[Site] = Kind("", _make)
