"""All that history says of ten made weeks, in one file: a change of the arithmetic shows in its diff."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta

from feeds import SHARE, VOLUME
from golden import matches

from exporter.history.detection import Detection, Event, Expect, Method
from exporter.history.promise import promise
from exporter.history.trend import Band, Trend, TrendFigures
from exporter.history.verdict import decide
from exporter.history.window import Day, compute_trends

FIRST = date(2025, 1, 6)
RHYTHM = (1000, 1040, 980, 1010, 1060, 1400, 1350)
GAP, EMPTY, BAD, SALE, NEW_LEVEL, DECLARED, LAST = 44, 48, 52, 54, 58, 64, 70
AVERAGE = Band(min_change=20.0)
TRENDS = (
    Trend("events", "puffy_partition_rows", ("raw",), VOLUME),
    Trend("simple", "puffy_partition_rows", ("raw",), AVERAGE),
    Trend("rejects", "puffy_partition_reject_ratio", (), replace(SHARE, min_count=2)),
)
WANTED = (0, 2, 7, 8, 13, 14, 21, 28, 43, 45, 48, 49, 51, 52, 53, 54, 55, 58, 59, 60, 63, 64, 65, 67, 70)


def wander(number: int) -> int:
    """Return a number from -5 to 5."""
    return (number * 7) % 11 - 5


def day(number: int) -> Day:
    """Return a day: a rhythm with some noise, and what happens to it."""
    level = 1.4 if number >= NEW_LEVEL else 1.0
    rows = 0.0 if number == EMPTY else RHYTHM[number % 7] * level * (1 + 0.006 * wander(number))
    if number == BAD:
        rows *= 0.4
    share = 0.05 + 0.004 * wander(number + 3) + (0.2 if number == BAD else 0.0)
    few = number in {21, 67}
    figures = {"puffy_partition_rows": {("raw",): 12.0 if few else round(rows)}}
    if number != EMPTY:
        figures["puffy_partition_reject_ratio"] = {(): round(share, 6)}
    return Day(
        figures,
        excluded="schema mismatch" if number == BAD else None,
        event=Event("sale", frozenset({FIRST + timedelta(days=number)}), Expect.RISE)
        if number == SALE
        else None,
        new_level=frozenset({"rejects"}) if number == DECLARED else frozenset(),
    )


def told(known: TrendFigures | Detection) -> str:
    """Write all fields that are known, numbers to six digits."""
    found = ((field.name, getattr(known, field.name)) for field in fields(known))
    shown = ((name, value) for name, value in found if value is not None)
    return " ".join(
        f"{name}={f'{value:.6g}' if isinstance(value, float) else getattr(value, 'name', value)}"
        for name, value in shown
    )


def lines() -> Iterator[str]:
    """Yield what is computed and decided."""
    days = {FIRST + timedelta(days=number): day(number) for number in range(LAST + 1) if number != GAP}
    wanted = [FIRST + timedelta(days=number) for number in WANTED]
    for partition, found in compute_trends(days, TRENDS, wanted).items():
        members = (f"{one.lag}{f' ({one.excluded})' if one.excluded else ''}" for one in found.members)
        yield f"{partition} with the days {', '.join(members)} before"
        for trend in TRENDS:
            known = (found.trends or {}).get(trend.name)
            if known is None:
                continue
            detection = (found.detections or {})[trend.name]
            yield f"  {trend.name}: {told(known)}"
            yield f"    {told(detection)}"
            verdict = decide(known, detection, trend.band)
            kept = promise(
                trend.band.method if trend.name != "simple" else Method.WEEKDAY, known, detection, trend.band
            )
            low, high = kept.normal.interval(known.value) or (None, None)
            figures = (kept.drop, kept.rise, low, high)
            said = " ".join("-" if figure is None else f"{figure:.6g}" for figure in figures)
            alarms = f"{kept.false_alarms.alerts} {kept.false_alarms.confirmed}"
            judged = "calm" if verdict is None else f"limit={verdict.limit:.6g} confirmed={verdict.confirmed}"
            yield f"    {judged}; drop, rise, low, high {said}; alarms {alarms}"


def test_the_golden_file_has_all_that_history_says() -> None:
    """With a gap, an empty day, a bad one, an event, a new level, and a day of few rows."""
    assert matches("tests/history/weeks.txt", "\n".join([*lines(), ""]))
