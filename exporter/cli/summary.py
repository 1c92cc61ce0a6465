"""What one pass found, as a table for the terminal."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.checks.check import Severity, State
from exporter.figures.metric import Figures
from exporter.pipeline.snapshot import PartitionView, Snapshot, worst
from exporter.pipeline.vitals import Vitals

PIPE_WIDTH = 200
STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", None: "green"}
COLUMNS = (
    "partition",
    "status",
    "raw",
    "clean",
    "rejects",
    "rejected",
    "raw revenue",
    "clean revenue",
    "in breach",
)


def print_summary(snapshot: Snapshot, vitals: Vitals, output: Path) -> None:
    """Print the window, oldest first, then what fires and where the files are."""
    console = Console()
    if not console.is_terminal:  # a log or a pipe has no width: nothing may be cut off
        console = Console(width=PIPE_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        right = column not in {"partition", "status", "in breach"}
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "in breach")
    for view in snapshot.window:
        table.add_row(*_row(view))
    console.print(table)
    for alert in snapshot.firing:
        line = Text(f"{alert.severity:<8} {alert.partition} {alert.check.alert}: {alert.check.summary}")
        line.stylize(STYLES[alert.severity], 0, len("critical"))
        console.print(line)
    for problem in vitals.problems:
        console.print(Text(f"odd      {problem}"))
    counts = ", ".join(f"{count} {severity}" for severity, count in snapshot.firing_count.items())
    console.print(Text(f"{len(snapshot.window)} partitions, firing: {counts}. Report in {output}"))


def _row(view: PartitionView) -> tuple[Text | str, ...]:
    status = worst(tuple(alert for alert in view.alerts if alert.state is not State.ACKNOWLEDGED))
    return (
        view.partition.isoformat(),
        Text(status or "ok", style=STYLES[status]),
        *(_count(view.figures, "puffy_partition_rows", stage) for stage in ("raw", "clean", "rejects")),
        _share(view.figures),
        *(_count(view.figures, "puffy_partition_revenue", stage) for stage in ("raw", "clean")),
        _names(view),
    )


def _count(figures: Figures, metric: str, stage: str) -> str:
    value = figures.get(metric, {}).get((stage,))
    return "-" if value is None else f"{value:,.0f}"


def _share(figures: Figures) -> str:
    value = figures.get("puffy_partition_reject_ratio", {}).get(())
    return "-" if value is None else f"{value:.1%}"


def _names(view: PartitionView) -> Text:
    names = Text()
    for number, alert in enumerate(view.alerts):
        names.append(", " if number else "")
        names.append(alert.check.name, style="" if alert.state is State.FIRING else "dim")
    return names
