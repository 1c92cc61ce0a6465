"""What detectors have in common: which checks speak of a column, and what is usual."""

from collections.abc import Callable, Collection, Iterator
from statistics import median

from exporter.causes.cause import Case
from exporter.model import Profile

LEAST_DAYS = 3  # before which nothing is usual


def about(case: Case, columns: Collection[str]) -> Iterator[str]:
    """Yield the checks in breach that speak of a column, by a label or by their name."""
    for alert in case.alerts:
        named = set(alert.labels.values()) | set(alert.names)
        if named & set(columns) or any(column in alert.check.name for column in columns):
            yield alert.check.name


def usual(case: Case, figure: Callable[[Profile], float | None]) -> float | None:
    """Return the median of a figure over the days before, ``None`` if there are too few of them."""
    found = [value for profile in case.profiles() if (value := figure(profile)) is not None]
    return median(found) if len(found) >= LEAST_DAYS else None


def most(case: Case, figure: Callable[[Profile], float | None]) -> float | None:
    """Return the largest of the days before, ``None`` if there are too few of them."""
    found = [value for profile in case.profiles() if (value := figure(profile)) is not None]
    return max(found) if len(found) >= LEAST_DAYS else None


DELIVERED_OTHERWISE = ("unaccounted_rows", "dq_discrepancy", "revenue_gap", "reject_ratio", "anomaly_*")


def short(case: Case) -> tuple[str, ...]:
    """Return what follows from a raw file without rows that the DQ step has seen; else nothing."""
    alert = case.alert("unaccounted_rows")
    return DELIVERED_OTHERWISE if alert is not None and alert.value < 0 else ()
