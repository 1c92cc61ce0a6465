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
from exporter.checks.check import Severity, State
from exporter.checks.judge import Subject, judge
from exporter.figures.table import compute_figures
from exporter.model import NANOSECONDS, ColumnFigures, EventChanges, PartitionFacts, Replaced, Stage
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


def case(today: PartitionFacts, earlier: Sequence[PartitionFacts] = EARLIER) -> Case:
    """Return a day as seen by detectors, judged an hour after it was due."""
    figures = compute_figures(today, SETTINGS)
    due = CALENDAR.due_ns(DAY)
    subject = Subject(DAY, figures, {}, due, due + HOUR, today.alertable, today.acknowledged)
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


def fortnight() -> tuple[PartitionFacts, ...]:
    """Return two weeks of days with the usual hours."""
    days = (DAY - timedelta(days=age) for age in range(1, 15))
    return tuple(facts(day, raw=profile(fingerprint=f"of-{day}", hours=HOURS)) for day in days)


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


def category(**rows: int) -> dict[str, ColumnFigures]:
    """Return the figures of a category."""
    return {"city": ColumnFigures("category", {"missing_rows": 0}, rows)}


def defects(**counts: int) -> dict[Defect, int]:
    """Return defects of orders."""
    return {defect: counts.get(defect.value, 0) for defect in Defect}


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
    return replace(raw(events=events), changes=EventChanges(**how))  # type: ignore[arg-type]


