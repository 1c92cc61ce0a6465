"""Days across, checks down: the state of each check on each day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from markupsafe import Markup, escape

from exporter.checks.check import Alert, Check, Kind, Origin, Severity, State, Value
from exporter.checks.judge import Subject, evaluate
from exporter.checks.units import AGAINST_OTHER_DAYS
from exporter.history.detection import Readiness
from exporter.history.trend import LEAST_MEMBERS
from exporter.incidents.texts import severity_name
from exporter.incidents.words import Words
from exporter.links import CHECKS
from exporter.model import Partition, Stage
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.plain import capitalised

DAYS = 35  # on one page
CONTRACT_AREA = "Contract rules"


class Cell(StrEnum):
    """The state of a check on a day. The value is the displayed text."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    ACKNOWLEDGED = "acknowledged"
    EXPLAINED = "explained by another"
    LEARNING = "learning"
    NOTE = "worth knowing"
    NO_DATA = "no data"


MARKS: Mapping[Cell, tuple[str, str]] = {  # a cell's colour class and its symbol
    Cell.OK: ("o", "\N{MIDDLE DOT}"),
    Cell.WARNING: ("w", "!"),
    Cell.CRITICAL: ("c", "\N{MULTIPLICATION X}"),
    Cell.ACKNOWLEDGED: ("a", "\N{CHECK MARK}"),
    Cell.EXPLAINED: ("e", "\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS}"),
    Cell.LEARNING: ("l", "\N{HORIZONTAL ELLIPSIS}"),
    Cell.NOTE: ("i", "i"),
    Cell.NO_DATA: ("n", ""),
}
QUIET = frozenset((Cell.OK, Cell.LEARNING, Cell.NO_DATA))  # nothing to judge
WORST = (Cell.CRITICAL, Cell.WARNING, Cell.ACKNOWLEDGED, Cell.EXPLAINED, Cell.NOTE, *QUIET)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``page`` and ``runbook`` name its runbook, ``anchor`` its position on a day's page."""

    title: str
    cells: tuple[Cell, ...]
    page: str
    runbook: str
    anchor: str

    @property
    def worst(self) -> Cell:
        """The worst of the row."""
        return min(self.cells, key=WORST.index, default=Cell.NO_DATA)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, its days oldest first. ``older`` and ``newer`` are the last days of the neighbouring grids."""

    days: tuple[Partition, ...]
    status: tuple[Cell, ...]  # of each day
    groups: tuple[Group, ...]
    older: Partition | None = None
    newer: Partition | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The judged days that are shown, each with its state."""

    views: tuple[PartitionView, ...]
    status: tuple[Cell, ...]
    older: Partition | None
    newer: Partition | None


def choose_span(snapshot: Snapshot, until: Partition | None, days: int = DAYS) -> Span:
    """Choose the days up to ``until``, by default the newest; neighbours are named by their last day."""
    window = snapshot.window
    end = len(window) if until is None else sum(view.partition <= until for view in window)
    begin = max(0, end - days)
    views = window[begin:end]
    return Span(
        views=views,
        status=tuple(map(day_cell, views)),
        older=window[begin - 1].partition if begin else None,
        newer=window[min(end + days, len(window)) - 1].partition if end < len(window) else None,
    )


def problem_grid(span: Span) -> Grid:
    """Return the problems, each once: causes and unexplained checks, worst first."""
    titles: dict[tuple[str, str], Words] = {}
    for view in span.views:
        for problem in view.problems:
            said = view.words[problem.key]
            titles[problem.key] = said
    rows = [
        Row(
            capitalised(said.title),
            tuple(_problem_cell(view, key) for view in span.views),
            said.page,
            said.runbook,
            key[0],
        )
        for key, said in titles.items()
    ]
    newest = {row: max(place for place, cell in enumerate(row.cells) if cell not in QUIET) for row in rows}
    ranked = sorted(rows, key=lambda row: (-newest[row], WORST.index(row.worst)))
    return _grid(span, (Group("What is wrong", tuple(ranked)),) if ranked else ())


def _problem_cell(view: PartitionView, key: tuple[str, str]) -> Cell:
    found = next((problem for problem in view.problems if problem.key == key), None)
    if found is None:
        return Cell.OK if view.facts.stages else Cell.NO_DATA
    if found.state is State.ACKNOWLEDGED:
        return Cell.ACKNOWLEDGED
    return Cell.NOTE if found.severity is None else Cell(severity_name(found.severity))


