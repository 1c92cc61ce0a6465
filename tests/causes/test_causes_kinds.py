"""Every cause: days on which it is found, with its text and what it explains; and others."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from feeds import CHECKS, EVENTS, EXPECTED_COLUMNS, SETTINGS, altered
from made import CALENDAR, DAY, facts, profile

from exporter.causes.cause import Case
from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of
from exporter.checks.check import Alert, Severity, State
from exporter.checks.judge import Subject, judge
from exporter.feed import SUM, Column, FollowedFigure
from exporter.figures.table import compute_figures
from exporter.model import NANOSECONDS, ColumnFigures, EventChanges, Gone, PartitionFacts, Replaced, Stage
from exporter.profiling.order_tally import Defect

HOUR = 3600 * NANOSECONDS
RAW_COLUMNS = EXPECTED_COLUMNS[Stage.RAW]
EARLIER = tuple(
    facts(
        day := DAY - timedelta(days=age),
        raw=profile(
            fingerprint=f"of-{day}",
            first_event_ns=CALENDAR.day(day).start_ns,
            last_event_ns=CALENDAR.day(day).end_ns - 60 * NANOSECONDS,
        ),
    )
    for age in range(1, 8)
)


def case(today: PartitionFacts, earlier: Sequence[PartitionFacts] = EARLIER, *, after_ns: int = HOUR) -> Case:
    """Return a day as seen by detectors, judged some time after it was due."""
    figures = compute_figures(today, SETTINGS)
    due = CALENDAR.due_ns(DAY)
    subject = Subject(DAY, figures, {}, due, due + after_ns, today.alertable, today.acknowledged)
    return Case(today, judge(CHECKS, subject), EVENTS, tuple(earlier), figures)


def raw(**changes: object) -> PartitionFacts:
    """Return a day whose raw profile has these fields."""
    return facts(raw=profile(**{"fingerprint": "today", **changes}))  # type: ignore[arg-type]


def unreadable(reason: str) -> PartitionFacts:
    """Return a day whose raw file cannot be read."""
    whole = facts()
    broken = replace(whole.stages[Stage.RAW], profile=None, error=reason)
    return replace(whole, stages={**whole.stages, Stage.RAW: broken})


def beside(*names: str) -> PartitionFacts:
    """Return a day whose raw file is missing while other files exist."""
    return replace(facts(without=(Stage.RAW,)), beside=names)


def changes(**how: object) -> PartitionFacts:
    """Return a day whose events differ from those of the days before."""
    return replace(raw(), changes=EventChanges(**how))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Found:
    """A day with its cause, the required text, and checks that it explains."""

    day: PartitionFacts
    words: tuple[str, ...]
    explains: tuple[str, ...] = ()
    subject: str = ""
    severity: Severity | None = Severity.CRITICAL
    earlier: Sequence[PartitionFacts] = field(default=EARLIER)


def earlier(**changes: object) -> tuple[PartitionFacts, ...]:
    """Return the week before, its raw profiles with these fields."""
    return tuple(
        replace(
            day,
            stages={
                **day.stages,
                Stage.RAW: replace(
                    day.stages[Stage.RAW],
                    profile=altered(day.stages[Stage.RAW].profile, **changes),  # type: ignore[arg-type]
                ),
            },
        )
        for day in EARLIER
    )


HOURS = (20,) * 8 + (60,) * 14 + (20, 20)  # a day of 1,040 rows


def fortnight(*, ends: bool = False) -> tuple[PartitionFacts, ...]:
    """Return two weeks of days with the usual hours; ``ends``: up to each day's end."""
    days = [DAY - timedelta(days=age) for age in range(1, 15)]
    last = [{"last_event_ns": CALENDAR.day(day).end_ns - 1} if ends else {} for day in days]
    return tuple(
        facts(day, raw=profile(fingerprint=f"of-{day}", hours=HOURS, **times))
        for day, times in zip(days, last, strict=True)
    )


def some_hours(start: int, end: int, share: float) -> tuple[int, ...]:
    """Return the rows of a day on which some hours have a different share."""
    return tuple(round(rows * share) if start <= hour < end else rows for hour, rows in enumerate(HOURS))


def empty(*, columns: tuple[str, ...], written: int) -> PartitionFacts:
    """Return a day whose raw file has no rows; it was written some hours after the day's end."""
    day = raw(rows=0, columns=columns)
    at = replace(day.stages[Stage.RAW], size_bytes=78, updated_ns=day.day.end_ns + written * HOUR)
    return replace(day, stages={**day.stages, Stage.RAW: at})


def redelivered(before: int, now: int) -> PartitionFacts:
    """Return a day whose raw file was replaced after the DQ step had split the first one."""
    at = CALENDAR.day(DAY).end_ns + 8 * HOUR + NANOSECONDS // 2
    change = Replaced(Stage.RAW, at, profile(rows=before))
    return replace(raw(rows=now), replaced=(change,))


def revalued(*, before: float, later: bool) -> PartitionFacts:
    """Return a day whose raw file was replaced by one with as many rows, before or after the DQ step ran."""
    day = raw(revenue=3000.0)
    change = Replaced(Stage.RAW, CALENDAR.day(DAY).end_ns + 8 * HOUR, profile(revenue=before))
    written = day.stages[Stage.CLEAN].updated_ns + (HOUR if later else -HOUR)
    newer = replace(day.stages[Stage.RAW], updated_ns=written)
    return replace(day, replaced=(change,), stages={**day.stages, Stage.RAW: newer})


def gone(*stages: Stage, rows: int = 1000) -> PartitionFacts:
    """Return a day whose files of some stages have been read and do not exist any more."""
    files = tuple(Gone(stage, CALENDAR.due_ns(DAY), profile(stage, rows)) for stage in stages)
    return replace(facts(without=stages), gone=files)


def clean(rows: int = 960, rejects: int = 40, **changes: object) -> PartitionFacts:
    """Return a day whose clean file has these rows and fields."""
    changes = {"fingerprint": "clean", **changes}
    known = profile(Stage.CLEAN, rows, **changes)  # type: ignore[arg-type]  # fields by name
    return facts(
        raw=profile(fingerprint="today"),
        clean=known,
        rejects=profile(Stage.REJECTS, rejects, checkouts=0, revenue=0.0),
    )


def cleaned(fingerprint: str) -> tuple[PartitionFacts, ...]:
    """Return the week before, each day with a clean file of its own, one of them this one."""
    return tuple(
        facts(
            day.partition,
            raw=profile(fingerprint=f"of-{day.partition}"),
            clean=profile(
                Stage.CLEAN, 960, fingerprint=fingerprint if number == 0 else f"clean of {day.partition}"
            ),
        )
        for number, day in enumerate(EARLIER)
    )


def category(**rows: int) -> dict[str, ColumnFigures]:
    """Return the figures of a category."""
    return {"city": ColumnFigures("category", {"missing_rows": 0}, rows)}


def shipped(kind: str, shapes: dict[str, int]) -> dict[str, ColumnFigures]:
    """Return the figures of a column of dates, with what the unreadable ones look like."""
    return {"ship_date": ColumnFigures(kind, {"missing_rows": 0}, shapes=shapes)}


def dates(placeholders: dict[str, int]) -> ColumnFigures:
    """Return the figures of a column of dates, some of them placeholders."""
    return ColumnFigures("date", {"missing_rows": 0}, placeholders=placeholders)


def flags(true: int) -> ColumnFigures:
    """Return the figures of 1,000 rows of yes and no."""
    return ColumnFigures("boolean", {"missing_rows": 0, "invalid_rows": 0, "true_rows": true})


def sums(mean: float) -> ColumnFigures:
    """Return the figures of 1,000 amounts."""
    numbers = {"missing_rows": 0, "invalid_rows": 0, "mean": mean, "maximum": 250_250.0}
    return ColumnFigures("number", numbers)


def defects(**counts: int) -> dict[Defect, int]:
    """Return defects of orders."""
    return {defect: counts.get(defect.value, 0) for defect in Defect}


def fares(**numbers: float) -> dict[str, ColumnFigures]:
    """Return the figures of a column of numbers."""
    return {"fare": ColumnFigures("number", numbers)}


def identifiers(distinct: int) -> dict[str, ColumnFigures]:
    """Return the figures of a column of identifiers."""
    return {"client_id": ColumnFigures("text", {"missing_rows": 0, "distinct_values": distinct})}


LOOKS = {"client_id": {"values": 900, "fullest": 9}}
HALVED = (0, *(hour + later for hour, later in zip(HOURS[1:12], HOURS[13:], strict=True)), 80, *(0,) * 11)


def amounts(mean: float, maximum: float, **numbers: float) -> dict[str, ColumnFigures]:
    """Return the figures of a column of amounts."""
    return {"amount": ColumnFigures("number", {"mean": mean, "maximum": maximum, **numbers})}


def repeated(rows: int, orders: int, repeats: int, clean: int = 960) -> PartitionFacts:
    """Return a day with repeated orders, of which the DQ step wrote some rows."""
    more = raw(rows=rows, checkouts=orders, defects=defects(duplicate_transaction_id=repeats))
    return replace(
        more,
        stages={**more.stages, Stage.CLEAN: facts(clean=profile(Stage.CLEAN, clean)).stages[Stage.CLEAN]},
    )


def renamed(**how: object) -> PartitionFacts:
    """Return a day without the usual names of events, but with orders unless they are lost."""
    events = {"other": 1000} if "lost_orders" in how else {"other": 980, "checkout_completed": 20}
    return replace(raw(events=events), changes=EventChanges(**how))  # type: ignore[arg-type]  # fields by name


SIZES = {"64": 12, "128": 8}  # 20 orders of 64 to 256 each
GONE = {"page_viewed": 500.0, "product_added_to_cart": 30.0}
START, END = CALENDAR.day(DAY).start_ns, CALENDAR.day(DAY).end_ns
MORNING_ONLY = {
    "longest_silence_seconds": 12 * 3600,
    "silence_start_ns": START + 12 * HOUR,
    "last_event_ns": START + 12 * HOUR - 1,
    "hours": tuple(2 * rows if hour < 12 else 0 for hour, rows in enumerate(HOURS)),
}
"""A day whose times are of a 12-hour clock."""
CITIES = category(Rome=500, Oslo=500)
WITHOUT_REFERRER = tuple(name for name in RAW_COLUMNS if name != "referrer")
RENAMED = tuple("user_id" if name == "client_id" else name for name in RAW_COLUMNS)

