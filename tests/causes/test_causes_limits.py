"""Where each cause begins: numbers with which it is just found, and with which it just is not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from made import CALENDAR, DAY, facts, profile
from test_causes_kinds import (
    CITIES,
    EARLIER,
    END,
    HOUR,
    LOOKS,
    SIZES,
    START,
    amounts,
    case,
    category,
    changes,
    clean,
    cleaned,
    defects,
    earlier,
    fares,
    fortnight,
    identifiers,
    raw,
    repeated,
    sums,
)

from exporter.causes.known import CAUSES
from exporter.model import NANOSECONDS, ColumnFigures, PartitionFacts, Stage

SECOND = NANOSECONDS


@dataclass(frozen=True)
class Limit:
    """A day that depends on a number, with the last number that has the cause and the first without it."""

    day: Callable[[float], PartitionFacts]
    found: float
    silent: float
    before: Callable[[float], Sequence[PartitionFacts]] = lambda _: EARLIER


def always(days: Sequence[PartitionFacts]) -> Callable[[float], Sequence[PartitionFacts]]:
    """Return these days before, whatever the number."""
    return lambda _: days


def mixed(*days: dict[str, object]) -> tuple[PartitionFacts, ...]:
    """Return days before with these raw fields each, newest first."""
    return tuple(earlier(**fields)[place] for place, fields in enumerate(days))


def ending(seconds: float) -> tuple[PartitionFacts, ...]:
    """Return days before whose last event was this long before the day's end."""
    days = (DAY - timedelta(days=age) for age in range(1, 8))
    return tuple(
        facts(day, raw=profile(last_event_ns=CALENDAR.day(day).end_ns - round(seconds) * SECOND))
        for day in days
    )


def with_raw(day: PartitionFacts, **fields: object) -> PartitionFacts:
    """Return the day with these fields of its raw profile."""
    today = raw(**fields).stages[Stage.RAW].profile
    stage = replace(day.stages[Stage.RAW], profile=today)
    return replace(day, stages={**day.stages, Stage.RAW: stage})


def viewed(count: float, others: float = 980) -> dict[str, object]:
    """Return the fields of a file with these page views and other events."""
    return {
        "rows": round(count + others),
        "events": {"page_viewed": round(count), "scrolled": round(others)},
    }


def at_hours(rows: dict[int, float]) -> dict[str, object]:
    """Return the fields of a file with rows in some hours alone."""
    hours = tuple(round(rows.get(hour, 0)) for hour in range(24))
    return {"rows": sum(hours), "hours": hours}


def shifted(seconds: float, *, first: float = 0, last: float = 0) -> PartitionFacts:
    """Return a day whose times are shifted, with its first and last event off by some more seconds."""
    return raw(
        out_of_day_rows=200,
        first_event_ns=START + round(seconds + first) * SECOND,
        last_event_ns=END + round(seconds + last) * SECOND,
    )


ORDERS = earlier(smallest=20.0, largest=300.0)
VIEWS = earlier(**viewed(490))
NUMBERS = earlier(figures=amounts(690.0, 2000.0))

