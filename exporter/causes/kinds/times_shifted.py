"""The times span a day but start hours off: they are in another timezone."""

from collections.abc import Iterator, Sequence
from statistics import median

from exporter.causes.about import LEAST_DAYS
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.deviation import side_of
from exporter.checks.units import duration
from exporter.model import HOUR_NS, NANOSECONDS, Day, Profile

STEP = 1800  # seconds that zones differ by
LARGEST = 14 * 3600
SLACK = 1800  # seconds between the first or last event and the day's edge, or of those usual for the feed
MOST_SLACK = 7200  # for a feed whose first and last events vary
FITS = 0.8  # of what the rows by hour differ from the usual ones, at most, if those are shifted as well


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    if raw is None or raw.first_event_ns is None or raw.last_event_ns is None:
        return
    if case.alert("out_of_day_rows") is None:
        return
    edges = _edges(raw, day)
    shift = None if edges is None else _shift(edges, SLACK) or _of_usual(case, raw, edges)
    if shift is None:
        return
    way = "late" if shift > 0 else "early"
    yield Finding(
        title=f"times are {duration(abs(shift))} too {way}: another timezone?",
        seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are from another day: first and last event are "
        f"{duration(abs(shift))} too {way}.",
        evidence={"rows": raw.rows, "out_of_day": raw.out_of_day_rows, "shift_seconds": shift},
        likely_fix="Have the export write the offset of its times, or set the timezone in the configuration.",
        confidence=Confidence.LIKELY,
        side=side_of(shift, 0),
    )


def _edges(raw: Profile, day: Day) -> tuple[float, float] | None:
    """Return by how many seconds the first and last event are behind the day's edges."""
    if raw.first_event_ns is None or raw.last_event_ns is None:
        return None
    return (raw.first_event_ns - day.start_ns) / NANOSECONDS, (raw.last_event_ns - day.end_ns) / NANOSECONDS


def _shift(edges: tuple[float, float], slack: float) -> int | None:
    """Return the difference of two zones that both edges are off by, ``None`` if there is none."""
    shift = STEP * round(sum(edges) / 2 / STEP)
    fits = max(abs(edge - shift) for edge in edges) <= slack
    return shift if fits and STEP < abs(shift) <= LARGEST else None


def _of_usual(case: Case, raw: Profile, edges: tuple[float, float]) -> int | None:
    """Return by how much the day differs from usual ones, for a feed whose nights are quiet.

    Its first and last events vary, so that the hours between them have to be shifted as well.
    """
    before = case.normal()
    known = [found for facts, one in before if (found := _edges(one, facts.day)) is not None]
    hours = [one.hours for _, one in before if len(one.hours) == len(raw.hours) > 0]
    if min(len(known), len(hours)) < LEAST_DAYS:
        return None
    usual = [median(side) for side in zip(*known, strict=True)]
    varies = max(abs(edge - often) for one in known for edge, often in zip(one, usual, strict=True))
    first, last = (edge - often for edge, often in zip(edges, usual, strict=True))
    shift = _shift((first, last), min(max(SLACK, varies), MOST_SLACK))
    if shift is None:
        return None
    rows = [float(median(hour)) for hour in zip(*hours, strict=True)]
    moved = _moved(rows, shift * NANOSECONDS / HOUR_NS)
    return shift if _apart(raw.hours, moved) <= FITS * _apart(raw.hours, rows) else None


def _moved(rows: Sequence[float], hours: float) -> list[float]:
    """Return rows by hour if every row were some hours later."""
    whole = int(hours // 1)
    part = hours - whole

    def at(hour: int) -> float:
        return rows[hour] if 0 <= hour < len(rows) else 0.0

    return [(1 - part) * at(hour - whole) + part * at(hour - whole - 1) for hour in range(len(rows))]


def _apart(hours: Sequence[int], others: Sequence[float]) -> float:
    return sum(abs(rows - other) for rows, other in zip(hours, others, strict=True))


CAUSE = Cause(
    name="times_shifted",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="Hours at one edge of the day count on another day, and hourly figures are wrong.",
    resolution=(
        "Check the timezone of the export and of calendar.timezone, then have the day exported again.",
    ),
    explains=("out_of_day_rows", "silence"),
    detect=_detect,
    rank=2,
)
