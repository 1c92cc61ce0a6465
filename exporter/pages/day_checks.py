"""Every check of one day: its state, the reason, and its state on the days before."""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.checks.check import Alert, Compare
from exporter.checks.units import found_words, value_words
from exporter.model import Partition
from exporter.pages.grid import MARKS, QUIET, WORST, Cell, check_grid, choose_span
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.triage.explain import Json
from exporter.triage.words import limit_words

HISTORY_DAYS = 14


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check. ``found`` are its value and limit if it is in breach, ``history`` the days up to it."""

    name: str
    runbook: str
    cell: Cell
    why: str
    found: str
    about: str
    history: tuple[Cell, ...]
    has_rows: bool  # single rows show the problem

    @property
    def mark(self) -> tuple[str, str]:
        """Its colour class and its symbol."""
        return MARKS[self.cell]


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of a day: ``loud`` ones worst first, ``quiet`` ones in the catalogue's order."""

    days: tuple[Partition, ...]
    loud: tuple[CheckLine, ...]
    quiet: tuple[CheckLine, ...]


def checks_of(
    view: PartitionView, snapshot: Snapshot, explanation: Json, shown: Mapping[str, object]
) -> Checks:
    """Return the checks of a day; ``explanation`` explains it, ``shown`` has the checks with rows to show."""
    grid = check_grid(choose_span(snapshot, view.partition, HISTORY_DAYS), snapshot)
    why = {check["check"]: check["why"] for check in explanation["checks"]} | explanation["fine"]
    alerts = {alert.check.name: alert for alert in view.alerts}
    lines = [
        CheckLine(
            name=row.title,
            runbook=row.runbook,
            cell=row.cells[-1],
            why=why[row.title],
            found=_found(alerts.get(row.title)),
            about=_about(alerts.get(row.title)),
            history=row.cells,
            has_rows=row.title in shown,
        )
        for group in grid.groups
        for row in group.rows
    ]
    loud = [line for line in lines if line.cell not in QUIET]
    return Checks(
        days=grid.days,
        loud=tuple(sorted(loud, key=lambda line: WORST.index(line.cell))),
        quiet=tuple(line for line in lines if line.cell in QUIET),
    )


def _found(alert: Alert | None) -> str:
    """Describe value and limit; empty for a yes-or-no check."""
    if alert is None or alert.check.compare is Compare.EQUAL:
        return ""
    if alert.check.value is None:
        return f"{found_words(alert)}, limit {value_words(alert.check, alert.limit)}"
    return f"{found_words(alert)}, limit {limit_words(alert.check, alert.severity)}"


def _about(alert: Alert | None) -> str:
    if alert is None:
        return ""
    return ", ".join(
        filter(
            None,
            (alert.severity.value, alert.state.value, alert.check.owner, "blocks the load" * alert.blocks),
        )
    )
