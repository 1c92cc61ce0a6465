"""What detectors share: the checks about a column, usual values, and words."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from statistics import median

from exporter.causes.cause import Case
from exporter.causes.reads import columns_named, columns_read, is_of_dq
from exporter.checks.check import Kind
from exporter.feed import Table
from exporter.model import Profile, Stage
from exporter.template import format_of

LEAST_DAYS = 3  # days needed to call a value usual
LAST_MONTH = 12
MOST_LINES = 3  # to show
MOSTLY = 0.5  # of the rows
SWAPPED = ", as if day and month were swapped"
FORMAT = "Compare the format of the times with that of the days before: day and month changed places."


def about(case: Case, columns: Collection[str]) -> Iterator[str]:
    """Yield the checks in breach on the values of a column: what follows if some of them are wrong."""
    for alert in case.alerts:
        if not columns_named(alert, case.feed).isdisjoint(columns):
            yield alert.check.name


def computed_from(case: Case, columns: Collection[str]) -> Iterator[str]:
    """Yield the checks in breach whose figures are computed from a column: what follows if it is no good."""
    for alert in case.alerts:
        if not columns_read(alert, case.feed).isdisjoint(columns):
            yield alert.check.name


def rejected(case: Case) -> Iterator[str]:
    """Yield the anomalies that follow if the DQ step rejects every row: raw figures are not among them."""
    for alert in case.alerts:
        if alert.check.kind is Kind.ANOMALY and is_of_dq(alert, case.feed):
            yield alert.check.name


def usual(case: Case, figure: Callable[[Profile], float | None]) -> float | None:
    """Return the median of a figure over the days before, ``None`` if there are too few of them."""
    found = [value for profile in case.profiles() if (value := figure(profile)) is not None]
    return median(found) if len(found) >= LEAST_DAYS else None


def most(case: Case, figure: Callable[[Profile], float | None]) -> float | None:
    """Return the largest of the days before, ``None`` if there are too few of them."""
    found = [value for profile in case.profiles() if (value := figure(profile)) is not None]
    return max(found) if len(found) >= LEAST_DAYS else None


def listed(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


DELIVERED_OTHERWISE = ("unaccounted_rows", "dq_discrepancy", "revenue_gap", "reject_ratio", "anomaly_*")


def is_newer_than_clean(case: Case) -> bool:
    """Return whether the raw file was written after the clean one."""
    raw, clean = (case.facts.stages.get(stage) for stage in (Stage.RAW, Stage.CLEAN))
    return raw is not None and clean is not None and raw.updated_ns > clean.updated_ns


def unaccounted(case: Case) -> float | None:
    """Return by how many rows the raw file exceeds what the DQ step wrote, ``None`` if that is unknown."""
    return case.figures.get("puffy_partition_unaccounted_rows", {}).get(())


def short(case: Case) -> tuple[str, ...]:
    """Return what follows from a raw file without rows if the DQ step has seen it, otherwise nothing."""
    alert = case.alert("unaccounted_rows")
    return DELIVERED_OTHERWISE if alert is not None and alert.value < 0 else ()


def off_by(case: Case, count: int) -> Iterator[str]:
    """Yield the checks of sums that are off by ``count`` rows at most: what follows if those are none."""
    for name in ("unaccounted_rows", "dq_discrepancy"):
        alert = case.alert(name)
        if alert is not None and abs(alert.value) <= count:
            yield name


def swapped(day: date) -> date | None:
    """Return a date with day and month exchanged, ``None`` if there is none, or no other."""
    if day.day > LAST_MONTH or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


def are_json_lines(table: Table) -> bool:
    """Return whether a table's files have a JSON object per line, by the contract or by their names."""
    return (table.form.format or format_of(table.path.text)) == "ndjson"


def are_most(raw: Profile) -> bool:
    """Return whether most rows are malformed: what the others have says nothing about the day."""
    return raw.malformed_rows > MOSTLY * raw.rows


def in_lines(lines: Sequence[int], count: int) -> str:
    """Return where ``count`` records are, by the lines of the first ones: `` in line 5``, or nothing."""
    if not lines:
        return ""
    *most, last = (f"{line:,}" for line in lines[:MOST_LINES])
    listed = f"lines {', '.join(most)} and {last}" if most else f"line {last}"
    return f" in {listed}" if count <= len(most) + 1 else f", the first in {listed}"
