"""The result of a pass as text for the terminal, newest day first."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from exporter.checks.check import Severity, State
from exporter.checks.units import percentage
from exporter.cli.output import open_console
from exporter.gate.days import runs_of_days
from exporter.gate.gate import Status
from exporter.incidents.incident import Standing
from exporter.incidents.texts import severity_name, texts_of
from exporter.model import Stage
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.pipeline.vitals import Vitals

STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", None: "green"}
REVENUE = {Stage.RAW: "raw rev.", Stage.CLEAN: "clean rev."}
GAP = "  "
FEWEST_FOLDED = 4  # missing days in a row that share a line
LABEL = "critical "  # the indent of findings


class Aside(NamedTuple):
    """Information next to the table: the days of an old directory, and where the files were written."""

    views: Sequence[PartitionView]  # oldest first
    hint: str | None
    files: str


def print_summary(snapshot: Snapshot, vitals: Vitals, aside: Aside) -> None:
    """Print the days, then what is open, then the files' location."""
    console = open_console()
    for line in _table(snapshot, aside.views, console.width):
        console.print(line, soft_wrap=True)
    if snapshot.blind is not None:
        _say(console, f"{LABEL}nothing to judge: {snapshot.blind}", len(LABEL))
    for line in _incidents(snapshot, console.width):
        console.print(line, soft_wrap=True)
    for problem in vitals.problems:
        _say(console, f"{'problem':<{len(LABEL)}}{problem}", len(LABEL))
    console.print()
    if aside.hint is not None:
        _say(console, f"{aside.hint[:1].upper()}{aside.hint[1:]}")
    counts = ", ".join(f"{count} {severity}" for severity, count in snapshot.firing_count.items())
    found = f"open incidents: {len(snapshot.told)}, firing checks: {counts}"
    _say(console, f"{len(snapshot.window)} partitions, {found}. {aside.files}")
    if snapshot.gate.holds:
        _say(console, _gate_words(snapshot.gate))


def _gate_words(gate: Status) -> str:
    """Describe which days are held and how to release them; several days of one check are one finding."""
    reasons = "; ".join(
        f"{check} ({', '.join(runs_of_days(held.partition for held in holds))})"
        for check, holds in gate.group()
    )
    days = " ".join(runs_of_days(held.partition for held in gate.holds))
    return (
        f"The gate is closed: {reasons}. To release: puffy-exporter gate ack {days} --by NAME --reason TEXT"
    )


def _say(console: Console, text: str, indent: int = 0) -> None:
    for line in _wrapped(text, console.width, indent):
        console.print(Text(line), soft_wrap=True)


def _wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def _table(snapshot: Snapshot, views: Sequence[PartitionView], width: int) -> Iterator[Text]:
    """Yield a line for each day with the checks in breach below; a run of missing days is one line."""
    columns = _columns(snapshot)
    rows = {view.partition: tuple(cell(view) for cell in columns.values()) for view in views}
    widths = [max(map(len, column)) for column in zip(columns, *rows.values(), strict=True)]
    yield Text(_line(tuple(columns), widths), style="bold")
    for missing, group in groupby(reversed(views), lambda view: not view.facts.stages):
        run = list(group)
        if missing and len(run) >= FEWEST_FOLDED:
            yield Text(f"{run[-1].partition} to {run[0].partition}: {len(run)} days missing", style="dim")
            continue
        for view in run:
            yield _row(view, _line(rows[view.partition], widths))
            yield from _checks(view, width)


def _row(view: PartitionView, line: str) -> Text:
    row = Text(line)
    start = len(str(date.min)) + len(GAP)
    status = view.status
    row.stylize(STYLES[status], start, start + len(status or "ok"))
    return row


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    placed = (
        f"{cell:<{width}}" if place < 2 else f"{cell:>{width}}"  # noqa: PLR2004  the day and its status
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return GAP.join(placed).rstrip()


def _checks(view: PartitionView, width: int) -> Iterator[Text]:
    indent = " " * (len(str(date.min)) + len(GAP))
    names = ", ".join(
        f"({alert.check.name})" if alert.state is State.ACKNOWLEDGED else alert.check.name
        for alert in view.alerts
    )
    for line in textwrap.wrap(names, width, initial_indent=indent, subsequent_indent=indent):
        yield Text(line, style="dim")


def _columns(snapshot: Snapshot) -> dict[str, Callable[[PartitionView], str]]:
    """Return a day's cells by heading, for the stages that the feed has."""
    columns: dict[str, Callable[[PartitionView], str]] = {
        "partition": lambda view: view.partition.isoformat(),
        "status": lambda view: view.status or "ok",
    }
    for stage in snapshot.stages:
        heading = stage.value if len(snapshot.stages) > 1 else "rows"
        columns[heading] = partial(_count, "puffy_partition_rows", stage)
    if Stage.REJECTS in snapshot.stages:
        columns["rejected"] = _share
    for stage, heading in REVENUE.items():
        if snapshot.revenue and stage in snapshot.stages:
            columns[heading] = partial(_count, "puffy_partition_revenue", stage)
    return columns


def _count(metric: str, stage: Stage, view: PartitionView) -> str:
    value = view.figures.get(metric, {}).get((stage.value,))
    return "-" if value is None else f"{value:,.0f}"


def _share(view: PartitionView) -> str:
    value = view.figures.get("puffy_partition_reject_ratio", {}).get(())
    return "-" if value is None else percentage(value)


def _incidents(snapshot: Snapshot, width: int) -> Iterator[Text]:
    """Yield the open problems, each once, worst first; information comes last."""
    for incident in snapshot.incidents:
        if incident.state is Standing.OPEN and (incident.notified or incident.severity is None):
            said = texts_of(snapshot.feed, incident)
            yield Text()
            name = severity_name(incident.severity)
            for number, line in enumerate(_wrapped(f"{name:<8} {said.headline}", width, len(LABEL))):
                text = Text(line)
                if number == 0:
                    text.stylize(STYLES[incident.severity], 0, len(name))
                yield text
            for line in (*said.text.splitlines(), f"Next: {said.next_step} [{incident.id}]"):
                for part in textwrap.wrap(
                    line,
                    width,
                    initial_indent=" " * len(LABEL),
                    subsequent_indent=" " * len(LABEL),
                    break_long_words=False,
                    break_on_hyphens=False,
                ):
                    yield Text(part)
