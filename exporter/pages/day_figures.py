"""The figures of a day by stage, each with its expected value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from exporter.checks.units import amount
from exporter.figures import asked, columns, files, reconciliation, times
from exporter.figures.table import METRICS
from exporter.history.trend import Trend
from exporter.metric import ROWS, STAGE, Labels, Metric
from exporter.model import NANOSECONDS
from exporter.pages.front import expected_words, interval_of, is_outside
from exporter.pages.html import instant
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.profiling.pack import known_packs
from exporter.report.document import short_name

MOST_LINES = 200  # of columns: more are in the JSON
MOST_VALUES = 10  # of a category
WHOLE = 10  # numbers above this are shown without decimals
SMALL = 0.01  # below this, two decimals would read as zero
KILO = 1000
CLAIMED = "puffy_partition_dq_rows"
VALUES = "puffy_column_value_rows"
ELSEWHERE = frozenset(  # shown elsewhere on the page: with the files, in the timeline, among the reasons
    (
        "puffy_partition_start_timestamp_seconds",
        "puffy_partition_due_timestamp_seconds",
        "puffy_partition_alertable",
        "puffy_partition_present",
        "puffy_partition_readable",
        "puffy_partition_unreadable_info",
        "puffy_partition_unmatched_file_info",
        "puffy_partition_arrival_timestamp_seconds",
        "puffy_partition_updated_timestamp_seconds",
        "puffy_partition_rejects",
        "puffy_query_failed_info",
    )
)
_COUNTED = tuple(metric for metric in files.METRICS if metric.name == ROWS)
_CLAIMED = tuple(metric for metric in reconciliation.METRICS if metric.name == CLAIMED)


def _without(metrics: tuple[Metric, ...], others: tuple[Metric, ...]) -> tuple[Metric, ...]:
    return tuple(metric for metric in metrics if metric not in others)


SECTIONS: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    ("Rows and files", (*_COUNTED, *_CLAIMED, *_without(files.METRICS, _COUNTED))),
    *((name.replace("-", " ").capitalize(), pack.metrics) for name, pack in known_packs().items()),
    ("Reconciliation of rows", _without(reconciliation.METRICS, _CLAIMED)),
    ("Times", times.METRICS),
    ("Queries of the contract", asked.METRICS),
    ("Columns", columns.METRICS),
)


@dataclass(frozen=True, slots=True)
class Value:
    """One figure as displayed. ``note`` has the counts of a share, and the expected value."""

    text: str
    note: str = ""
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of every stage, or in ``day`` of the whole day. ``help`` describes it."""

    title: str
    help: str
    stages: tuple[Value | None, ...] = ()
    day: Value | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Figures under one heading; ``zeros`` names those that are zero in all stages."""

    title: str
    lines: tuple[Line, ...]
    zeros: tuple[str, ...] = ()
    left_out: int = 0


def figure_sections(view: PartitionView, snapshot: Snapshot) -> Iterator[Section]:
    """Yield the figures of a day by topic, without empty headings."""
    trends = {(trend.metric, trend.labels): trend for trend in snapshot.trends}
    for title, metrics in SECTIONS:
        rows = [row for metric in metrics for row in _rows(metric, view)]
        if metrics is columns.METRICS:
            rows.sort(key=lambda row: row.rest[:1])  # a column's figures are next to each other
        section = _section(title, rows, view, snapshot, trends)
        if section.lines or section.zeros:
            yield section


@dataclass(frozen=True, slots=True)
class _Row:
    """Samples of one metric that differ only in their stage; ``None`` is the day's."""

    metric: Metric
    rest: Labels
    samples: Mapping[str | None, float]


def _rows(metric: Metric, view: PartitionView) -> Iterator[_Row]:
    samples = view.figures.get(metric.name)
    if not samples or metric.name in ELSEWHERE or _is_part(metric, view):
        return
    rows: dict[Labels, dict[str | None, float]] = {}
    for labels, value in samples.items():
        stage, rest = (labels[0], labels[1:]) if _is_by_stage(metric) else (None, labels)
        rows.setdefault(rest, {})[stage] = value
    chosen = _commonest(rows) if metric.name == VALUES else rows
    yield from (_Row(metric, rest, rows[rest]) for rest in chosen)


