"""What detectors share: the checks about a column, usual values, and words."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from statistics import median

from exporter.causes.cause import Case, Finding
from exporter.causes.reads import columns_named, columns_read, is_of_dq
from exporter.checks.check import Kind
from exporter.checks.units import percentage
from exporter.model import Profile

LEAST_DAYS = 3  # days needed to call a value usual
MOST_LINES = 3  # to show


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


MOST_SHAPES = 2
LEAST_SHARE = 0.001
TIMES = 5  # more than on any day before


def unreadable(case: Case, types: Collection[str], how: str) -> Iterator[Finding]:
    """Yield columns of some types with many values that cannot be read, with what they look like."""
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    for name, figures in raw.figures.items():
        count = _unreadable(name, raw)
        before = most(case, partial(_unreadable_share, name)) or 0.0
        if figures.type not in types or count < max(1, max(LEAST_SHARE, TIMES * before) * raw.good_rows):
            continue
        largest = sorted(figures.shapes.items(), key=lambda one: (-one[1], one[0]))
        shapes = listed([shape for shape, _ in largest], MOST_SHAPES)
        share = percentage(count / raw.good_rows)
        yield Finding(
            title=f"{share} of {name} values are {how}: they look like {shapes}",
            seen=f"{count:,} of {raw.good_rows:,} values of {name} are {how}: they look like {shapes}.",
            subject=name,
            evidence={"rows": raw.good_rows, "unreadable": count, "shapes": shapes},
            explains=tuple(about(case, (name,))),
        )


def _unreadable(name: str, profile: Profile) -> int:
    figures = profile.figures.get(name)
    return 0 if figures is None else sum(figures.shapes.values())


def _unreadable_share(name: str, day: Profile) -> float:
    return _unreadable(name, day) / max(1, day.good_rows)


DELIVERED_OTHERWISE = ("unaccounted_rows", "dq_discrepancy", "revenue_gap", "reject_ratio", "anomaly_*")


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


def in_lines(lines: Sequence[int], count: int) -> str:
    """Return where ``count`` records are, by the lines of the first ones: `` in line 5``, or nothing."""
    if not lines:
        return ""
    *most, last = (f"{line:,}" for line in lines[:MOST_LINES])
    listed = f"lines {', '.join(most)} and {last}" if most else f"line {last}"
    return f" in {listed}" if count <= len(most) + 1 else f", the first in {listed}"