SIZES = {"64": 12, "128": 8}  # 20 orders of 64 to 256 each
GONE = {"page_viewed": 500.0, "product_added_to_cart": 30.0}
START, END = CALENDAR.day(DAY).start_ns, CALENDAR.day(DAY).end_ns
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
    ],
    "numbers_negative": [
        Found(
            raw(figures=amounts(-690.0, 2000.0, negative_rows=250)),
            ("25% of amount values are negative", "250 of 1,000 values", "on the days before 0.1% at most"),
            subject="amount",
            severity=None,
            earlier=earlier(figures=amounts(690.0, 2000.0, negative_rows=1)),
        ),
    ],
    "rows_of_other_days": [
        Found(  # the day before is in the file too, and the DQ step did not see it
            raw(rows=2000, out_of_day_rows=1000, first_event_ns=START - 24 * HOUR),
            (
                "50% of rows are from other days",
                f"The file of {DAY - timedelta(days=1)} begins at the same time",
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
    ],
    "category_changed": [
        Found(
            raw(figures=category(Rome=600, Bonn=400)),
            ("city: Oslo is gone, Bonn is new", "400 of 1,000 rows"),
            subject="city",
            severity=None,
            earlier=earlier(figures=CITIES),
        ),
    ],
    "column_constant": [
        Found(
            raw(constants=("client_id",)),
            ("client_id is the same in every row", "All 1,000 rows"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
        Found(
            raw(
                constants=("client_id",),
                figures={"client_id": ColumnFigures("text", {"distinct_values": 1})},
            ),
            ("1 distinct value, usually about 640",),
            subject="client_id",
            severity=Severity.WARNING,
            earlier=earlier(figures={"client_id": ColumnFigures("text", {"distinct_values": 640})}),
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
    ],
    "column_placeholder": [
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
    ],
    "header_doubled": [
        Found(
            raw(columns=(*RAW_COLUMNS, "client_id")),
            ("column client_id appears twice in the header", "more than once among the header's 8 names"),
            subject="client_id",
            severity=Severity.WARNING,
        ),
    ],
    "parts_differ": [
        Found(
            raw(differing_parts={"part-2.csv": "lacks referrer and has ref", "part-3.csv": "lacks referrer"}),
            ("raw parts differ in their columns: part-2.csv lacks referrer and has ref, and 1 more differs",),
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
            ("no rows from 09:00 to 11:00", "0 of 1,000 rows"),
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
    ],
    "numbers_unreadable": [
        Found(
            raw(figures={"fare": ColumnFigures("number", {}, shapes={"$9.99": 200, "a": 50})}),
            ("25% of fare values are not numbers: they look like $9.99, a", "250 of 1,000 values"),
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
            raw(duplicate_keys=500),
            ("most rows are duplicated", "500 of 1,000 rows repeat the key"),
            severity=None,
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
            ("400 of 1,400 rows are duplicated", "usually has about 1,000"),
            severity=Severity.WARNING,
            earlier=earlier(duplicate_keys=0),
        ),
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
            ("times of the year 2262 are placeholders",),
            ("out_of_day_rows",),
            "timestamp",
            Severity.WARNING,
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
            ("columns event_name, event_data, user_agent are missing",),
            ("schema_mismatch",),
            "event_name, event_data, user_agent",
        ),
    ],
    "column_new": [
        Found(
            raw(columns=(*RAW_COLUMNS, "currency")),
            ("new column currency", "8 columns, usually 7"),
            subject="currency",
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
    ],
    "file_form": [
        Found(
            unreadable("not CSV with a header: the file is UTF-16"),
            ("raw file cannot be read: the file is UTF-16", "1,000 bytes"),
            ("partition_unreadable",),
        ),
        Found(unreadable("permission denied"), ("permission denied",), ("partition_unreadable",)),
    ],
    "header_repeated": [
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
    "numbers_negative": [raw(figures=amounts(-690.0, 2000.0, negative_rows=250))],
    "rows_of_other_days": [raw(out_of_day_rows=0, first_event_ns=None)],
    "category_changed": [raw(figures=CITIES)],
    "column_constant": [raw(rows=20, constants=("client_id",)), raw(constants=("utm",))],
    "column_empty": [raw(referrer_null=999), raw(referrer_null=1000, columns=WITHOUT_REFERRER)],
    "column_placeholder": [
        raw(placeholders={"client_id": {"0": 4}}),
        raw(placeholders={"client_id": {"unknown": 9}}),
    ],
    "encoding_other": [raw(invalid_utf8_lines=50, odd_bytes={"NUL": 60, "0xa0 to 0xff": 2})],
    "events_spelled": [changes(lost_orders=21.0, appeared={"purchase": 24})],
    "file_cut_off": [raw(malformed_rows=1)],
    "file_empty": [raw(rows=1), facts(without=(Stage.RAW,))],
    "file_replaced": [redelivered(1000, 1000), redelivered(900, 1200)],
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
    "nul_bytes": [raw(invalid_utf8_lines=50, odd_bytes={"NUL": 1, "0xa0 to 0xff": 60})],
    "numbers_unreadable": [raw(rows=100_000, figures={"fare": ColumnFigures("number", {}, shapes={"a": 1})})],
    "order_data_unreadable": [raw(defects=defects(invalid_revenue=1), revenue_shapes={"n/a": 1})],
    "orders_unquoted": [
        raw(malformed_rows=15, malformed_orders=3, malformed_fields={"19": 15}),
        raw(malformed_rows=3, malformed_orders=3, malformed_fields={"5": 3}),
    ],
    "revenue_scaled": [raw(revenue=6000.0), raw(revenue=0.0), raw(revenue=190_000.0, checkouts=2)],
    "revenue_unreadable": [raw(defects=defects(zero_value=3))],
    "rows_of_another_day": [
        raw(out_of_day_rows=300, first_event_ns=START - HOUR),
        raw(out_of_day_rows=1, first_event_ns=START - HOUR, rows=10_000),
    ],
    "rows_twice": [
        raw(duplicate_keys=30),
        raw(rows=2000, checkouts=40, defects=defects(duplicate_transaction_id=3)),
        repeated(1400, 28, 2),  # orders are not repeated
        repeated(1400, 28, 14),  # more orders than rows are repeated, as a share
        repeated(1400, 28, 8, clean=1360),  # the DQ step wrote every row
        repeated(1000, 20, 8, clean=560),  # there are no more rows than usual
        raw(checkouts=40, defects=defects(duplicate_transaction_id=20)),
    ],
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
    "header_repeated": [],
    "same_content": [raw(rows=0, fingerprint=f"of-{DAY - timedelta(days=1)}")],
    "timestamps_unparseable": [raw(unparseable_timestamps=1, rows=100_000)],
}


OF_TRENDS = {"level_shift"}  # needs weeks of them: test_causes_level.py


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
        ("numbers_negative", amounts(6.0, 9.0, negative_rows=250), amounts(6.0, 9.0, negative_rows=90)),
        ("numbers_negative", amounts(6.0, 9.0, negative_rows=5), amounts(6.0, 9.0, negative_rows=0)),
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


def test_a_pattern_that_explains_nothing_known_is_a_slip() -> None:
    """Every cause explains existing checks."""
    from exporter.causes.problem import matches  # noqa: PLC0415

    names = [check.name for check in CHECKS]
    for cause in CAUSES.values():
        for pattern in cause.explains:
            if not pattern.startswith(("anomaly_", "duplicate_keys")):
                assert any(matches(name, (pattern,)) for name in names), (cause.name, pattern)


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