LIMITS: dict[str, list[Limit]] = {
    "amount_outlier": [
        Limit(lambda n: raw(checkouts=n, smallest=20.0, largest=1000.0), 5, 4, always(ORDERS)),
        Limit(lambda n: raw(smallest=20.0, largest=n), 1000, 999, always(ORDERS)),
        Limit(lambda n: raw(revenue=1000.0, smallest=20.0, largest=n), 900, 899, always(ORDERS)),
        Limit(lambda n: raw(revenue=n, smallest=-9000.0, largest=1000.0), 1, 0, always(ORDERS)),
    ],
    "category_changed": [
        Limit(
            lambda n: raw(figures=category(Rome=500, Oslo=500 - n, Bonn=n)),
            10,
            9,
            always(earlier(figures=CITIES)),
        ),
        Limit(
            lambda n: raw(rows=2000, figures=category(Rome=1000, Oslo=1000 - n, Bonn=n)),
            20,
            19,
            always(earlier(figures=CITIES)),
        ),
        Limit(
            lambda _: raw(figures=category(Rome=1000)),
            10,
            9,
            lambda n: earlier(figures=category(Rome=990, Oslo=n)),
        ),
    ],
    "category_recoded": [
        Limit(lambda n: raw(figures=category(Rome=n, Bonn=200)), 800, 801, always(earlier(figures=CITIES))),
        Limit(lambda n: raw(figures=category(Rome=500 - n, Bonn=n)), 50, 49, always(earlier(figures=CITIES))),
        Limit(lambda n: raw(figures=category(Rome=9, Bonn=n)), 10, 9, always(earlier(figures=CITIES))),
        Limit(  # a value of one day before has 3% of its rows
            lambda n: raw(figures=category(Rome=800 - n, Bonn=n)),
            120,
            119,
            always(mixed({"figures": category(Rome=970, Pisa=30)}, *[{"figures": CITIES}] * 6)),
        ),
        Limit(  # a value that came to stay had 3% of the rows on its first day
            lambda n: raw(figures=category(Rome=800 - n, Bonn=n)),
            120,
            119,
            always(mixed(*[{"figures": category(Rome=970, Pisa=30)}] * 2, *[{"figures": CITIES}] * 5)),
        ),
    ],
    "clean_of_another_day": [
        Limit(
            lambda n: clean(out_of_day_rows=n, first_event_ns=START - 24 * HOUR, last_event_ns=START - 1),
            864,
            863,
        ),
        Limit(
            lambda n: with_raw(clean(950, fingerprint="other"), out_of_day_rows=n),
            899,
            900,
            always(cleaned("other")),
        ),
        Limit(
            lambda _: clean(950, fingerprint="other"),
            3,
            4,
            lambda n: [
                replace(day, stages={**day.stages, Stage.CLEAN: cleaned("other")[0].stages[Stage.CLEAN]})
                if place < n
                else day
                for place, day in enumerate(cleaned("one's own"))
            ],
        ),
    ],
    "clean_orders_lost": [
        Limit(lambda n: clean(n, checkouts=15), 955, 956),
        Limit(lambda n: clean(940, checkouts=n), 19, 20),
    ],
    "clean_rows_more": [
        Limit(clean, 1939, 1940),
        Limit(clean, 1901, 1900),
        Limit(lambda n: clean(n * 960), 4, 5),
        Limit(lambda n: clean(2, rejects=n), 999, 1000),
    ],
    "clock_12_hours": [
        Limit(lambda n: raw(**at_hours({1: n})), 624, 623, always(fortnight())),
        Limit(lambda n: raw(**at_hours({12: n})), 700, 699, always(earlier(**at_hours({0: 500, 1: 500})))),
        Limit(
            lambda _: raw(**at_hours({12: 1100})),
            250,
            249,
            lambda n: earlier(**at_hours({13: n, 12: 1000 - n})),
        ),
    ],
    "column_constant": [
        Limit(lambda n: raw(rows=n, constants={"client_id": n}), 50, 49),
        Limit(lambda n: raw(rows=2000, constants={"client_id": n}), 100, 99),
        Limit(lambda _: raw(constants={"client_id": 1000}), 50, 49, lambda n: earlier(rows=n)),
    ],
    "column_empty": [
        Limit(lambda n: raw(missing={"client_id": n}), 1000, 999),
        Limit(
            lambda _: raw(missing={"client_id": 1000}), 900, 901, lambda n: earlier(missing={"client_id": n})
        ),
    ],
    "column_placeholder": [
        Limit(lambda n: raw(rows=100, placeholders={"client_id": {"undefined": n}}), 5, 4),
        Limit(lambda n: raw(placeholders={"client_id": {"undefined": n}}), 10, 9),
        Limit(
            lambda n: raw(placeholders={"client_id": {"undefined": n}}),
            50,
            49,
            always(earlier(placeholders={"client_id": {"undefined": 10}})),
        ),
        Limit(
            lambda n: raw(
                figures={"client_id": ColumnFigures("integer", {"minimum": n, "negative_rows": 100})}
            ),
            -1,
            -2,
        ),
    ],
    "encoding_other": [
        Limit(lambda n: raw(invalid_utf8_lines=50, odd_bytes={"NUL": 60, "0xa0 to 0xff": n}), 61, 60)
    ],
    "ends_early": [
        Limit(lambda n: raw(last_event_ns=END - n * SECOND), 7260, 7259),
        Limit(lambda n: raw(last_event_ns=END - n * SECOND), 12_000, 11_999, always(ending(3000))),
        Limit(lambda n: raw(last_event_ns=END - n * SECOND), 7200, 7199, always(ending(0))),
        Limit(lambda n: raw(last_event_ns=END - 9 * HOUR, malformed_rows=n), 100, 101),
        Limit(lambda n: raw(last_event_ns=START + n), 0, -1),
    ],
    "event_counts": [
        Limit(lambda n: raw(**viewed(n)), 882, 881, always(VIEWS)),
        Limit(lambda n: raw(**viewed(n)), 196, 197, always(VIEWS)),
        Limit(lambda n: raw(**viewed(n)), 979, 978, always(mixed(viewed(699), *[viewed(490)] * 6))),
        Limit(lambda n: raw(**viewed(n)), 100, 101, always(mixed(viewed(140), *[viewed(490)] * 6))),
        Limit(lambda n: raw(**viewed(1000, n)), 1225, 1226, always(VIEWS)),
        Limit(lambda n: raw(**viewed(1000, n)), 735, 734, always(VIEWS)),
        Limit(lambda _: raw(**viewed(500)), 50, 49, lambda n: earlier(**viewed(n))),
        Limit(lambda n: raw(**viewed(1000, n)), 50, 49, lambda n: earlier(**viewed(490, n))),
    ],
    "event_gone": [
        Limit(lambda n: with_raw(changes(vanished={"email_filled": 50.0}), rows=n), 500, 499),
        Limit(lambda n: with_raw(changes(vanished={"email_filled": 50.0}), malformed_rows=n), 24, 25),
    ],
    "event_renamed": [
        Limit(lambda n: changes(vanished={"email_filled": 50.0}, appeared={"email_entered": n}), 100, 101),
        Limit(lambda n: changes(vanished={"email_filled": 50.0}, appeared={"email_entered": n}), 25, 24),
    ],
    "fields_too_many": [
        Limit(lambda n: raw(malformed_rows=1000, malformed_fields={"8": n, "9": 1000 - n}), 900, 899),
        Limit(lambda n: raw(malformed_rows=n, malformed_fields={"8": n}), 500, 499),
    ],
    "keys_reused": [
        Limit(lambda n: raw(duplicate_keys=n), 50, 49, always(earlier(duplicate_keys=0))),
        Limit(lambda n: raw(duplicate_keys=n), 60, 59, always(earlier(duplicate_keys=30))),
        Limit(lambda n: raw(duplicate_keys=n), 400, 399, always(EARLIER[:1])),
    ],
    "nul_bytes": [Limit(lambda n: raw(invalid_utf8_lines=50, odd_bytes={"NUL": n, "0xa0 to 0xff": 9}), 9, 8)],
    "numbers_negative": [
        Limit(
            lambda n: raw(rows=100, figures=fares(negative_rows=n, minimum=-2)),
            5,
            4,
            always(earlier(figures=fares(negative_rows=0, minimum=1))),
        ),
        Limit(
            lambda n: raw(figures=fares(negative_rows=n, minimum=-2)),
            10,
            9,
            always(earlier(figures=fares(negative_rows=0, minimum=1))),
        ),
        Limit(
            lambda n: raw(figures=fares(negative_rows=n, minimum=-2)),
            50,
            49,
            always(earlier(figures=fares(negative_rows=10, minimum=-1))),
        ),
    ],
    "numbers_scaled": [
        Limit(lambda n: raw(rows=n, figures=amounts(69_000.0, 200_000.0)), 10, 9, always(NUMBERS)),
        Limit(lambda n: raw(figures=amounts(n, 200_000.0)), 2740, 2739, always(NUMBERS)),
        Limit(lambda n: raw(figures=amounts(69_000.0, n)), 599_000, 601_000, always(NUMBERS)),
        Limit(lambda n: raw(figures=amounts(69_000.0, n)), 67_000, 66_000, always(NUMBERS)),
        Limit(
            lambda _: raw(figures=amounts(69_000.0, 200_000.0)),
            2,
            2.01,
            lambda n: mixed(
                {"figures": amounts(690.0 * n, 2000.0)}, *[{"figures": amounts(690.0, 2000.0)}] * 6
            ),
        ),
        Limit(
            lambda _: raw(figures=amounts(50.0, 200.0)),
            0.5,
            0,
            lambda n: earlier(figures=amounts(n, 4 * n)),
        ),
    ],
    "numbers_unreadable": [
        Limit(lambda n: raw(figures={"fare": ColumnFigures("number", {}, shapes={"a": n})}), 1, 0),
        Limit(
            lambda n: raw(rows=10_000, figures={"fare": ColumnFigures("number", {}, shapes={"a": n})}), 10, 9
        ),
        Limit(
            lambda n: raw(figures={"fare": ColumnFigures("number", {}, shapes={"a": n})}),
            10,
            9,
            always(earlier(figures={"fare": ColumnFigures("number", {}, shapes={"a": 2})})),
        ),
    ],
    "order_data_empty": [
        Limit(lambda n: raw(defects=defects(invalid_revenue=10), data_shapes={"nothing": n}), 8, 7)
    ],
    "orders_same_id": [
        Limit(lambda n: raw(checkouts=n, defects=defects(duplicate_transaction_id=n - 1)), 5, 4),
        Limit(lambda n: raw(defects=defects(duplicate_transaction_id=n, missing_transaction_id=4)), 15, 14),
        Limit(lambda n: raw(defects=defects(duplicate_transaction_id=n, unparseable_event_data=4)), 15, 19),
    ],
    "orders_unquoted": [
        Limit(lambda n: raw(malformed_rows=20, malformed_orders=n, malformed_fields={"19": 20}), 16, 15),
        Limit(lambda n: raw(malformed_rows=20, malformed_orders=20, malformed_fields={str(n): 20}), 8, 7),
    ],
    "page_inside": [Limit(lambda n: raw(malformed_rows=10, odd_records={"JSON": n}), 5, 4)],
    "revenue_constant": [
        Limit(
            lambda n: raw(checkouts=n, revenue=99.0 * n, smallest=99.0, largest=99.0), 8, 7, always(ORDERS)
        ),
        Limit(
            lambda _: raw(revenue=1980.0, smallest=99.0, largest=99.0),
            2,
            1,
            lambda n: earlier(checkouts=n, smallest=20.0, largest=300.0),
        ),
    ],
    "revenue_scaled": [
        Limit(lambda n: raw(revenue=9500.0 * n, checkouts=n), 5, 4),
        Limit(lambda n: raw(revenue=2000.0 * n), 160, 161),
        Limit(lambda n: raw(revenue=2000.0 * n), 63, 62),
        Limit(
            lambda n: raw(revenue=5000.0, worths={"64": 40 - n, "8192": n}, checkouts=40),
            2,
            1,
            always(earlier(worths=SIZES)),
        ),
        Limit(
            lambda n: raw(revenue=5000.0, worths={"64": 10, str(n): 10}),
            4096,
            2048,
            always(earlier(worths=SIZES)),
        ),
        Limit(
            lambda n: raw(revenue=n, worths={"64": 10, "8192": 10}),
            5000,
            -5000,
            always(earlier(worths=SIZES)),
        ),
    ],
    "revenue_not_positive": [
        Limit(
            lambda n: raw(defects=defects(zero_value=n), worths={"0": n, "64": 20 - n}),
            5,
            4,
            always(earlier(worths={"0": 2, "64": 18})),
        ),
        Limit(
            lambda n: raw(defects=defects(zero_value=n), worths={"0": n, "64": 20 - n}),
            3,
            2,
            always(earlier(worths=SIZES)),
        ),
    ],
    "row_of_totals": [
        Limit(
            lambda n: raw(
                rows=n,
                figures={"amount": sums(500_500 / n), "city": ColumnFigures("text", {"missing_rows": 1})},
            ),
            11,
            10,
        )
    ],
    "rows_empty": [Limit(lambda n: raw(empty_rows=n), 21, 20, always(earlier(empty_rows=10)))],
    "rows_of_another_day": [
        Limit(lambda n: raw(out_of_day_rows=n, first_event_ns=START - HOUR), 900, 899),
        Limit(lambda n: raw(out_of_day_rows=n, unparseable_timestamps=100), 810, 809),
        Limit(lambda n: raw(out_of_day_rows=n, missing={"timestamp": 100}), 810, 809),
    ],
    "rows_other_form": [Limit(lambda n: raw(malformed_rows=10, odd_records={"semicolons": n}), 8, 7)],
    "rows_twice": [
        Limit(
            lambda n: raw(rows=n, duplicate_keys=n - 1000),
            2019,
            2021,
            always(mixed({"rows": 1200}, *[{"rows": 1600}] * 6)),
        ),
        Limit(lambda n: raw(rows=2000, duplicate_keys=n), 1200, 1201),
        Limit(lambda n: raw(rows=1300, duplicate_keys=n), 500, 600),
        Limit(lambda n: raw(rows=22, duplicate_keys=n), 2, 1, always(earlier(rows=20))),
        Limit(
            lambda n: raw(rows=n * 1000, duplicate_keys=(n - 1) * 1000),
            4,
            5,
            always(mixed({"rows": 1200}, *[{"rows": 3000}] * 6)),
        ),
        Limit(lambda n: raw(rows=n, checkouts=40, defects=defects(duplicate_transaction_id=20)), 1500, 1499),
        Limit(lambda n: raw(rows=2000, checkouts=n, defects=defects(duplicate_transaction_id=2)), 4, 3),
        Limit(lambda n: repeated(1400, 40, n), 8, 7),
        Limit(lambda n: repeated(n + 340, 28, 8, clean=n), 711, 710),
        Limit(
            lambda _: repeated(1400, 28, 8),
            2,
            3,
            lambda n: earlier(defects=defects(duplicate_transaction_id=n)),
        ),
        Limit(lambda n: repeated(1400, n, 4), 21, 30),
        Limit(lambda n: repeated(1400, 14, n), 4, 3),
    ],
    "times_placeholder": [
        Limit(lambda n: raw(out_of_day_rows=100, first_event_ns=START - n * 24 * HOUR), 7300, 7299)
    ],
    "times_shifted": [
        Limit(shifted, 3600, 1800),
        Limit(shifted, -3600, -1800),
        Limit(shifted, 14 * 3600, 14 * 3600 + 1800),
        Limit(lambda n: shifted(7200, first=n, last=-n), 1800, 1801),
    ],
    "values_misplaced": [
        Limit(
            lambda n: raw(rows=100, looks={"client_id": {"values": 100, "fullest": 3, "web addresses": n}}),
            5,
            4,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(looks={"client_id": {"values": 1000, "fullest": 3, "web addresses": n}}),
            10,
            9,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(looks={"client_id": {"values": 1000, "fullest": 3, "web addresses": n}}),
            51,
            50,
            always(earlier(looks={"client_id": {"values": 900, "fullest": 9, "web addresses": 10}})),
        ),
    ],
    "values_repeated": [
        Limit(
            lambda n: raw(looks={"client_id": {"values": 1000, "fullest": n}}),
            100,
            99,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(rows=100, looks={"client_id": {"values": 100, "fullest": n}}),
            20,
            19,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(rows=n, looks={"client_id": {"values": n, "fullest": 40}}),
            50,
            49,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(rows=n, looks={"client_id": {"values": 1000, "fullest": 400}}, missing={}),
            1200,
            1201,
            always(earlier(looks=LOOKS)),
        ),
        Limit(
            lambda n: raw(looks={"client_id": {"values": 1000, "fullest": n}}),
            400,
            399,
            always(earlier(looks={"client_id": {"values": 1000, "fullest": 100}})),
        ),
        Limit(lambda n: raw(figures=identifiers(n)), 792, 793, always(earlier(figures=identifiers(990)))),
        Limit(lambda _: raw(figures=identifiers(100)), 500, 499, lambda n: earlier(figures=identifiers(n))),
        Limit(
            lambda n: raw(rows=n, figures=identifiers(9)), 50, 49, always(earlier(figures=identifiers(990)))
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "limit"), [(name, limit) for name, table in LIMITS.items() for limit in table]
)
def test_a_cause_begins_at_its_limit(name: str, limit: Limit) -> None:
    """It is found up to there, and not beyond."""
    for number, found in ((limit.found, True), (limit.silent, False)):
        known = case(limit.day(number), limit.before(number))
        assert bool(list(CAUSES[name].detect(known))) is found, number