FIRING: dict[str, list[Found]] = {
    "event_counts": [
        Found(
            raw(rows=1960, events={"page_viewed": 980, "scrolled": 980}),
            ("event page_viewed occurred 2.0 times as often as usual", "980 of 1,960", "usually about 490"),
            subject="page_viewed",
            severity=None,
            earlier=earlier(rows=1470, events={"page_viewed": 490, "scrolled": 980}),
        ),
        Found(
            raw(rows=1030, events={"page_viewed": 50, "scrolled": 980}),
            ("event page_viewed occurred far less often than usual",),
            subject="page_viewed",
            severity=None,
            earlier=earlier(rows=1470, events={"page_viewed": 490, "scrolled": 980}),
        ),
        Found(  # beside one that is rare, one that may be malformed, and one that varies
            raw(
                rows=2460,
                malformed_rows=400,
                events={"a": 400, "b": 100, "c": 650, "page_viewed": 980, "scrolled": 0},
            ),
            ("event page_viewed occurred 2.0 times as often as usual",),
            subject="page_viewed",
            severity=None,
            earlier=[
                *earlier(rows=1900, events={"a": 10, "b": 500, "c": 600, "page_viewed": 490, "scrolled": 0}),
            ],
        ),
        Found(  # beside one that varies as much anyway, and one that is alone in nothing
            raw(rows=5300, events={"c": 700, "d": 200, "page_viewed": 1400, "scrolled": 3000}),
            ("event page_viewed occurred 2.9 times as often as usual",),
            subject="page_viewed",
            severity=None,
            earlier=[
                *earlier(rows=4550, events={"c": 1000, "d": 60, "page_viewed": 490, "scrolled": 3000})[:1],
                *earlier(rows=3850, events={"c": 300, "d": 60, "page_viewed": 490, "scrolled": 3000})[1:],
            ],
        ),
    ],
    "orders_same_id": [
        Found(
            raw(defects=defects(duplicate_transaction_id=19)),
            ("transaction_id is the same in every order", "20 orders"),
            ("checkout_duplicate_transaction_id",),
            "transaction_id",
            Severity.WARNING,
        ),
    ],
    "order_data_empty": [
        Found(
            raw(
                defects=defects(missing_transaction_id=6, corrupt_items=7, invalid_revenue=6),
                data_shapes={"nothing": 5, "an empty JSON object": 1, "a Python dict": 3},
                revenue_shapes={"nothing": 6},
            ),
            ("event_data of 6 of 20 orders is empty or an empty JSON object", "no revenue, transaction id"),
            ("checkout_missing_transaction_id", "checkout_corrupt_items", "invalid_revenue"),
            "event_data",
        ),
        Found(
            raw(
                defects=defects(missing_transaction_id=20, corrupt_items=20, invalid_revenue=20),
                data_shapes={"an object with the order in its field ecommerce": 20},
                revenue_shapes={"nothing": 20},
                revenue=0.0,
            ),
            ("event_data of 20 of 20 orders is an object with the order in its field ecommerce",),
            ("checkout_missing_transaction_id", "checkout_corrupt_items", "invalid_revenue", "zero_revenue"),
            "event_data",
        ),
    ],
    "revenue_not_positive": [
        Found(
            raw(defects=defects(zero_value=7), worths={"-64": 7, "64": 13}, revenue=1200.0),
            (
                "7 of 20 orders have a negative revenue",
                "on the days before, none",
                "together are worth 1,200.00",
            ),
            ("checkout_zero_value", "revenue_gap"),
            "revenue",
        ),
        Found(
            raw(defects=defects(zero_value=20), worths={"-64": 20}, revenue=-2000.0),
            ("20 of 20 orders have a negative revenue",),
            ("checkout_zero_value", "zero_revenue", "revenue_gap"),
            "revenue",
        ),
        Found(
            raw(defects=defects(zero_value=7), worths={"-64": 1, "0": 6, "64": 13}, revenue=1200.0),
            ("1 of 20 orders has a negative revenue, 6 one of zero", "on the days before, 10% at most"),
            ("checkout_zero_value", "revenue_gap"),
            "revenue",
            earlier=earlier(worths={"0": 2, "64": 18}),
        ),
        Found(
            raw(defects=defects(zero_value=5), worths={"0": 5, "64": 15}, revenue=1500.0),
            ("5 of 20 orders have a revenue of zero |", "on the days before, none"),
            ("checkout_zero_value", "revenue_gap"),
            "revenue",
        ),
        Found(
            raw(defects=defects(zero_value=20), worths={"0": 20}, revenue=0.0),
            ("20 of 20 orders have a revenue of zero",),
            ("checkout_zero_value", "zero_revenue"),
            "revenue",
        ),
        Found(  # the clean revenue lacks them too
            facts(
                raw=profile(
                    fingerprint="today",
                    defects=defects(zero_value=5),
                    worths={"0": 5, "64": 15},
                    revenue=1500.0,
                ),
                clean=profile(Stage.CLEAN, 960, revenue=1500.0),
            ),
            ("5 of 20 orders have a revenue of zero",),
            ("checkout_zero_value",),
            "revenue",
            Severity.WARNING,
        ),
    ],
    "numbers_scaled": [
        Found(
            raw(figures=amounts(69_000.0, 200_000.0)),
            ("amount is about 100 times what is usual: another unit?", "69,000.00, usually 690.00"),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(figures=amounts(690.0, 2000.0)),
        ),
        Found(
            raw(figures=amounts(0.7, 2.0)),
            ("amount is about 1/1,000 of what is usual: another unit?",),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(figures=amounts(690.0, 2000.0)),
        ),
        Found(
            raw(figures=amounts(34_845.0, 200_000.0)),
            ("about 50% of amount values are about 100 times what is usual: another unit?",),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(figures=amounts(690.0, 2000.0)),
        ),
        Found(  # beside a column without numbers, and one as usual
            raw(figures={"a": ColumnFigures("text", {}), "b": sums(10.0), **amounts(69_000.0, 200_000.0)}),
            ("amount is about 100 times",),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(
                figures={"a": ColumnFigures("text", {}), "b": sums(10.0), **amounts(690.0, 2000.0)}
            ),
        ),
    ],
    "rows_of_other_days": [
        Found(  # the day before is in the file too, and the DQ step did not see it
            raw(rows=2000, out_of_day_rows=1000, first_event_ns=START - 24 * HOUR),
            (
                "50% of rows are from other days",
                f"The file of {DAY - timedelta(days=1)} has as many rows",
            ),
            ("out_of_day_rows", "unaccounted_rows"),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=120, first_event_ns=START - 2 * HOUR),
            ("12% of rows are from other days, back to 2025-03-04 22:00", "120 of 1,000 rows"),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=120, first_event_ns=START - 2 * HOUR, last_event_ns=END + HOUR),
            ("back to 2025-03-04 22:00 and up to 2025-03-06 01:00",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=120, last_event_ns=END),
            ("12% of rows are from other days, up to 2025-03-06 00:00 |",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(  # the day before has no file
            raw(out_of_day_rows=120, first_event_ns=START - HOUR),
            ("back to 2025-03-04 23:00. 2025-03-04 has no file of its own. |",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
            earlier=EARLIER[1:],
        ),
        Found(
            raw(out_of_day_rows=120, first_event_ns=START - 30 * HOUR),
            ("back to 2025-03-03 18:00. |",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
    ],
    "category_changed": [
        Found(
            raw(figures=category(Rome=950, Bonn=50)),
            ("city: Oslo is gone, Bonn is new", "50 of 1,000 rows"),
            subject="city",
            severity=None,
            earlier=earlier(figures=CITIES),
        ),
        Found(
            raw(figures=category(Rome=940, Bonn=20, Cork=20, Nice=20)),
            ("city: Oslo, Pisa, Turin and 1 more are gone, Bonn, Cork, Nice are new", "60 of 1,000 rows"),
            subject="city",
            severity=None,
            earlier=earlier(figures=category(Rome=600, Oslo=100, Pisa=100, Turin=100, Wien=100)),
        ),
        Found(
            raw(figures=category(Rome=1000)),
            ("city: Oslo is gone |", "none of 1,000 rows has it, unlike on every day before."),
            subject="city",
            severity=None,
            earlier=earlier(figures=CITIES),
        ),
    ],
    "category_recoded": [
        Found(
            raw(rows=100, figures=category(rome=25, oslo=25, bonn=25, nice=25)),
            (
                "city has new values in 100% of rows: bonn, nice, oslo and 1 more",
                "In 100 of 100 rows, city has a value that no normal day before had",
                "Bonn, Nice, Oslo and 1 more are gone",
            ),
            subject="city",
            severity=Severity.WARNING,
            earlier=earlier(figures=category(Rome=25, Oslo=25, Bonn=25, Nice=25)),
        ),
        Found(
            raw(
                figures=category(card=500, cash=500)
                | {"paid": ColumnFigures("category", {"missing_rows": 0}, {"Rome": 500, "Oslo": 500})}
            ),
            ("the values of city and paid are swapped", "In 1,000 of 1,000 rows"),
            subject="city, paid",
            severity=Severity.WARNING,
            earlier=earlier(
                figures=CITIES
                | {"paid": ColumnFigures("category", {"missing_rows": 0}, {"card": 500, "cash": 500})}
            ),
        ),
        Found(
            raw(figures=category(Rome=500, oslo=500)),
            ("city has new values in 50% of rows: oslo |", "had: oslo; Oslo is gone."),
            subject="city",
            severity=Severity.WARNING,
            earlier=earlier(figures=CITIES),
        ),
        Found(  # nothing that occurred every day is gone
            raw(figures=category(Rome=500, Bonn=500)),
            ("In 500 of 1,000 rows, city has a value that no normal day before had: Bonn. |",),
            subject="city",
            severity=Severity.WARNING,
            earlier=earlier(figures=category(Rome=991, Oslo=9)),
        ),
    ],
    "booleans_unreadable": [
        Found(
            raw(figures={"paid": ColumnFigures("boolean", {}, shapes={"1.0": 300, "0.0": 700})}),
            ("100% of paid values are not true or false: they look like 0.0, 1.0", "1,000 of 1,000 values"),
            subject="paid",
            severity=Severity.WARNING,
        ),
    ],
    "dates_unreadable": [
        Found(
            raw(figures=shipped("date", {"99/99/9999": 300, "epoch seconds": 2})),
            (
                "30.2% of ship_date values are not dates: they look like 99/99/9999, epoch seconds",
                "302 of 1,000",
            ),
            subject="ship_date",
            severity=Severity.WARNING,
        ),
        Found(  # more than usual
            raw(figures=shipped("timestamp", {"the year 0025": 50})),
            ("5% of ship_date values are not dates: they look like the year 0025",),
            subject="ship_date",
            severity=Severity.WARNING,
            earlier=earlier(figures=shipped("timestamp", {"the year 0025": 10})),
        ),
    ],
    "category_mix": [
        Found(
            raw(figures=category(Rome=403, Oslo=597)),
            ("city is Oslo in 59.7% of rows", "597 of 1,000 rows (59.7%) have the city Oslo, usually 5%."),
            subject="city",
            severity=Severity.WARNING,
            earlier=earlier(figures=category(Rome=950, Oslo=50)),
        ),
        Found(
            raw(figures={"paid": flags(120)}),
            ("880 of 1,000 rows (88%) have false for paid, usually 12%.",),
            subject="paid",
            severity=Severity.WARNING,
            earlier=earlier(figures={"paid": flags(880)}),
        ),
    ],
    "numbers_level": [
        Found(
            raw(figures=amounts(67.9, 80.0, minimum=50.0)),
            (
                "amount is 67.9 on average, usually 20 |",
                "on the 7 days before it was 20, and no single value",
            ),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(figures=amounts(20.0, 30.0, minimum=10.0)),
        ),
        Found(  # all are about 50 times as large: no part of them 100 times
            raw(figures=amounts(66.9, 460.0, minimum=5.0)),
            ("amount is 66.9 on average, usually 1.22",),
            subject="amount",
            severity=Severity.WARNING,
            earlier=earlier(figures=amounts(1.22, 7.0, minimum=0.25)),
        ),
    ],
    "clock_12_hours": [
        Found(
            raw(rows=1040, hours=HALVED, last_event_ns=START + 13 * HOUR),
            ("am and pm lost", "All 1,040 rows are from 01:00 to 12:59, usually about 440 of 1,040"),
            subject="timestamp",
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(rows=900, hours=(0, 900, *(0,) * 22), last_event_ns=START + 13 * HOUR),
            ("no rows at midnight or from 13:00 on, 900.0 times the usual before: am and pm lost",),
            subject="timestamp",
            severity=Severity.WARNING,
            earlier=earlier(hours=(500, 0, *(0,) * 21, 500)),
        ),
    ],
    "numbers_negative": [
        Found(
            raw(figures=fares(negative_rows=30, minimum=-999)),
            ("fare is negative in 3% of rows, down to -999", "30 of 1,000 rows", "looks like a placeholder"),
            subject="fare",
            severity=Severity.WARNING,
            earlier=earlier(figures=fares(negative_rows=0, minimum=1)),
        ),
        Found(  # beside a column without such numbers, and one with as many as usual
            raw(
                figures={
                    "a": ColumnFigures("number", {"minimum": 1, "negative_rows": 0}),
                    "b": ColumnFigures("number", {"minimum": -5, "negative_rows": 500}),
                    "fare": ColumnFigures("number", {"minimum": -3.5, "negative_rows": 500}),
                }
            ),
            ("fare is negative in 50% of rows, down to -3.5 |", "usually 1% at most; the smallest is -3.5."),
            subject="fare",
            severity=Severity.WARNING,
            earlier=earlier(
                figures={
                    name: ColumnFigures("number", {"minimum": -1, "negative_rows": rows})
                    for name, rows in (("a", 0), ("b", 500), ("fare", 10))
                }
            ),
        ),
    ],
    "values_misplaced": [
        Found(
            raw(looks={"client_id": {"values": 1000, "fullest": 3, "web addresses": 200}}),
            ("client_id has web addresses in 20% of rows", "Of 1,000 rows, 200 have web addresses"),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(looks=LOOKS),
        ),
        Found(
            raw(
                unparseable_timestamps=200,
                timestamp_shapes={"a web address": 200},
                events={"page_viewed": 800, "2025-03-05T00:00:00Z": 200},
            ),
            ("event_name has times, timestamp has web addresses in 20% of rows",),
            ("unparseable_timestamps",),
            "event_name, timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(
                looks={
                    "client_id": {"values": 1000, "fullest": 3, "web addresses": 200, "user agents": 30},
                    "page_url": {"values": 1000, "fullest": 3, "user agents": 150, "JSON": 5},
                }
            ),
            ("in 20% of rows: values of other columns?",),
            subject="client_id, page_url",
            severity=Severity.WARNING,
            earlier=earlier(looks={**LOOKS, "page_url": {"values": 900, "fullest": 9}}),
        ),
        Found(  # in most rows, so that nothing else can be said
            raw(events={"page_viewed": 400, "https://shop.example/a": 600}, checkouts=0, revenue=0.0),
            ("event_name has web addresses in 60% of rows",),
            subject="event_name",
            severity=Severity.WARNING,
        ),
    ],
    "values_repeated": [
        Found(
            raw(looks={"client_id": {"values": 900, "fullest": 300}}),
            ("about 33% of client_id values are one and the same", "About 300 of 900 values", "usually 1%"),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(looks=LOOKS),
        ),
        Found(
            raw(figures=identifiers(600)),
            ("client_id has far fewer distinct values", "1,000 values of client_id are 600 distinct ones"),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(figures=identifiers(990)),
        ),
        Found(  # beside words for no value, which may be the same
            raw(
                looks={"client_id": {"values": 900, "fullest": 500}},
                missing={"client_id": 300, "timestamp": 0, "event_name": 0},
            ),
            ("about 33% of client_id values are one and the same", "About 300 of 900 values"),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(looks=LOOKS),
        ),
    ],
    "column_constant": [
        Found(
            raw(constants={"client_id": 1000}),
            ("client_id is the same in every row", "All 1,000 rows"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(
                constants={"client_id": 1000},
                figures={"client_id": ColumnFigures("text", {"distinct_values": 1})},
            ),
            ("1 distinct value, usually about 640",),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(figures={"client_id": ColumnFigures("text", {"distinct_values": 640})}),
        ),
        Found(
            raw(constants={"client_id": 910}),
            (
                "client_id is the same in every row that has one",
                "The 910 of 1,000 rows with a value of client_id all",
            ),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(  # others have one value too: in few rows, unknown to the contract, on the days before
            raw(constants={"event_data": 40, "utm": 1000, "page_url": 1000, "client_id": 1000}),
            ("client_id is the same in every row",),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(constants={"page_url": 1000}),
        ),
    ],
    "column_empty": [
        Found(
            raw(missing={"client_id": 1000, "timestamp": 0, "event_name": 0}),
            ("client_id is empty in every row", "all 1,000 rows, usually in 0%"),
            ("missing_client_id",),
            "client_id",
            Severity.WARNING,
        ),
        Found(
            raw(malformed_rows=100, missing={"client_id": 900, "timestamp": 0, "event_name": 0}),
            ("all 900 rows that are not malformed, usually in 0%",),
            ("missing_client_id",),
            "client_id",
            Severity.WARNING,
        ),
        Found(
            raw(referrer_null=1000),
            ("referrer is empty in every row", "usually in 50%"),
            ("referrer_null",),
            "referrer",
            Severity.WARNING,
        ),
        Found(  # the first column is always empty
            raw(missing={"client_id": 1000, "timestamp": 0, "event_name": 0}, referrer_null=1000),
            ("referrer is empty in every row",),
            ("referrer_null",),
            "referrer",
            Severity.WARNING,
            earlier=earlier(missing={"client_id": 1000, "timestamp": 0, "event_name": 0}),
        ),
    ],
    "column_placeholder": [
        Found(
            raw(figures={"client_id": dates({"1970-01-01": 250, "9999-12-31": 60})}),
            ("client_id is '1970-01-01' in 25% of rows", "250 of 1,000 rows", "usually in none"),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(figures={"client_id": dates({"9999-12-31": 60})}),
        ),
        Found(
            raw(placeholders={"client_id": {"undefined": 250, "0": 3}}),
            ("client_id is 'undefined' in 25% of rows", "250 of 1,000 rows", "usually in none"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(placeholders={"client_id": {"0": 500}}),
            ("usually in 1% at most",),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(placeholders={"client_id": {"0": 10}}),
        ),
        Found(
            raw(referrer_null=0, referrer_words={"(direct)": 500}),
            ("referrer is '(direct)' in 50% of rows", "500 of 1,000 rows"),
            subject="referrer",
            severity=Severity.WARNING,
        ),
        Found(  # beside a word that every day has
            raw(placeholders={"client_id": {"0": 500, "undefined": 300}}),
            ("client_id is 'undefined' in 30% of rows",),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(placeholders={"client_id": {"0": 500}}),
        ),
        Found(
            raw(
                figures={
                    "client_id": ColumnFigures(
                        "integer", {"minimum": -1, "negative_rows": 40, "zero_rows": 20}
                    )
                }
            ),
            ("client_id is -1 in 4% of rows", "40 of 1,000 rows have -1"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(
                figures={
                    "client_id": ColumnFigures(
                        "number", {"minimum": -1, "negative_rows": 40, "zero_rows": 20}
                    )
                }
            ),
            ("client_id is 0 in 2% of rows",),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(figures={"client_id": ColumnFigures("category", {}, {"a": 900, "unknown": 100})}),
            ("client_id is 'unknown' in 10% of rows",),
            subject="client_id",
            severity=Severity.WARNING,
        ),
    ],
    "encoding_other": [
        Found(
            raw(invalid_utf8_lines=50, odd_bytes={"0xa0 to 0xff": 60}),
            ("5% of raw lines are not UTF-8 but look like Latin-1", "50 of 1,000 lines"),
            ("invalid_utf8",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(invalid_utf8_lines=50, odd_bytes={"0xa0 to 0xff": 60, "0x80 to 0x9f": 2}),
            ("Windows-1252",),
            ("invalid_utf8",),
            severity=Severity.WARNING,
        ),
        Found(
            facts(clean=profile(Stage.CLEAN, 960, invalid_utf8_lines=48, odd_bytes={"0xa0 to 0xff": 60})),
            ("5% of clean lines are not UTF-8 but look like Latin-1", "48 of 960 lines"),
            ("invalid_utf8",),
            severity=Severity.WARNING,
        ),
    ],
    "events_spelled": [
        Found(
            changes(
                lost_orders=21.0,
                vanished={"page_viewed": 900.0},
                appeared={"PAGE_VIEWED": 910, "Checkout-Completed": 20},
            ),
            ("2 events are spelled differently", "Checkout-Completed for checkout_completed", "930 of 1,000"),
            ("event_vanished", "event_appeared", "no_orders"),
            "checkout_completed, page_viewed",
        ),
        Found(  # only some rows
            replace(
                raw(events={"page_viewed": 490, "PAGE_VIEWED": 490, "checkout_completed": 20}),
                changes=EventChanges(appeared={"PAGE_VIEWED": 490}),
            ),
            (
                "1 event is spelled differently in 49% of rows: PAGE_VIEWED for page_viewed",
                "490 of 1,000 rows",
            ),
            ("event_appeared",),
            "page_viewed",
            Severity.WARNING,
        ),
        Found(  # another new name remains to be explained
            changes(
                vanished={"page_viewed": 900.0},
                appeared={"Page viewed": 400, "page-viewed": 500, "survey": 7},
            ),
            ("1 event is spelled differently: page-viewed for page_viewed, Page viewed for page_viewed",),
            ("event_vanished",),
            "page_viewed",
            Severity.WARNING,
        ),
        Found(
            changes(vanished={"page_viewed": 900.0}, appeared={"Page viewed": 910}),
            ("1 event is spelled differently: Page viewed for page_viewed",),
            ("event_vanished", "event_appeared"),
            "page_viewed",
            Severity.WARNING,
        ),
    ],
    "file_cut_off": [
        Found(
            raw(truncated=True, malformed_rows=1, malformed_lines=(801,)),
            ("raw file is cut off in line 801, after 1,000 bytes", "usually about 1,000"),
            ("truncated",),
        ),
        Found(
            raw(truncated=True, malformed_rows=9, malformed_lines=(1, 2, 3, 4, 5)),
            ("raw file is cut off, after 1,000 bytes",),
            ("truncated", "malformed_rows"),
        ),
        Found(
            facts(clean=profile(Stage.CLEAN, 960, truncated=True, malformed_rows=1, malformed_lines=(801,))),
            ("clean file is cut off in line 801, after 1,000 bytes", "It has 960 rows. |"),
            ("truncated",),
            severity=Severity.CRITICAL,
        ),
    ],
    "file_empty": [
        Found(
            empty(columns=RAW_COLUMNS, written=-1),
            (
                "raw file has only a header",
                "78 bytes",
                "usually about 1,000",
                "before the day was over",
            ),
            ("partition_empty",),
        ),
        Found(empty(columns=(), written=5), ("raw file is empty",), ("partition_empty",)),
    ],
    "file_replaced": [
        Found(
            redelivered(1000, 1200),
            ("replaced after the DQ step ran: 1,000 → 1,200 rows", "at 08:00 on 2025-03-06"),
            ("unaccounted_rows",),
            severity=Severity.WARNING,
        ),
        Found(
            revalued(before=2000.0, later=True),
            ("1,000 rows again, revenue 2,000 → 3,000", "had read the first version"),
            ("revenue_gap",),
        ),
    ],
    "file_gone": [
        Found(
            gone(Stage.RAW),
            (
                "raw file is gone, after it was judged",
                "had arrived at 06:00 on 2025-03-06 and was judged, with 1,000 rows",
                "The clean and rejects files are still there.",
            ),
            ("partition_missing",),
        ),
        Found(gone(*Stage), ("raw, clean and rejects files are gone",), ("partition_missing",)),
        Found(
            replace(
                gone(Stage.RAW, Stage.CLEAN),
                gone=(Gone(Stage.RAW, None, profile()), Gone(Stage.CLEAN, None, profile(Stage.CLEAN, 960))),
            ),
            (
                "raw and clean files are gone, after they were judged",
                "The raw file had arrived and was judged, with 1,000 rows; now it is gone. The rejects file",
            ),
            ("partition_missing",),
        ),
    ],
    "clean_of_another_day": [
        Found(
            clean(out_of_day_rows=960, first_event_ns=START - 24 * HOUR, last_event_ns=START - 1),
            ("rows of the clean file are from 2025-03-04", "960 of 960 rows", "1,000 rows of 2025-03-05"),
            ("out_of_day_rows",),
            subject="clean",
        ),
        Found(
            clean(950, fingerprint="yesterday's"),
            ("clean file has the content of 2025-03-04", "All 950 rows", "byte for byte"),
            ("unaccounted_rows",),
            subject="clean",
            severity=Severity.WARNING,
            earlier=cleaned("yesterday's"),
        ),
        Found(
            clean(out_of_day_rows=960, first_event_ns=START - 30 * HOUR, last_event_ns=START - 1),
            ("rows of the clean file are from 2025-03-03 to 2025-03-04",),
            ("out_of_day_rows",),
            subject="clean",
        ),
    ],
    "clean_rows_more": [
        Found(
            clean(1920, checkouts=40, revenue=4000.0),
            ("clean file has its rows twice", "1,920 rows, of 960 that were not rejected"),
            ("unaccounted_rows", "revenue_gap"),
            subject="clean",
        ),
        Found(
            clean(1000),
            ("the 40 rejected rows too", "all 1,000 raw rows; 40 of them were rejected"),
            ("unaccounted_rows",),
            subject="clean",
            severity=Severity.WARNING,
        ),
        Found(
            clean(1200, checkouts=25, revenue=2500.0, defects=defects(duplicate_transaction_id=5)),
            ("clean file has 240 rows too many", "5 orders are in it once more than in the raw file"),
            ("unaccounted_rows", "revenue_gap"),
            subject="clean",
        ),
        Found(
            clean(1567, out_of_day_rows=607, first_event_ns=START - 20 * HOUR),
            (
                f"clean file has rows of {DAY - timedelta(days=1)} too",
                "1,567 rows, of 960 that were not rejected; 607 of its rows are from",
            ),
            ("unaccounted_rows", "out_of_day_rows"),
            subject="clean",
            severity=Severity.WARNING,
        ),
        Found(
            clean(1920, out_of_day_rows=300, first_event_ns=START - 20 * HOUR),  # most are not from then
            ("clean file has its rows twice",),
            ("unaccounted_rows",),
            subject="clean",
            severity=Severity.WARNING,
        ),
        Found(
            clean(2880),
            ("clean file has its rows 3 times",),
            ("unaccounted_rows",),
            subject="clean",
            severity=Severity.WARNING,
        ),
    ],
    "clean_orders_lost": [
        Found(
            clean(940, checkouts=0, revenue=0.0),
            ("lacks all 20 orders", "20 of 20 orders are neither", "clean revenue is 0 of 2,000"),
            ("unaccounted_rows", "revenue_gap"),
            subject="clean",
        ),
        Found(
            clean(900, checkouts=15, revenue=1500.0),
            ("lacks 5 of 20 orders", "In all, 60 rows are in neither."),
            ("unaccounted_rows", "revenue_gap"),
            subject="clean",
        ),
        Found(  # one of them was rejected
            facts(
                raw=profile(fingerprint="today"),
                clean=profile(Stage.CLEAN, 940, checkouts=15, revenue=1500.0),
                rejects=profile(Stage.REJECTS, 56, checkouts=1, revenue=0.0),
            ),
            ("lacks 4 of 20 orders", "clean revenue is 1,500 of 2,000. |"),
            ("unaccounted_rows",),
            subject="clean",
        ),
        Found(
            clean(959, checkouts=19),
            ("lacks 1 of 20 orders",),
            ("unaccounted_rows",),
            subject="clean",
            severity=Severity.WARNING,
        ),
    ],
    "header_doubled": [
        Found(
            raw(columns=(*RAW_COLUMNS, "client_id")),
            ("column client_id appears twice in the header", "more than once among the header's 8 names"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(columns=(*RAW_COLUMNS, "client_id", "page_url", "page_url", "")),
            (
                "columns client_id, page_url appear twice in the header",
                "client_id, page_url appear more than once among the header's 11 names",
            ),
            subject="client_id, page_url",
            severity=Severity.WARNING,
        ),
    ],
    "parts_differ": [
        Found(
            raw(differing_parts={"part-2.csv": "lacks referrer and has ref", "part-3.csv": "lacks referrer"}),
            ("raw parts differ in their columns: part-2.csv lacks referrer and has ref, and 1 more differs",),
            severity=Severity.WARNING,
        ),
        Found(
            facts(
                clean=profile(
                    Stage.CLEAN,
                    960,
                    differing_parts={f"part-{part}.csv": "lacks referrer" for part in (2, 3, 4, 5)},
                )
            ),
            (
                "clean parts differ in their columns: part-2.csv lacks referrer, and 3 more differ |",
                "part-2.csv lacks referrer; part-3.csv lacks referrer; part-4.csv lacks referrer. Rows",
            ),
            subject="clean",
            severity=Severity.WARNING,
        ),
        Found(
            raw(differing_parts={"part-2.csv": "lacks client_id, timestamp and event_name"}),
            ("raw parts differ in their columns: part-2.csv lacks client_id, timestamp and event_name |",),
            severity=Severity.WARNING,
        ),
    ],
    "header_spelled": [
        Found(
            raw(columns=tuple(name.replace("client_id", "Client ID") for name in RAW_COLUMNS)),
            (
                "1 column is spelled differently: Client ID for client_id",
                "1 of 7 expected columns",
                "aliases",
            ),
            ("schema_mismatch",),
            "client_id",
        ),
        Found(
            raw(columns=("Client-ID", "Page URL", *RAW_COLUMNS[2:])),
            (
                "2 columns are spelled differently: Client-ID for client_id, Page URL for page_url",
                "2 of 7 expected columns are in the header",
                "Have the export write client_id again",
            ),
            ("schema_mismatch",),
            "client_id, page_url",
        ),
    ],
    "hours_missing": [
        Found(
            raw(longest_silence_seconds=4 * 3600, silence_start_ns=START + 9 * HOUR),
            ("no events from 09:00 to 13:00", "4 h without events"),
            ("silence",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(longest_silence_seconds=4 * 3600, silence_start_ns=END - 4 * HOUR),
            ("no events from 20:00 to 24:00",),
            ("silence",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(
                rows=700,
                longest_silence_seconds=4 * 3600,
                silence_start_ns=START + 9 * HOUR,
                hours=tuple(
                    0 if 9 <= hour < 13 or 18 <= hour < 20 else rows for hour, rows in enumerate(HOURS)
                ),
            ),
            (
                "no events from 09:00 to 13:00 and from 18:00 to 20:00",
                "None of 700 rows is from 09:00 to 13:00 or from 18:00 to 20:00",
            ),
            ("silence",),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(
                rows=700,
                longest_silence_seconds=4 * 3600,
                silence_start_ns=START + 9 * HOUR,
                hours=tuple(
                    0 if hour in {0, 1, 4, 9, 10, 11, 12} else rows for hour, rows in enumerate(HOURS)
                ),
            ),
            ("no events from 09:00 to 13:00 and from 00:00 to 02:00 |",),
            ("silence",),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
    ],
    "hours_unusual": [
        Found(
            raw(hours=some_hours(9, 12, 0.3)),
            ("only 30% of the usual rows from 09:00 to 12:00", "54 of 1,000 rows", "about 180 are usual"),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(hours=some_hours(20, 24, 2.5)),
            ("2.5 times the usual rows from 20:00 to 24:00",),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(hours=some_hours(9, 11, 0.0)),
            ("no rows from 09:00 to 11:00", "None of 1,000 rows is"),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(hours=some_hours(9, 10, 0.0)),
            ("no rows from 09:00 to 10:00", "None of 1,000 rows is from 09:00 to 10:00", "about 60 are"),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(rows=1600, hours=some_hours(3, 4, 21.0)),
            ("21.0 times the usual rows from 03:00 to 04:00", "420 of 1,600 rows", "about 20 are usual"),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
        Found(
            raw(rows=1440, hours=tuple(420 if hour == 3 else rows for hour, rows in enumerate(HOURS))),
            ("many unusual rows from 03:00 to 04:00",),
            severity=Severity.WARNING,
            earlier=[
                facts(
                    day.partition,
                    raw=profile(hours=tuple(0 if hour == 3 else rows for hour, rows in enumerate(HOURS))),
                )
                for day in fortnight()
            ],
        ),
        Found(
            raw(rows=1256, hours=some_hours(10, 14, 1.9)),
            ("1.9 times the usual rows from 10:00 to 14:00",),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
    ],
    "nul_bytes": [
        Found(
            raw(invalid_utf8_lines=3, odd_bytes={"NUL": 40}),
            ("40 NUL bytes in the raw file", "3 of 1,000 lines"),
            ("invalid_utf8",),
            severity=Severity.WARNING,
        ),
        Found(
            facts(clean=profile(Stage.CLEAN, 960, invalid_utf8_lines=3, odd_bytes={"NUL": 1})),
            ("1 NUL byte in the clean file", "3 of 960 lines of the clean file"),
            ("invalid_utf8",),
            severity=Severity.WARNING,
        ),
    ],
    "numbers_unreadable": [
        Found(
            raw(figures={"fare": ColumnFigures("number", {}, shapes={"$9.99": 200, "a": 50})}),
            ("25% of fare values are not numbers: they look like $9.99, a", "250 of 1,000 values"),
            subject="fare",
            severity=Severity.WARNING,
        ),
        Found(  # beside a column of another type
            raw(
                figures={
                    "paid": ColumnFigures("boolean", {}, shapes={"a": 0}),
                    "fare": ColumnFigures("integer", {}, shapes={"b": 9, "a": 9, "c": 8, "d": 1}),
                }
            ),
            ("2.7% of fare values are not numbers: they look like a, b and 2 more",),
            subject="fare",
            severity=Severity.WARNING,
        ),
    ],
    "order_data_unreadable": [
        Found(
            raw(defects=defects(unparseable_event_data=20), data_shapes={"a Python dict": 20}),
            ("event_data of 20 of 20 orders is not a JSON object: a Python dict",),
            ("checkout_unparseable",),
            "event_data",
        ),
        Found(
            raw(defects=defects(unparseable_event_data=20), data_shapes={"no JSON": 20, "nothing": 2}),
            ("event_data of 20 of 20 orders is not JSON", "have event_data that is not JSON."),
            ("checkout_unparseable",),
            "event_data",
        ),
        Found(
            raw(
                defects=defects(unparseable_event_data=20),
                data_shapes={"no JSON": 15, "JSON that is cut off": 5},
            ),
            ("not a valid JSON object but other text or JSON that is cut off",),
            ("checkout_unparseable",),
            "event_data",
        ),
    ],
    "orders_unquoted": [
        Found(
            raw(
                malformed_rows=15,
                malformed_orders=15,
                checkouts=5,
                malformed_fields={"19": 15},
                malformed_lines=(40, 99),
            ),
            (
                "15 of 20 orders have too many fields: unquoted JSON?",
                "15 rows are malformed, the first in lines 40 and 99.",
            ),
            ("malformed_orders",),
        ),
        Found(
            raw(malformed_rows=1, malformed_orders=1, malformed_fields={"19": 1}, malformed_lines=(40,)),
            ("1 row is malformed in line 40.",),
            ("malformed_orders",),
            severity=Severity.WARNING,
        ),
        Found(  # where they are is unknown
            raw(malformed_rows=16, malformed_orders=15, checkouts=5, malformed_fields={"19": 15, "3": 1}),
            ("header's 7: quotes in their JSON are not doubled, or it is not quoted. |",),
            ("malformed_orders",),
        ),
    ],
    "revenue_scaled": [
        Found(
            raw(revenue=190_000.0),
            ("orders are worth about 100 times what is usual", "9,500.00 on average, usually 100.00"),
            subject="revenue",
        ),
        Found(
            raw(revenue=22.0),
            ("orders are worth about 1/100 of what is usual",),
            subject="revenue",
        ),
        Found(
            raw(revenue=1.9),
            ("orders are worth about 1/1,000 of what is usual", "0.10 on average, usually 100.00"),
            subject="revenue",
        ),
        Found(
            raw(revenue=101_000.0, worths={"64": 6, "128": 4, "8192": 6, "16384": 4}),
            (
                "10 of 20 orders are worth about 100 times what is usual: another unit?",
                "worth more than any on the days before, about 100 times the usual 100.00",
            ),
            ("revenue_gap",),
            subject="revenue",
            earlier=earlier(worths=SIZES),
        ),
        Found(
            raw(revenue=1400.0, worths={"64": 8, "128": 5, "0.0625": 6, "0.125": 1}),
            ("7 of 20 orders are worth about 1/1,000 of what is usual",),
            ("revenue_gap",),
            subject="revenue",
            severity=Severity.CRITICAL,
            earlier=earlier(worths=SIZES),
        ),
        Found(
            raw(revenue=12_000.0, worths={"64": 12, "128": 7, "8192": 1}),
            ("1 of 20 orders is worth about 100 times", "1 of 20 orders is worth more than any"),
            ("revenue_gap",),
            "revenue",
            earlier=earlier(worths=SIZES),
        ),
    ],
    "revenue_unreadable": [
        Found(
            raw(defects=defects(invalid_revenue=8), revenue_shapes={"n/a": 7, "$9.99": 1}),
            ("8 of 20 revenues are not numbers: they look like n/a, $9.99",),
            ("invalid_revenue",),
            "revenue",
        ),
        Found(
            raw(defects=defects(invalid_revenue=20), revenue_shapes={"nothing": 20}, revenue=0.0),
            ("20 of 20 orders have no revenue",),
            ("invalid_revenue", "zero_revenue"),
            "revenue",
        ),
    ],
    "rows_of_another_day": [
        Found(
            raw(out_of_day_rows=1000, first_event_ns=START - 20 * HOUR, last_event_ns=START - HOUR),
            ("rows are from 2025-03-04", "1,000 of 1,000 rows are not from 2025-03-05"),
            ("out_of_day_rows",),
        ),
        Found(
            raw(out_of_day_rows=990, first_event_ns=START - 30 * HOUR, last_event_ns=START - HOUR),
            ("rows are from 2025-03-03 to 2025-03-04",),
            ("out_of_day_rows",),
        ),
    ],
    "rows_twice": [
        Found(
            raw(rows=2000, duplicate_keys=1000),
            (
                "rows are in the file twice",
                "1,000 of 2,000 rows repeat the key",
                "1,000, usually about 1,000",
            ),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=3000, duplicate_keys=2000),
            ("rows are in the file 3 times", "2,000 of 3,000 rows"),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=1300, duplicate_keys=300),
            ("300 of 1,300 rows are repeated", "without them there are 1,000, usually about 1,000"),
            severity=Severity.WARNING,
        ),
        Found(  # on a day that is usually larger
            raw(rows=2000, duplicate_keys=1000),
            ("rows are in the file twice",),
            severity=Severity.WARNING,
            earlier=[*earlier(rows=2000)[:6], *EARLIER[6:]],
        ),
        Found(
            raw(rows=3000, checkouts=60, defects=defects(duplicate_transaction_id=40)),
            ("40 of 60 orders", "contains its rows 3 times"),
            ("checkout_duplicate_transaction_id",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=1700, checkouts=30, defects=defects(duplicate_transaction_id=13)),
            ("13 of 30 orders", "many of its rows more than once"),
            ("checkout_duplicate_transaction_id",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=2000, checkouts=40, defects=defects(duplicate_transaction_id=20)),
            ("rows are duplicated: 2,000, usually about 1,000", "20 of 40 orders"),
            ("checkout_duplicate_transaction_id",),
            severity=Severity.WARNING,
        ),
        Found(
            repeated(1400, 28, 8),
            ("about 400 of 1,400 rows are duplicated: a part was appended again?", "8 of 28 orders"),
            ("checkout_duplicate_transaction_id", "unaccounted_rows"),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=1400, duplicate_keys=400),
            ("400 of 1,400 rows are repeated", "without them there are 1,000, usually about 1,000"),
            severity=Severity.WARNING,
            earlier=earlier(duplicate_keys=0),
        ),
        Found(
            raw(rows=4000, duplicate_keys=3000),
            ("rows are in the file 4 times",),
            severity=Severity.WARNING,
        ),
        Found(
            repeated(1500, 20, 8),
            ("about 500 of 1,500 rows are duplicated: a part was appended again?",),
            ("checkout_duplicate_transaction_id", "unaccounted_rows"),
            severity=Severity.WARNING,
        ),
    ],
    "keys_reused": [
        Found(
            raw(duplicate_keys=980),
            ("980 of 1,000 rows repeat an earlier ", "only 20 keys differ", "usually about 1,000"),
            severity=Severity.WARNING,
        ),
        Found(raw(duplicate_keys=100), ("100 of 1,000 rows",), severity=Severity.WARNING),
    ],
    "times_placeholder": [
        Found(
            raw(out_of_day_rows=100, first_event_ns=0),
            ("times of 1970-01-01 are placeholders", "100 of 1,000 rows"),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, last_event_ns=2**63 - 1),
            ("times of a year after 2261 are placeholders, or their year is wrong",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, first_event_ns=-(2**63)),
            ("times of a year before 1678 are placeholders, or their year is wrong", "or a wrong year."),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, last_event_ns=START + 24 * 36525 * HOUR),
            ("times of the year 2125 are placeholders, or their year is wrong",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, first_event_ns=-1),
            ("times of the year 1969 are placeholders, or their year is wrong",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, first_event_ns=None, last_event_ns=946_684_800 * NANOSECONDS),
            ("times of 2000-01-01 are placeholders |",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=100, first_event_ns=-2_208_988_800 * NANOSECONDS),
            ("times of 1900-01-01 are placeholders |",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
        ),
    ],
    "revenue_constant": [
        Found(
            raw(revenue=19_980.0, smallest=999.0, largest=999.0),
            (
                "all orders have the same revenue: 999.00",
                "All 20 orders have a revenue of 999.00, usually 100.00 on average",
            ),
            ("revenue_gap",),
            "revenue",
            earlier=earlier(smallest=20.0, largest=300.0),
        ),
    ],
    "amount_outlier": [
        Found(
            raw(revenue=1_001_999.0, smallest=20.0, largest=999_999.0),
            (
                "one order of 999,999.00 makes up 100% of revenue",
                "One of 20 orders has 999,999.00 of the day's 1,001,999.00",
                "the largest of the days before had 300.00",
            ),
            ("revenue_gap",),
            "revenue",
            earlier=earlier(smallest=20.0, largest=300.0),
        ),
    ],
    "times_crowded": [
        Found(
            raw(**MORNING_ONLY),
            (
                "no events from 12:00 to 24:00, but as many rows as usual: wrong times?",
                "None of 1,000 rows is from 12:00 to 24:00, but about 1,000 rows a day are usual",
            ),
            ("silence",),
            severity=Severity.WARNING,
            earlier=fortnight(),
        ),
    ],
    "times_shifted": [
        Found(
            raw(
                out_of_day_rows=200,
                first_event_ns=START + 5 * HOUR,
                last_event_ns=END + 5 * HOUR - HOUR // 60,
            ),
            ("times are 5 h too late: another timezone?", "200 of 1,000 rows"),
            ("out_of_day_rows",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(out_of_day_rows=200, first_event_ns=START - 5 * HOUR // 2, last_event_ns=END - 5 * HOUR // 2),
            ("times are 2 h 30 min too early: another timezone?",),
            ("out_of_day_rows",),
            severity=Severity.WARNING,
        ),
    ],
    "column_missing": [
        Found(
            raw(columns=WITHOUT_REFERRER),
            ("column referrer is missing", "in all 1,000 rows"),
            ("schema_mismatch",),
            "referrer",
        ),
        Found(
            raw(columns=RENAMED),
            ("column client_id is missing, user_id is new: renamed?", "aliases"),
            ("schema_mismatch",),
            "client_id",
        ),
        Found(
            raw(columns=RAW_COLUMNS[:-3]),
            ("3 of 7 columns are missing: event_name, event_data, user_agent",),
            ("schema_mismatch",),
            "event_name, event_data, user_agent",
        ),
        Found(
            raw(columns=(*WITHOUT_REFERRER, "", "ref")),
            ("column referrer is missing |", "New: a column without a name, ref."),
            ("schema_mismatch",),
            "referrer",
        ),
        Found(  # with the effect on the DQ step
            facts(
                raw=profile(columns=WITHOUT_REFERRER, fingerprint="today", revenue=2000.4),
                clean=profile(Stage.CLEAN, 0, checkouts=0, revenue=0.0),
                rejects=profile(Stage.REJECTS, 960, checkouts=0, revenue=0.0),
            ),
            ("960 of 1,000 rows are rejected. Clean revenue is 0 of 2,000. |",),
            ("schema_mismatch", "reject_ratio", "revenue_gap"),
            "referrer",
        ),
    ],
    "column_new": [
        Found(
            raw(columns=(*RAW_COLUMNS, "currency")),
            ("new column currency", "8 columns, usually 7"),
            subject="currency",
            severity=None,
        ),
        Found(
            raw(columns=(*RAW_COLUMNS, "a", "b", "c", "d", "e", "")),
            ("new columns a, b, c, d, e |", "13 columns, usually 7"),
            subject="a, b, c, d, e",
            severity=None,
        ),
        Found(
            raw(columns=(*RAW_COLUMNS, "a", "b", "c", "d", "e", "f", "g")),
            ("new columns a, b, c, d, e and 2 more |",),
            subject="a, b, c, d, e and 2 more",
            severity=None,
        ),
    ],
    "ends_early": [
        Found(
            raw(last_event_ns=CALENDAR.day(DAY).start_ns + 12 * HOUR + 4 * 60 * NANOSECONDS),
            ("events end at 12:04, usually at 23:59", "the day's last 11 h 56 min are missing"),
            severity=None,
        ),
    ],
    "event_gone": [
        Found(
            changes(vanished={"product_added_to_cart": 169.0}),
            ("event product_added_to_cart is gone", "0 of 1,000 rows", "usually about 169 a day"),
            ("event_vanished",),
            "product_added_to_cart",
            Severity.WARNING,
        ),
        Found(
            changes(lost_orders=24.0),
            ("event checkout_completed is gone", "usually about 24 a day"),
            ("no_orders",),
            "checkout_completed",
        ),
    ],
    "event_renamed": [
        Found(
            changes(lost_orders=21.0, appeared={"purchase": 24}),
            ("event checkout_completed is gone, purchase is new: renamed?", "24 rows have purchase"),
            ("event_appeared", "no_orders"),
            "checkout_completed",
        ),
        Found(
            changes(vanished={"email_filled": 50.0}, appeared={"email_entered": 48}),
            ("event email_filled is gone, email_entered is new",),
            ("event_appeared", "event_vanished"),
            "email_filled",
            Severity.WARNING,
        ),
        Found(
            renamed(
                lost_orders=20.0,
                vanished=GONE,
                appeared={"page_view": 510, "add_to_cart": 28, "purchase": 21, "generate_lead": 6},
            ),
            (
                "4 events renamed? purchase for checkout_completed, page_view for page_viewed, add_to_cart",
                "add_to_cart for product_added_to_cart, generate_lead for email_filled |",
                "565 of 1,000 rows",
            ),
            ("event_appeared", "event_vanished", "no_orders"),
            "checkout_completed",
            earlier=earlier(events={"page_viewed": 500, "email_filled": 4}),
        ),
        Found(  # two are as frequent as each other
            renamed(vanished={**GONE, "scrolled": 31.0}, appeared={"a": 490, "b": 30, "c": 31}),
            (
                "3 events renamed? a for page_viewed |",
                "The counts do not tell which of product_added_to_cart, scrolled became b, c.",
            ),
            ("event_appeared", "event_vanished"),
            "page_viewed",
            Severity.WARNING,
        ),
        Found(  # a word in common tells more than counts
            renamed(vanished={"cart_opened": 30.0, "scrolled": 31.0}, appeared={"scroll": 30, "opened": 31}),
            ("2 events renamed? scroll for scrolled, opened for cart_opened |",),
            ("event_appeared", "event_vanished"),
            "scrolled",
            Severity.WARNING,
        ),
        Found(  # another new name remains to be explained
            changes(vanished={"email_filled": 50.0}, appeared={"email_entered": 48, "survey": 900}),
            ("event email_filled is gone, email_entered is new",),
            ("event_vanished",),
            "email_filled",
            Severity.WARNING,
        ),
    ],
    "fields_too_many": [
        Found(
            raw(malformed_rows=1000, malformed_fields={"8": 1000}),
            (
                "100% of rows have one field more than the header",
                "1,000 of 1,000 rows have 8 fields",
                "delimiter",
            ),
            ("malformed_rows",),
        ),
        Found(
            raw(malformed_rows=900, malformed_fields={"5": 880, "6": 20}),
            ("88% of rows have 2 fields fewer than the header",),
            ("malformed_rows",),
        ),
    ],
    "file_elsewhere": [
        Found(
            beside("events_2025-03-05.csv"),
            ("raw file is missing, but events_2025-03-05.csv exists", "events_YYYYMMDD.csv"),
            ("partition_missing",),
        ),
        Found(
            replace(beside("1.csv", "2.csv", "3.csv", "4.csv"), beside_is=("JSON", "CSV")),
            (
                "raw file is missing, but 1.csv exists, JSON",
                "Found but not read: 1.csv, 2.csv, 3.csv and 1 more; 1.csv is JSON. |",
            ),
            ("partition_missing",),
        ),
        Found(beside("1.csv", "2.csv", "3.csv"), ("Found but not read: 1.csv, 2.csv, 3.csv. |",)),
    ],
    "file_form": [
        Found(
            unreadable("not CSV with a header: the file is UTF-16"),
            ("raw file cannot be read: the file is UTF-16", "1,000 bytes"),
            ("partition_unreadable",),
        ),
        Found(unreadable("permission denied"), ("permission denied",), ("partition_unreadable",)),
        Found(
            replace(
                facts(),
                stages={
                    **facts().stages,
                    Stage.CLEAN: replace(
                        facts().stages[Stage.CLEAN], profile=None, error="permission denied"
                    ),
                },
            ),
            ("clean file cannot be read: permission denied |", "clean file of 1,000 bytes"),
            ("partition_unreadable",),
        ),
        Found(
            unreadable("not CSV with a header: the first line is not a header: JSON"),
            (
                "raw file cannot be read: JSON |",
                "cannot be read: the first line is not a header: JSON.",
            ),
            ("partition_unreadable",),
        ),
    ],
    "page_inside": [
        Found(
            raw(
                malformed_rows=6,
                odd_records={"HTML or XML": 5},
                malformed_lines=(302, 303),
                malformed_fields={"1": 6},
            ),
            (
                "an HTML or XML page within the raw file, from line 302",
                "In line 302 of the raw file an HTML or XML page begins, in place of rows. It has 994 rows,",
            ),
            ("malformed_rows",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(rows=10_000, malformed_rows=1, odd_records={"JSON": 1}),
            ("a JSON message within the raw file", "contains a JSON message. It has 9,999 rows"),
            severity=Severity.WARNING,
        ),
        Found(  # usual pages do not matter if there are so many
            raw(malformed_rows=6, odd_records={"HTML or XML": 6}),
            ("an HTML or XML page within the raw file |",),
            ("malformed_rows",),
            severity=Severity.WARNING,
            earlier=earlier(odd_records={"HTML or XML": 1}),
        ),
    ],
    "trailer": [
        Found(
            raw(malformed_rows=1, odd_records={"a trailer": 1}, malformed_lines=(1001,)),
            (
                "line 1,001 of the raw file is a trailer, not a row",
                "Line 1,001 of the raw file, besides its 999 rows, is a trailer, such as a row count.",
            ),
            severity=None,
        ),
        Found(
            raw(rows=500, malformed_rows=2, odd_records={"an end-of-file mark": 2}),
            (
                "2 lines of the raw file are not rows but, for instance, an end-of-file mark",
                "mark of DOS (byte 0x1A)",
            ),
            ("malformed_rows",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(
                rows=500,
                malformed_rows=1,
                odd_records={"NUL bytes": 1},
                odd_bytes={"NUL": 4096},
                invalid_utf8_lines=1,
                malformed_lines=(1001,),
            ),
            ("line 1,001 of the raw file is NUL bytes, not a row", "as padding is"),
            ("malformed_rows",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(malformed_rows=2, odd_records={"a trailer": 1}, malformed_lines=(7, 1001)),
            (
                "a line of the raw file is a trailer, not a row",
                "A line of the raw file, besides its 999 rows",
            ),
            severity=None,
        ),
    ],
    "rows_other_form": [
        Found(
            raw(
                malformed_rows=500,
                odd_records={"semicolons": 480},
                malformed_lines=(502, 503),
                malformed_orders=15,
            ),
            (
                "48% of raw rows are separated by semicolons, the first in lines 502 and 503",
                "480 of 1,000 rows are separated by semicolons",
                "two exports were concatenated",
            ),
            ("malformed_rows", "malformed_orders"),
            severity=Severity.CRITICAL,
        ),
        Found(
            raw(malformed_rows=1, odd_records={"two rows": 1}, malformed_lines=(502,)),
            ("1 of 1,000 rows is two rows on one line in line 502.",),
            severity=None,
        ),
        Found(
            raw(malformed_rows=20, odd_records={"escaped quotes": 20}, malformed_orders=20, checkouts=0),
            ("20 of 1,000 rows have quotes escaped with backslashes, not doubled.",),
            ("malformed_rows", "malformed_orders"),
        ),
        Found(  # as on the days before, but too many
            raw(malformed_rows=20, odd_records={"two rows": 20}),
            ("2% of raw rows are two rows on one line",),
            ("malformed_rows",),
            severity=Severity.WARNING,
            earlier=earlier(odd_records={"two rows": 1}),
        ),
        Found(
            raw(malformed_rows=1, odd_records={"escaped quotes": 1}),
            ("1 of 1,000 rows has quotes escaped with backslashes, not doubled.",),
            severity=None,
        ),
    ],
    "rows_empty": [
        Found(
            raw(empty_rows=40),
            ("40 of 1,040 raw rows are empty", "nothing but delimiters. They are not counted."),
            severity=Severity.WARNING,
        ),
        Found(raw(empty_rows=1), ("1 of 1,001 raw rows is empty",), severity=Severity.WARNING),
        Found(
            raw(empty_rows=41),
            ("41 of 1,041 raw rows are empty",),
            severity=Severity.WARNING,
            earlier=earlier(empty_rows=20),
        ),
    ],
    "row_of_totals": [
        Found(
            raw(figures={"amount": sums(500.5), "city": ColumnFigures("text", {"missing_rows": 1})}),
            (
                "one raw row is a total: its amount is the sum of all others",
                "The largest amount, 250,250, is the sum of all others, and 1 of 1,000 rows has no value",
            ),
            severity=Severity.WARNING,
        ),
    ],
    "header_repeated": [
        Found(
            raw(malformed_rows=1, odd_records={"a row and a header": 1}, malformed_lines=(300,), rows=500),
            (
                "header glued to a row once in the raw file in line 300",
                "at the end of a row without a line end in line 300: parts concatenated? That row is lost.",
            ),
            ("malformed_rows",),
            "glued",
            Severity.WARNING,
        ),
        Found(
            raw(repeated_headers=1, repeated_header_lines=(502,)),
            ("header repeated once in the raw file in line 502",),
            severity=Severity.WARNING,
        ),
        Found(
            raw(repeated_headers=2000, repeated_header_lines=(502, 1004)),
            ("repeated 2,000 times", ", the first in lines 502 and 1,004"),
            severity=Severity.WARNING,
        ),
        Found(
            raw(repeated_headers=2),
            ("header repeated 2 times in the raw file |", "among 1,000 rows: parts"),
            severity=Severity.WARNING,
        ),
        Found(
            raw(malformed_rows=2, odd_records={"a row and a header": 2}, malformed_lines=(300, 600)),
            ("header glued to a row 2 times in the raw file in lines 300 and 600", "Those rows are lost."),
            subject="glued",
            severity=Severity.WARNING,
        ),
        Found(  # among other malformed rows
            raw(malformed_rows=9, odd_records={"a row and a header": 2}, malformed_lines=(300, 600)),
            ("header glued to a row 2 times in the raw file |",),
            subject="glued",
            severity=Severity.WARNING,
        ),
    ],
    "same_content": [
        Found(
            raw(fingerprint=f"of-{DAY - timedelta(days=1)}", out_of_day_rows=1000),
            (f"raw file has the content of {DAY - timedelta(days=1)}", "All 1,000 rows"),
            ("out_of_day_rows",),
        ),
    ],
    "timestamps_unparseable": [
        Found(
            raw(unparseable_timestamps=1000, timestamp_shapes={"epoch milliseconds": 1000}),
            ("100% of timestamps cannot be parsed: they look like epoch milliseconds", "1,000 of 1,000"),
            ("unparseable_timestamps",),
            "timestamp",
        ),
        Found(
            raw(unparseable_timestamps=200, timestamp_shapes={"epoch seconds": 150, "99/99/9999": 50}),
            ("20% of timestamps", "200 of 1,000", "epoch seconds, 99/99/9999"),
            ("unparseable_timestamps",),
            "timestamp",
            Severity.WARNING,
        ),
    ],
}

SILENT: dict[str, list[PartitionFacts]] = {
    "event_counts": [raw(rows=2000), raw(events={"page_viewed": 500, "scrolled": 480})],
    "orders_same_id": [raw(defects=defects(duplicate_transaction_id=18)), raw(checkouts=1)],
    "order_data_empty": [
        raw(  # they lack an id only
            defects=defects(missing_transaction_id=6), data_shapes={"a Python dict": 3}
        ),
        raw(  # most orders without an id have something else
            defects=defects(missing_transaction_id=6, corrupt_items=6, invalid_revenue=6),
            data_shapes={"nothing": 2},
        ),
        raw(data_shapes={"nothing": 2}),
    ],
    "revenue_not_positive": [
        raw(defects=defects(zero_value=2), worths={"0": 2, "64": 18}),
        raw(worths={"64": 20}),
        raw(defects=defects(zero_value=4)),
    ],
    "numbers_scaled": [raw(figures=amounts(690.0, 2000.0))],
    "rows_of_other_days": [raw(out_of_day_rows=0, first_event_ns=None)],
    "category_changed": [raw(figures=CITIES)],
    "category_recoded": [raw(figures=category(Rome=500, Bonn=500)), raw(figures=CITIES)],  # no earlier days
    "booleans_unreadable": [
        raw(figures={"paid": ColumnFigures("boolean", {})}),
        raw(figures={"fare": ColumnFigures("number", {}, shapes={"a": 500})}),
    ],
    "dates_unreadable": [
        raw(figures=shipped("date", {})),
        raw(figures=shipped("text", {"a": 500})),
        raw(
            figures={"timestamp": shipped("timestamp", {"epoch seconds": 500})["ship_date"]}
        ),  # the event time
    ],
    "category_mix": [raw(figures=category(Rome=950, Oslo=50)), raw(figures={"paid": flags(120)})],
    "numbers_level": [raw(figures=amounts(67.9, 80.0, minimum=50.0))],
    "clock_12_hours": [raw(hours=HALVED), raw(hours=HOURS)],
    "numbers_negative": [raw(figures=fares(negative_rows=30, minimum=-999))],
    "values_misplaced": [raw(looks={"client_id": {"values": 1000, "web addresses": 200}})],
    "values_repeated": [raw(looks={"client_id": {"values": 900, "fullest": 300}})],
    "column_constant": [
        raw(rows=20, constants={"client_id": 20}),
        raw(constants={"utm": 1000}),
        raw(constants={"client_id": 40}),
        raw(constants={"timestamp": 1000}, timestamp_shapes={"a date without a time": 1000}),
    ],
    "column_empty": [raw(referrer_null=999), raw(referrer_null=1000, columns=WITHOUT_REFERRER)],
    "column_placeholder": [
        raw(placeholders={"client_id": {"0": 4}}),
        raw(placeholders={"client_id": {"unknown": 9}}),
        raw(figures={"client_id": dates({"1970-01-01": 9})}),
        raw(figures={"timestamp": dates({"1970-01-01": 500})}),  # of the event time see times_placeholder
    ],
    "encoding_other": [raw(invalid_utf8_lines=50, odd_bytes={"NUL": 60, "0xa0 to 0xff": 2})],
    "events_spelled": [changes(lost_orders=21.0, appeared={"purchase": 24})],
    "file_cut_off": [raw(malformed_rows=1)],
    "file_empty": [raw(rows=1), facts(without=(Stage.RAW,))],
    "file_replaced": [
        redelivered(1000, 1000),
        redelivered(900, 1200),
        revalued(before=2000.0, later=False),  # the DQ step has read it
    ],
    "file_gone": [
        facts(without=(Stage.RAW,)),
        gone(Stage.RAW, rows=0),  # an empty placeholder
        raw(),
    ],
    "clean_of_another_day": [
        clean(out_of_day_rows=300, first_event_ns=START - 24 * HOUR),
        clean(rows=960, fingerprint="clean-960"),  # which every day before has too
        clean(rows=0),
    ],
    "clean_rows_more": [clean(980), clean(960), clean(900, checkouts=0)],
    "clean_orders_lost": [
        clean(960, checkouts=0),  # all rows are accounted for
        clean(900),
        clean(955, checkouts=10),  # fewer rows are lost than orders
        facts(clean=profile(Stage.CLEAN, 900, checkouts=10), without=(Stage.RAW,)),
    ],
    "header_doubled": [raw(columns=(*RAW_COLUMNS, "", ""))],
    "parts_differ": [raw(columns=(*RAW_COLUMNS, "more"))],
    "header_spelled": [raw(columns=RENAMED), raw(columns=(*RAW_COLUMNS, "Client_ID"))],
    "hours_missing": [
        raw(longest_silence_seconds=3600, silence_start_ns=START),
        raw(longest_silence_seconds=4 * 3600, silence_start_ns=START + 9 * HOUR, truncated=True),
        raw(
            longest_silence_seconds=5 * 3600,
            silence_start_ns=END - 5 * HOUR,
            last_event_ns=END - 5 * HOUR,
        ),
    ],
    "hours_unusual": [raw(hours=some_hours(9, 12, 0.3)), raw(hours=HOURS)],  # the usual values are unknown
    "keys_reused": [
        raw(duplicate_keys=30),
        raw(rows=2000, duplicate_keys=1000),
        raw(rows=1300, duplicate_keys=300),
    ],
    "nul_bytes": [raw(invalid_utf8_lines=50, odd_bytes={"NUL": 1, "0xa0 to 0xff": 60})],
    "numbers_unreadable": [raw(rows=100_000, figures={"fare": ColumnFigures("number", {}, shapes={"a": 1})})],
    "order_data_unreadable": [raw(defects=defects(invalid_revenue=1), revenue_shapes={"n/a": 1})],
    "orders_unquoted": [
        raw(malformed_rows=15, malformed_orders=3, malformed_fields={"19": 15}),
        raw(malformed_rows=3, malformed_orders=3, malformed_fields={"5": 3}),
    ],
    "revenue_constant": [
        raw(revenue=0.0, smallest=0.0, largest=0.0),  # zero_revenue
        raw(revenue=400.0, checkouts=4, smallest=100.0, largest=100.0),
        raw(smallest=99.0, largest=100.0),
    ],
    "amount_outlier": [
        raw(revenue=2000.0, smallest=20.0, largest=900.0),
        raw(revenue=900.0, checkouts=2, smallest=20.0, largest=880.0),
    ],
    "revenue_scaled": [raw(revenue=6000.0), raw(revenue=0.0), raw(revenue=190_000.0, checkouts=2)],
    "revenue_unreadable": [raw(defects=defects(zero_value=3))],
    "rows_of_another_day": [
        raw(out_of_day_rows=300, first_event_ns=START - HOUR),
        raw(out_of_day_rows=1, first_event_ns=START - HOUR, rows=10_000),
    ],
    "rows_twice": [
        raw(duplicate_keys=30),
        raw(duplicate_keys=980),  # keys are wrong: there are as many rows as usual
        raw(duplicate_keys=500),
        raw(rows=2000, checkouts=40, defects=defects(duplicate_transaction_id=3)),
        repeated(1400, 28, 2),  # orders are not repeated
        repeated(1400, 28, 14),  # more orders than rows are repeated, as a share
        repeated(1400, 28, 8, clean=1360),  # the DQ step wrote every row
        repeated(1000, 20, 8, clean=560),  # there are no more rows than usual
        raw(checkouts=40, defects=defects(duplicate_transaction_id=20)),
    ],
    "times_crowded": [
        raw(**MORNING_ONLY | {"rows": 600})
    ],  # rows are missing, or the usual hours are unknown
    "times_placeholder": [raw(out_of_day_rows=100, first_event_ns=START - HOUR)],
    "times_shifted": [
        raw(out_of_day_rows=200, first_event_ns=START, last_event_ns=END + 5 * HOUR),
        raw(first_event_ns=START + 5 * HOUR, last_event_ns=END + 5 * HOUR),
    ],
    "column_missing": [raw(columns=RAW_COLUMNS[::-1]), raw(columns=()), unreadable("no")],
    "column_new": [raw(columns=(*WITHOUT_REFERRER, "currency"))],
    "ends_early": [
        raw(last_event_ns=CALENDAR.day(DAY).end_ns - HOUR),
        raw(last_event_ns=CALENDAR.day(DAY).start_ns - HOUR),  # another day's rows
        raw(last_event_ns=None),
        raw(last_event_ns=CALENDAR.day(DAY).end_ns - 12 * HOUR, truncated=True),  # the file is cut off
    ],
    "event_gone": [changes(lost_orders=21.0, appeared={"purchase": 24})],
    "event_renamed": [
        changes(lost_orders=24.0, appeared={"survey": 900}),
        changes(appeared={"purchase": 24}),
    ],
    "fields_too_many": [
        raw(malformed_rows=100, malformed_fields={"8": 100}),
        raw(malformed_rows=900, malformed_fields={"8": 300, "9": 300, "5": 300}),
    ],
    "file_elsewhere": [facts(without=(Stage.RAW,)), replace(raw(), beside=("events_2025-03-05.csv",))],
    "file_form": [facts(without=(Stage.RAW,))],
    "header_repeated": [raw(malformed_rows=1, malformed_fields={"13": 1})],
    "page_inside": [
        raw(malformed_rows=100, odd_records={"HTML or XML": 5}),  # most are something else
        raw(malformed_rows=1, malformed_fields={"1": 1}),
    ],
    "trailer": [raw(malformed_rows=1, malformed_fields={"1": 1})],
    "rows_other_form": [
        raw(malformed_rows=100, odd_records={"semicolons": 50, "tabs": 50}),
        raw(malformed_rows=100, malformed_fields={"8": 100}),
    ],
    "rows_empty": [raw()],
    "row_of_totals": [
        raw(figures={"amount": sums(500.5)}),  # every column has a value
        raw(figures={"amount": sums(510.0), "city": ColumnFigures("text", {"missing_rows": 1})}),
    ],
    "same_content": [raw(rows=0, fingerprint=f"of-{DAY - timedelta(days=1)}")],
    "timestamps_unparseable": [raw(unparseable_timestamps=1, rows=100_000)],
}


OF_TRENDS = {"level_shift", "rows_malformed"}  # see test_causes_level.py, and below


def test_every_cause_has_its_table() -> None:
    """A cause without a day on which it is found is not tested."""
    assert set(FIRING) == set(SILENT) == set(CAUSES) - OF_TRENDS


@pytest.mark.parametrize(
    ("name", "found"), [(name, found) for name, table in FIRING.items() for found in table]
)
def test_it_is_found(name: str, found: Found) -> None:
    """By name, with its text, once; and what it explains belongs to it."""
    problems = problems_of(case(found.day, found.earlier), acknowledged=frozenset())
    (own,) = [problem for problem in problems if problem.name == name]
    assert own.cause is not None
    assert own.finding is not None
    said = f"{own.finding.title} | {own.finding.seen} | {own.finding.likely_fix}"
    assert all(words in said for words in found.words), said
    assert (own.subject, own.severity) == (found.subject, found.severity)
    explained = {alert.check.name for alert in own.alerts}
    assert explained.issuperset(found.explains), explained
    assert not explained & {problem.name for problem in problems}, "explained twice"


@pytest.mark.parametrize(("name", "day"), [(name, day) for name, table in SILENT.items() for day in table])
def test_it_is_not_claimed(name: str, day: PartitionFacts) -> None:
    """Similar days with another cause, or none."""
    assert not list(CAUSES[name].detect(case(day)))


@pytest.mark.parametrize(
    ("name", "day", "before"),
    [
        ("numbers_scaled", amounts(690.0, 2000.0), amounts(500.0, 1500.0)),
        ("numbers_scaled", amounts(1000.0, 200_000.0), amounts(690.0, 2000.0)),  # one large value
        ("numbers_scaled", amounts(690.0, 9e9), amounts(690.0, 2000.0)),
        (
            "numbers_negative",
            amounts(6.0, 9.0, minimum=-2.0, negative_rows=250),
            amounts(6.0, 9.0, negative_rows=90),
        ),
        (
            "numbers_negative",
            amounts(6.0, 9.0, minimum=-2.0, negative_rows=5),
            amounts(6.0, 9.0, negative_rows=0),
        ),
    ],
)
def test_numbers_that_are_usual_are_no_cause(
    name: str, day: dict[str, ColumnFigures], before: dict[str, ColumnFigures]
) -> None:
    """With a week of history."""
    assert not list(CAUSES[name].detect(case(raw(figures=day), earlier(figures=before))))


def test_numbers_that_fluctuate_have_no_usual_unit() -> None:
    """A mean that doubles from one day to the next may be a hundred times as large too."""
    week = tuple(
        replace(day, stages=facts(raw=profile(figures=amounts(690.0 * 3**age, 2000.0 * 3**age))).stages)
        for age, day in enumerate(EARLIER)
    )
    assert not list(CAUSES["numbers_scaled"].detect(case(raw(figures=amounts(1e7, 2e7)), week)))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("revenue_scaled", {"revenue": 2000.0, "worths": {"64": 19, "4096": 1}}),  # nothing is in breach
        ("revenue_scaled", {"revenue": 1e9, "worths": {"64": 19, "5.36871e+08": 1}}),  # by no unit's factor
        ("revenue_not_positive", {"worths": {"0": 3, "64": 17}, "defects": defects(zero_value=3)}),
    ],
)
def test_orders_that_are_usual_are_no_cause(name: str, day: dict[str, object]) -> None:
    """Free orders occur, and large ones."""
    week = earlier(worths={"0": 2, "64": 10, "128": 8})
    assert not list(CAUSES[name].detect(case(raw(**day), week)))


def test_a_total_is_of_the_rows_that_have_a_number() -> None:
    """Some have none, and some have something else."""
    city = {"city": ColumnFigures("text", {"missing_rows": 1})}
    for rows, found in ((930, True), (970, False)):
        numbers = {"missing_rows": 50, "invalid_rows": 20, "mean": 2000.0 / rows, "maximum": 1000.0}
        day = raw(figures={"amount": ColumnFigures("number", numbers), **city})
        assert bool(list(CAUSES["row_of_totals"].detect(case(day)))) is found


def test_a_gap_in_revenue_that_orders_of_zero_do_not_explain_remains() -> None:
    """One free order does not explain that half of the clean revenue is missing."""
    day = raw(worths={"0": 3, "64": 17}, defects=defects(zero_value=3), revenue=5000.0)
    names = {
        problem.name for problem in problems_of(case(day, earlier(worths=SIZES)), acknowledged=frozenset())
    }
    assert names == {"revenue_not_positive", "revenue_gap"}


def test_an_event_that_may_have_been_renamed_is_not_also_gone() -> None:
    """Those without a similar new name are."""
    day = renamed(
        vanished={**GONE, "scrolled": 31.0, "searched": 9000.0}, appeared={"a": 490, "b": 30, "c": 31}
    )
    found = [problem for problem in problems_of(case(day), acknowledged=frozenset()) if problem.cause]
    assert {(one.name, one.subject) for one in found} == {
        ("event_renamed", "page_viewed"),
        ("event_gone", "searched"),
    }


@pytest.mark.parametrize("name", CAUSES)
def test_a_healthy_day_has_no_cause(name: str) -> None:
    """With history and without."""
    for earlier in (EARLIER, ()):
        assert not list(CAUSES[name].detect(case(raw(), earlier)))


def test_two_missing_columns_are_two_things_to_mend() -> None:
    """Each keeps its own incident when the other one comes back."""
    found = problems_of(case(raw(columns=RAW_COLUMNS[:-2])), acknowledged=frozenset())
    assert [(one.name, one.subject, one.severity) for one in found if one.cause is not None] == [
        ("column_missing", "event_data", Severity.CRITICAL),
        ("column_missing", "user_agent", Severity.CRITICAL),
    ]


def test_an_event_is_not_gone_where_most_of_the_day_is() -> None:
    """Whatever stopped the file, it is not the tag of one event."""
    few = replace(changes(vanished={"product_added_to_cart": 169.0}))
    few = replace(few, stages={**few.stages, Stage.RAW: raw(rows=300).stages[Stage.RAW]})
    assert not list(CAUSES["event_gone"].detect(case(few)))


def test_a_column_that_stands_elsewhere_was_not_renamed() -> None:
    """One is gone and one is new, in different places."""
    day = raw(columns=(*(name for name in RAW_COLUMNS if name != "client_id"), "currency"))
    (finding,) = CAUSES["column_missing"].detect(case(day))
    assert "renamed" not in finding.title
    assert "New: currency." in finding.seen


def test_a_column_that_no_day_before_counted_is_not_newly_empty() -> None:
    """The contract may have named it only now; how empty it usually is remains unknown."""
    figures = {"page_url": ColumnFigures("text", {"missing_rows": 1000})}
    assert list(
        CAUSES["column_empty"].detect(
            case(
                raw(figures=figures),
                earlier(figures=CITIES | {"page_url": ColumnFigures("text", {"missing_rows": 4})}),
            )
        )
    )
    assert not list(CAUSES["column_empty"].detect(case(raw(figures=figures))))


def test_a_pattern_that_explains_nothing_known_is_a_slip() -> None:
    """Every cause explains existing checks."""
    from exporter.causes.problem import matches  # noqa: PLC0415

    names = [check.name for check in CHECKS]
    for cause in CAUSES.values():
        for pattern in cause.explains:
            if not pattern.startswith(("anomaly_", "duplicate_keys")):
                assert any(matches(name, (pattern,)) for name in names), (cause.name, pattern)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("trailer", {"malformed_rows": 1, "odd_records": {"a trailer": 1}}),
        ("rows_empty", {"empty_rows": 40}),
        ("rows_other_form", {"malformed_rows": 1, "odd_records": {"semicolons": 1}}),
        ("page_inside", {"malformed_rows": 1, "odd_records": {"JSON": 1}}),
    ],
)
def test_what_every_file_has_is_no_cause(name: str, found: dict[str, object]) -> None:
    """A feed whose files always end with a trailer, or always have empty rows."""
    assert list(CAUSES[name].detect(case(raw(**found))))
    assert not list(CAUSES[name].detect(case(raw(**found), earlier(**found))))


@pytest.mark.parametrize(("value", "follows"), [(91.0, True), (60.0, False)])
def test_malformed_rows_explain_anomalies_of_their_size(value: float, follows: object) -> None:
    """Of 8% of the rows: what is lost with them, but not a share that halves."""
    check = next(check for check in CHECKS if check.name == "anomaly_revenue")
    anomaly = Alert(check, DAY, Severity.WARNING, value, 95.0, State.FIRING, {}, expected=100.0)
    today = case(raw(malformed_rows=80, malformed_fields={"8": 78, "1": 2}, malformed_lines=(7,)))
    problems = problems_of(replace(today, alerts=(*today.alerts, anomaly)), acknowledged=frozenset())
    found = {problem.name: problem for problem in problems}
    assert ("anomaly_revenue" not in found) is follows
    assert ("rows_malformed" in found) is follows
    if follows:
        finding = found["rows_malformed"].finding
        assert finding is not None
        assert finding.seen == (
            "80 of 1,000 rows have more or fewer fields than the header's 7, the first in line 7. "
            "Most have 8 fields. Figures lack those rows."
        )


@pytest.mark.parametrize(
    "found",
    [
        {"malformed_rows": 1, "odd_records": {"two rows": 1}},
        {"malformed_rows": 1, "odd_records": {"a trailer": 1}},
        {"empty_rows": 1},
        {"malformed_rows": 1, "odd_records": {"a row and a header": 1}},
    ],
)
def test_one_line_does_not_explain_that_many_rows_are_unaccounted_for(found: dict[str, object]) -> None:
    """Only as many as there are such lines."""
    for rows, left in ((1001, False), (1100, True)):
        problems = problems_of(case(raw(rows=rows, **found)), acknowledged=frozenset())
        assert ("unaccounted_rows" in {problem.name for problem in problems}) is left


@pytest.mark.parametrize(
    "lost", [{"malformed_rows": 300}, {"malformed_rows": 6, "odd_records": {"HTML or XML": 6}}]
)
def test_hours_are_not_missing_if_they_may_be_in_malformed_rows(lost: dict[str, object]) -> None:
    """Or if a page in their place says why."""
    short = {"last_event_ns": END - 12 * HOUR, "longest_silence_seconds": 12 * 3600}
    late = {"silence_start_ns": END - 12 * HOUR}
    names = {problem.name for problem in problems_of(case(raw(**short, **late)), acknowledged=frozenset())}
    assert "ends_early" in names
    found = {
        problem.name for problem in problems_of(case(raw(**short, **late, **lost)), acknowledged=frozenset())
    }
    assert not found & {"ends_early", "hours_missing"}


def test_an_event_that_may_be_in_malformed_rows_is_not_rare() -> None:
    """If they are as many as are missing of it."""
    before = earlier(rows=1470, events={"page_viewed": 490, "scrolled": 980})
    for malformed, found in ((0, 1), (430, 1), (440, 0)):
        day = raw(rows=1030, malformed_rows=malformed, events={"page_viewed": 50, "scrolled": 980})
        assert len(list(CAUSES["event_counts"].detect(case(day, before)))) == found


def test_an_event_that_may_be_in_malformed_rows_is_not_gone() -> None:
    """The orders are malformed, not absent."""
    day = changes(vanished={"email_filled": 50.0})
    stage = day.stages[Stage.RAW]
    assert list(CAUSES["event_gone"].detect(case(day)))
    broken = replace(stage, profile=altered(stage.profile, malformed_rows=60))  # type: ignore[arg-type]  # it has one
    assert not list(CAUSES["event_gone"].detect(case(replace(day, stages={**day.stages, Stage.RAW: broken}))))


def test_no_cause_has_the_name_of_a_check() -> None:
    """Both are what people acknowledge by name."""
    assert not set(CAUSES) & {check.name for check in CHECKS}


def test_a_cause_alone_is_acknowledged_by_its_name() -> None:
    """If nothing is in breach, only the name of the cause can be acknowledged."""
    day = raw(repeated_headers=1, repeated_header_lines=(502,))
    for names, state in ((frozenset(), State.FIRING), (frozenset(["header_repeated"]), State.ACKNOWLEDGED)):
        (own,) = problems_of(case(day), acknowledged=names)
        assert own.state is state
    (past,) = problems_of(case(replace(day, alertable=False)), acknowledged=frozenset())
    assert past.state is State.PAST


def test_the_deepest_cause_explains_the_day() -> None:
    """Yesterday's file has rows of another day: it is reported as yesterday's file, and as nothing else."""
    yesterday = DAY - timedelta(days=1)
    day = raw(
        fingerprint=f"of-{yesterday}",
        out_of_day_rows=1000,
        first_event_ns=START - 24 * HOUR,
        last_event_ns=START - 1,
    )
    assert list(CAUSES["rows_of_another_day"].detect(case(day)))
    assert [problem.name for problem in problems_of(case(day), acknowledged=frozenset())] == ["same_content"]


def test_causes_are_looked_for_from_the_ground_up() -> None:
    """Form, place, identity, columns, values, time, level."""
    layers = [cause.layer for cause in CAUSES.values()]
    assert layers == sorted(layers)


@pytest.mark.parametrize(
    "day",
    [
        raw(hours=HOURS),
        raw(hours=tuple(3 * rows for rows in HOURS)),  # a busy day has the usual hours
        raw(hours=some_hours(9, 12, 0.7)),
        raw(hours=some_hours(9, 10, 5.0)),
        raw(hours=some_hours(9, 12, 0.0), truncated=True),
        raw(hours=some_hours(9, 12, 0.0), longest_silence_seconds=None),  # too many rows without a time
        raw(
            hours=some_hours(9, 13, 0.0),
            longest_silence_seconds=4 * 3600,
            silence_start_ns=START + 9 * HOUR,
        ),  # hours_missing is more specific
    ],
)
def test_usual_hours_are_no_cause_nor_those_that_another_one_tells_of(day: PartitionFacts) -> None:
    """With two weeks of history."""
    found = problems_of(case(day, fortnight()), acknowledged=frozenset())
    assert "hours_unusual" not in {problem.name for problem in found}


@pytest.mark.parametrize(
    ("rows", "name"), [(1000, "times_crowded"), (900, "times_crowded"), (500, "ends_early")]
)
def test_rows_are_missing_only_if_there_are_fewer_than_usual(rows: int, name: str) -> None:
    """Otherwise the empty hours show that the times are wrong, and nothing says that counts lack anything."""
    found = problems_of(
        case(raw(**MORNING_ONLY | {"rows": rows}), fortnight(ends=True)), acknowledged=frozenset()
    )
    assert [problem.name for problem in found if problem.cause] == [name]


def test_times_of_another_timezone_are_not_missing_at_the_end_of_the_day() -> None:
    """The last events are five hours too early, as all others are."""
    day = raw(out_of_day_rows=200, first_event_ns=START - 5 * HOUR, last_event_ns=END - 5 * HOUR - HOUR // 60)
    found = problems_of(case(day, EARLIER), acknowledged=frozenset())
    assert [problem.name for problem in found] == ["times_shifted"]


def test_orders_that_are_always_the_same_are_no_cause() -> None:
    """A shop that sells one thing, and one whose largest order is often most of the day."""
    always = earlier(smallest=100.0, largest=100.0)
    assert not list(CAUSES["revenue_constant"].detect(case(raw(smallest=100.0, largest=100.0), always)))
    often = earlier(smallest=20.0, largest=1500.0)
    today = raw(revenue=4000.0, smallest=20.0, largest=3000.0)
    assert not list(CAUSES["amount_outlier"].detect(case(today, often)))
    assert not list(CAUSES["amount_outlier"].detect(case(raw(largest=1900.0), EARLIER)))  # unknown before


def test_the_largest_value_of_a_column_is_named_unless_it_is_personal() -> None:
    """It is added up by a trend of the contract."""
    trend = FollowedFigure("amount", SUM, {"stage": "raw", "column": "amount"})
    usual, off = (
        {"figures": {"amount": ColumnFigures("number", {"sum_of_values": total, "maximum": largest})}}
        for total, largest in ((1000.0, 50.0), (11_000.0, 10_000.0))
    )
    for personal in (False, True):
        column = Column("amount", type="number", personal=personal)
        table = replace(EVENTS.raw, columns=(*EVENTS.raw.columns, column))
        feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: table}, trends=(*EVENTS.trends, trend))
        day = replace(case(raw(**off), earlier(**usual)), feed=feed)
        found = [finding.title for finding in CAUSES["amount_outlier"].detect(day)]
        assert found == ([] if personal else ["one row of 10,000.00 makes up 91% of amount"])


def test_rows_that_are_there_twice_do_not_make_a_day_whole() -> None:
    """Half of the day is missing, the other half twice: the times are right."""
    found = problems_of(
        case(raw(**MORNING_ONLY | {"duplicate_keys": 500}), fortnight(ends=True)), acknowledged=frozenset()
    )
    assert {"rows_twice", "ends_early"} <= {problem.name for problem in found}


def test_orders_of_the_same_revenue_are_no_other_unit() -> None:
    """Although they are worth a hundredth of the usual."""
    today = raw(revenue=20.0, smallest=1.0, largest=1.0)
    found = problems_of(case(today, earlier(smallest=20.0, largest=300.0)), acknowledged=frozenset())
    assert [problem.name for problem in found] == ["revenue_constant"]


def test_a_raw_file_that_lacks_rows_explains_that_the_sums_differ() -> None:
    """The DQ step has seen rows that are gone now; rows that it lost itself are different."""
    silent = {"longest_silence_seconds": 4 * 3600, "silence_start_ns": START + 9 * HOUR}
    for rows, names in ((800, {"hours_missing"}), (1200, {"hours_missing", "unaccounted_rows"})):
        problems = problems_of(case(raw(rows=rows, **silent)), acknowledged=frozenset())
        assert {problem.name for problem in problems} == names


@pytest.mark.parametrize(("rows", "alone"), [(1120, True), (1130, False)])
def test_rows_that_were_added_later_explain_that_the_sums_differ(rows: int, alone: object) -> None:
    """Exactly as many as are of other days; if more are unaccounted for, that is reported too."""
    day = raw(rows=rows, out_of_day_rows=120, first_event_ns=START - 2 * HOUR)
    names = [problem.name for problem in problems_of(case(day), acknowledged=frozenset())]
    assert ("unaccounted_rows" not in names) is alone
    assert "rows_of_other_days" in names


@pytest.mark.parametrize(
    ("name", "day", "before"),
    [
        # As on the days before.
        ("values_misplaced", {"looks": {"client_id": {"values": 900, "web addresses": 900}}}, None),
        ("values_repeated", {"looks": {"client_id": {"values": 900, "fullest": 400}}}, None),
        ("values_repeated", {"figures": identifiers(40)}, None),
        # Twice as many rows of the same customers.
        ("values_repeated", {"rows": 2000, "figures": identifiers(1000)}, {"figures": identifiers(900)}),
        # A crawler's rows in addition to a whole day.
        (
            "values_repeated",
            {"rows": 1500, "looks": {"client_id": {"values": 1400, "fullest": 510}}},
            {"looks": LOOKS},
        ),
        # A value in addition to the known ones.
        (
            "category_recoded",
            {"rows": 1300, "figures": category(Rome=500, Oslo=500, Bonn=300)},
            {"figures": CITIES},
        ),
        ("numbers_negative", {"figures": fares(negative_rows=30, minimum=-999)}, None),
        # Words for no value may all be one and the same.
        (
            "values_repeated",
            {
                "looks": {"client_id": {"values": 1000, "fullest": 300}},
                "missing": {"client_id": 300, "timestamp": 0, "event_name": 0},
            },
            {"looks": LOOKS},
        ),
        # A long tail has new values every day.
        (
            "category_recoded",
            {"figures": category(Rome=800, Oslo=50, Bonn=150)},
            None,
        ),
        # The afternoon is missing, and the morning is as usual.
        ("clock_12_hours", {"rows": 440, "hours": (0, *HOURS[1:13], *(0,) * 11)}, {"hours": HOURS}),
    ],
)
def test_what_is_usual_is_no_cause(
    name: str, day: dict[str, object], before: dict[str, object] | None
) -> None:
    """Compared with the week before."""
    if name == "category_recoded" and before is None:
        days = tuple(
            earlier(figures=category(**{"Rome": 850, "Oslo": 50, f"Town{place}": 100}))[place]
            for place in range(7)
        )
    else:
        days = earlier(**(day if before is None else before))
    assert not list(CAUSES[name].detect(case(raw(**day), days)))


@pytest.mark.parametrize("name", ["rows_twice", "keys_reused"])
def test_a_key_that_always_repeats_is_no_cause(name: str) -> None:
    """Such a key does not identify a row: neither rows nor keys are repeated by mistake."""
    always = earlier(duplicate_keys=300)
    assert not list(CAUSES[name].detect(case(raw(duplicate_keys=350), always)))


def test_a_repeated_placeholder_is_no_reused_key() -> None:
    """If a part of the key is the same in every row, that is the cause."""
    feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: replace(EVENTS.raw, key=("client_id",))})
    for constants, found in (((), ["keys_reused"]), (("client_id",), [])):
        day = replace(case(raw(duplicate_keys=999, constants=constants)), feed=feed)
        names = [finding.title for finding in CAUSES["keys_reused"].detect(day)]
        assert len(names) == len(found)
        assert all("repeat an earlier client_id" in title for title in names)


def test_a_clean_file_that_is_gone_is_missed_once_it_is_due() -> None:
    """As a problem of the clean file: the raw one is still there, and judged."""
    day = gone(Stage.CLEAN, rows=960)
    assert not list(CAUSES["file_gone"].detect(case(day)))
    (own,) = problems_of(case(day, after_ns=3 * HOUR), acknowledged=frozenset())
    assert own.finding is not None
    assert (own.name, own.subject, own.severity) == ("file_gone", "clean", Severity.WARNING)
    assert own.finding.title == "clean file is gone, after it was judged"
    assert own.finding.seen.endswith(
        "with 960 rows; now it is gone. The raw and rejects files are still there."
    )


@pytest.mark.parametrize(
    "name", ["event_counts", "hours_unusual", "numbers_scaled", "revenue_scaled", "times_shifted"]
)
def test_causes_that_can_be_on_either_side_say_on_which(name: str) -> None:
    """What was acknowledged in advance of one is not acknowledged of the other."""
    sides = {
        finding.side
        for known in FIRING[name]
        for finding in CAUSES[name].detect(case(known.day, known.earlier))
    }
    assert sides
    assert sides <= {"above", "below"}