def check_grid(span: Span, snapshot: Snapshot) -> Grid:
    """Return the state of every check, in the catalogue's groups."""
    unguarded = _unguarded(snapshot.checks)
    cells = [cells_of(view, snapshot, unguarded) for view in span.views]
    groups: dict[str, list[Row]] = {}
    for check in snapshot.checks:
        own = tuple(known[check.name] for known in cells)
        row = Row(check.name, own, CHECKS, check.runbook, check.name)
        groups.setdefault(_area(check), []).append(row)
    return _grid(span, tuple(Group(title, tuple(rows)) for title, rows in groups.items()))


def _area(check: Check) -> str:
    if check.kind is Kind.ANOMALY:
        return "Trends"
    return CONTRACT_AREA if check.origin is Origin.CONTRACT else check.area


def _grid(span: Span, groups: tuple[Group, ...]) -> Grid:
    return Grid(
        days=tuple(view.partition for view in span.views),
        status=span.status,
        groups=groups,
        older=span.older,
        newer=span.newer,
    )


def day_cell(view: PartitionView) -> Cell:
    """Return the worst state of a day; one without an expected file has no data."""
    cells = [_problem_cell(view, problem.key) for problem in view.problems]
    return min(cells, key=WORST.index, default=Cell.OK if view.facts.stages else Cell.NO_DATA)


def _unguarded(checks: Sequence[Check]) -> Mapping[str, Value]:
    """Return what each check judges, without its condition: if that does not hold, nothing is wrong."""
    return {check.name: replace(check.value, when=None) for check in checks if check.value is not None}


def cells_of(view: PartitionView, snapshot: Snapshot, unguarded: Mapping[str, Value]) -> Mapping[str, Cell]:
    """Return the state of every check of a day, by name."""
    explained = set(_explained(view))
    breached = {alert.check.name: _breach(alert, explained) for alert in view.alerts}
    subject = view.subject(snapshot.as_of_ns)
    return {
        check.name: breached.get(check.name) or _silent(check, unguarded.get(check.name), subject, view)
        for check in snapshot.checks
    }


def _explained(view: PartitionView) -> Iterator[str]:
    """Yield the checks that belong to a cause, or to another check."""
    for problem in view.problems:
        yield from (alert.check.name for alert in problem.alerts if alert.check.name != problem.name)


def _breach(alert: Alert, explained: Iterable[str]) -> Cell:
    if alert.state is State.ACKNOWLEDGED:
        return Cell.ACKNOWLEDGED
    if alert.check.name in explained:
        return Cell.EXPLAINED
    return Cell.CRITICAL if alert.severity is Severity.CRITICAL else Cell.WARNING


def _silent(check: Check, value: Value | None, subject: Subject, view: PartitionView) -> Cell:
    if value is None:
        return _unremarkable(check, view)
    if value.selector.metric in AGAINST_OTHER_DAYS:
        raw = view.facts.stages.get(Stage.RAW)
        return Cell.NO_DATA if raw is None or raw.profile is None else Cell.OK
    return Cell.NO_DATA if next(evaluate(value, subject), None) is None else Cell.OK


def _unremarkable(check: Check, view: PartitionView) -> Cell:
    figures = (view.window.trends or {}).get(check.trend or "")
    if figures is None:
        return Cell.NO_DATA
    detection = (view.window.detections or {}).get(check.trend or "")
    learns = detection is not None and detection.readiness is Readiness.LEARNING
    return Cell.LEARNING if learns or figures.baseline_count < LEAST_MEMBERS else Cell.OK


def cells_markup(cells: Sequence[Cell], days: Sequence[Partition], here: str, anchor: str = "") -> Markup:
    """Return a line's cells; a template would take ten times as long for the thousands of a page."""
    place = f"#{escape(anchor)}" if anchor else ""
    return Markup("").join(
        _cell(cell, f"{here}partitions/{day}{place}") for cell, day in zip(cells, days, strict=True)
    )


def heads_markup(days: Sequence[Partition], here: str) -> Markup:
    """Return the heads of a short grid's columns, each leading to its day; in Python for the same reason."""
    return Markup("").join(_head(day, escape(here)) for day in days)


def _head(day: Partition, here: str) -> Markup:
    name = f"{day:%a}"
    address = f"{here}partitions/{day}"
    return Markup(  # noqa: S704  no input in it
        f'<th scope="col"><a href="{address}" title="{name} {day}"><i>{name[0]}</i>{day:%d}</a>'
    )


def _cell(cell: Cell, address: str) -> Markup:
    if cell in QUIET:
        return QUIET_CELLS[cell]
    kind, sign = MARKS[cell]
    return Markup(f'<td class={kind}><a href="{address}" title="{cell}">{sign}</a>')  # noqa: S704  no input in it


QUIET_CELLS = {cell: Markup("<td class={}>{}").format(*MARKS[cell]) for cell in QUIET}
