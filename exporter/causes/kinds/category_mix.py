"""A known value of a category, or yes or no, has a share of the rows far outside what is usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from exporter.causes.about import about
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds.category_changed import frequent_new
from exporter.causes.kinds.category_recoded import (
    Values,
    categories,
    gone_values,
    is_recoded,
)
from exporter.checks.check import Kind, Severity
from exporter.checks.units import percentage
from exporter.model import Profile
from exporter.profiling.order_tally import orders_of

EVENTS = "event_name"  # of the shipped feed, whose events have causes and trends of their own
LEAST_DAYS = 7  # so that the same day of the week is among them
LEAST_OF_DAY = 20  # rows with a value
POINTS = 0.2  # of all rows, beyond the nearest of the days before
SPREADS = 3.0  # beyond it, in distances between the lowest and the highest of them
DEVIATIONS = 4.0  # of chance
OTHER_TOTAL = 1.1  # times the most rows of the days before, or 1/1.1 of the fewest


@dataclass(frozen=True, slots=True)
class _Change:
    """A value's rows, and its lowest and highest share of the days before."""

    value: str
    rows: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.rows / self.total

    @property
    def beyond(self) -> float:
        """How far its share is from the nearest of the days before."""
        return max(self.share - self.high, self.low - self.share)


def _of_flags(name: str, day: Profile) -> Values | None:
    """Return rows by value of a column of yes and no, ``None`` if that is unknown."""
    known = day.figures.get(name)
    if known is None or known.type != "boolean" or "true_rows" not in known.numbers:
        return None
    numbers = known.numbers
    read = day.good_rows - numbers.get("missing_rows", 0) - sum(known.shapes.values())
    return {"true": int(numbers["true_rows"]), "false": int(read - numbers["true_rows"])}


def _mixes(case: Case, raw: Profile) -> Iterator[tuple[str, Values, Sequence[Values]]]:
    """Yield each column that may be judged, with its rows by value, today and on the days before."""
    earlier = case.profiles()
    for name, values, before in categories(raw, earlier):
        if not (
            frequent_new(raw, values, before) or gone_values(values, before) or is_recoded(values, before)
        ):
            yield name, values, before
    for name in raw.figures:
        flags = _of_flags(name, raw)
        days = [found for day in earlier if (found := _of_flags(name, day)) is not None]
        if flags is not None:
            yield name, flags, days


def _largest(values: Values, before: Sequence[Values]) -> _Change | None:
    """Return the value whose share has changed most; of two that mirror each other, the one that grew."""
    totals = [sum(day.values()) for day in before]
    total = sum(values.values())
    if len(before) < LEAST_DAYS or min(total, *totals) < LEAST_OF_DAY:
        return None
    changes = []
    for value in sorted({*values, *(value for day in before for value in day)}):
        shares = [day.get(value, 0) / of for day, of in zip(before, totals, strict=True)]
        changes.append(_Change(value, values.get(value, 0), total, min(shares), max(shares)))
    return max(changes, key=lambda one: (round(one.beyond, 3), one.share > one.high))


def _is_far(change: _Change, fewest: int) -> bool:
    """Return whether neither the usual variation nor chance explains a change."""
    nearest = change.high if change.share > change.high else change.low
    both = (change.rows + nearest * fewest) / (change.total + fewest)
    chance = sqrt(both * (1 - both) * (1 / change.total + 1 / fewest))
    spread = change.high - change.low
    return change.beyond >= max(POINTS, SPREADS * spread, DEVIATIONS * chance)


def _follows_from_volume(case: Case, total: int, totals: Sequence[int]) -> bool:
    """Return whether rows are missing or too many, of which an anomaly says which value they have."""
    usual = min(totals) / OTHER_TOTAL <= total <= max(totals) * OTHER_TOTAL
    return not usual and any(alert.check.kind is Kind.ANOMALY for alert in case.alerts)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    if any(cause.layer <= Layer.IDENTITY and cause.severity is not None for cause in case.found):
        return  # these are not the day's rows, or not all of them
    for name, values, before in _mixes(case, raw):
        column = case.feed.raw.column(name)
        is_event = name == EVENTS and orders_of(raw) is not None
        change = None if is_event or (column is not None and column.personal) else _largest(values, before)
        if change is None:
            continue
        totals = [sum(day.values()) for day in before]
        if _is_far(change, min(totals)) and not _follows_from_volume(case, change.total, totals):
            yield _finding(case, name, change, of_flags=raw.figures[name].type == "boolean")


def _finding(case: Case, name: str, change: _Change, *, of_flags: bool) -> Finding:
    low, high = percentage(change.low), percentage(change.high)
    usually = low if low == high else f"{low} to {high}"
    share, value = percentage(change.share), change.value
    return Finding(
        title=f"{name} is {value} in {share} of rows, usually {usually}",
        seen=f"{change.rows:,} of {change.total:,} rows ({share}) have "
        f"{f'{value} for {name}' if of_flags else f'the {name} {value}'}, usually {usually}.",
        subject=name,
        evidence={
            "rows": change.total,
            "value": value,
            "found": change.rows,
            "least_before": change.low,
            "most_before": change.high,
        },
        explains=tuple(about(case, (name,))),
    )


CAUSE = Cause(
    name="category_mix",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Reports grouped or filtered by the column shift, although no row is missing.",
    resolution=(
        "Ask the producer whether the change is real.",
        "Otherwise find the default, the mapping or the inverted flag, and have the day exported again.",
    ),
    explains=(),
    detect=_detect,
    rank=4,
)