def _commonest(rows: Mapping[Labels, Mapping[str | None, float]]) -> Iterator[Labels]:
    """Yield the commonest values of each column."""
    by_column: dict[str, list[Labels]] = {}
    for rest in sorted(rows, key=lambda rest: -max(rows[rest].values())):
        by_column.setdefault(rest[0], []).append(rest)
    for found in by_column.values():
        yield from found[:MOST_VALUES]


def _is_by_stage(metric: Metric) -> bool:
    """Return whether the first label is a stage, whatever its name."""
    return bool(metric.labels) and (metric.choices or {}).get(metric.labels[0]) == STAGE


def _is_part(metric: Metric, view: PartitionView) -> bool:
    """Return whether a count is already shown with its share."""
    whole = f"{metric.name.removesuffix('_rows')}_ratio"
    return metric.name.endswith("_rows") and whole in view.figures


def _section(
    title: str,
    rows: Iterable[_Row],
    view: PartitionView,
    snapshot: Snapshot,
    trends: Mapping[tuple[str, Labels], Trend],
) -> Section:
    lines: list[Line] = []
    zeros: list[str] = []
    for row in rows:
        own = {stage: trends.get((row.metric.name, _labels(row, stage))) for stage in row.samples}
        if not any(row.samples.values()) and not any(own.values()) and row.metric.name not in (ROWS, CLAIMED):
            zeros.append(_title(row))
            continue
        values = {stage: _value(row, stage, view, own[stage]) for stage in row.samples}
        stages = tuple(values.get(stage.value) for stage in snapshot.stages) if None not in values else ()
        lines.append(Line(_title(row), row.metric.help, stages, values.get(None)))
    left_out = max(0, len(lines) - MOST_LINES)
    return Section(title, tuple(lines[:MOST_LINES]), tuple(zeros[:MOST_LINES]), left_out)


def _labels(row: _Row, stage: str | None) -> Labels:
    return row.rest if stage is None else (stage, *row.rest)


def _title(row: _Row) -> str:
    words = short_name(row.metric.name).removeprefix("column_")
    for ending in ("_timestamp_seconds", "_seconds", "_bytes", "_info"):
        words = words.removesuffix(ending)
    words = words.replace("_", " ")
    if row.metric in columns.METRICS and row.rest:
        column, *values = row.rest
        return f"{column}: {values[0]}" if values else f"{column}: {words}"
    words = "rows, according to upstream" if row.metric.name == CLAIMED else words
    return ": ".join((words, *row.rest))


def _value(row: _Row, stage: str | None, view: PartitionView, trend: Trend | None) -> Value:
    labels, number = _labels(row, stage), row.samples[stage]
    notes = []
    counts = None if row.metric.counts is None else row.metric.counts(view.figures, labels)
    if counts is not None:
        notes.append(f"{counts[0]:,.10g} of {counts[1]:,.10g}")
    if trend is not None:
        notes.append(expected_words(trend, interval_of(trend, view)))
    counted = view.figures.get(ROWS, {}).get(labels) if row.metric.name == CLAIMED else None
    differs = counted is not None and counted != number
    if differs:
        notes.append(f"{number - (counted or 0.0):+,.10g} compared with the rows counted")
    is_off = differs or (trend is not None and is_outside(trend, view))
    return Value(measure(number, row.metric), ", ".join(notes), is_off)


def measure(value: float, metric: Metric) -> str:
    """Format a figure for people: instants as dates, bytes in kB and so on, flags as yes or no."""
    if metric.name.endswith("_timestamp_seconds"):
        return instant(value * NANOSECONDS)
    if metric.name.endswith("_bytes"):
        return size(value)
    if metric.help.startswith("1 "):
        return "yes" if value else "no"
    if value and abs(value) < SMALL and not metric.name.endswith(("_ratio", "_seconds")):
        return f"{value:.3g}"
    return amount(value, metric.name).removesuffix(" rows").removesuffix(" row")


def size(value: float) -> str:
    """Format a number of bytes in a unit with few digits."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < KILO:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= WHOLE else f"{value:,.1f} {unit}"
        value /= KILO
    return f"{value:,.1f} TB"


def samples_of(view: PartitionView) -> list[dict[str, object]]:
    """Return every figure of a day for programs: metric, labels and value."""
    labels = {metric.name: metric.labels for metric in METRICS}
    return [
        {"metric": name, "labels": dict(zip(labels[name], key, strict=True)), "value": value}
        for name, known in view.figures.items()
        for key, value in known.items()
    ]
