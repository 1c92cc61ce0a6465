"""Faults in practice: what happens to one day's raw file, and what must be reported.

The first 24 are from a table of faults in public bug reports; the rest are similar. Each is made from
the bytes of a healthy day and of the day before, so that it works with generated and with real days.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

Files = Mapping[str, bytes]  # by name below the data directory
Row = list[str]


class How(StrEnum):
    """The expected effect of a fault."""

    NAMED = "named"  # the cause is named
    READ = "read"  # the figures are those of the plain file, and nothing new is reported
    QUIET = "quiet"  # nothing new is reported


@dataclass(frozen=True)
class Healthy:
    """The raw file of a day before anything happens to it, and that of the day before."""

    day: date
    raw: bytes
    before: bytes

    @property
    def name(self) -> str:
        """The file's name."""
        return f"events_{self.day:%Y%m%d}.csv"

    @property
    def yesterday(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def text(self) -> str:
        """The file as text."""
        return self.raw.decode()

    @property
    def head(self) -> Row:
        """The header as written."""
        return next(csv.reader(io.StringIO(self.text)))

    @property
    def body(self) -> list[Row]:
        """The rows."""
        return list(csv.reader(io.StringIO(self.text)))[1:]

    def at(self, name: str) -> int:
        """Return the position of a column by its name in the contract."""
        names = ["client_id" if cell == "clientId" else cell for cell in self.head]
        return names.index(name)


Make = Callable[[Healthy], Files]


@dataclass(frozen=True)
class Fault:
    """One fault. ``words`` must be in one incident's text; ``explained``: its checks."""

    name: str
    make: Make
    how: How = How.NAMED
    words: tuple[str, ...] = ()
    cause: str = ""
    most: int = 2  # new incidents that are reported
    notified: bool = True  # False: the cause is information, of which nobody is notified


def dump(head: Row, body: Sequence[Row], delimiter: str = ",") -> bytes:
    """Write rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(body)
    return out.getvalue().encode()


def file(make: Callable[[Healthy], bytes]) -> Make:
    """Put bytes under the day's usual name."""
    return lambda healthy: {healthy.name: make(healthy)}


def named(name: str, make: Callable[[Healthy], bytes]) -> Make:
    """Put bytes under another name with the day."""
    return lambda healthy: {f"{healthy.day:{name}}": make(healthy)}


def cells(column: str, change: Callable[[int, str], str]) -> Make:
    """Change the cells of one column; the function gets the row's number too."""

    def make(healthy: Healthy) -> bytes:
        place = healthy.at(column)
        rows = [
            [*row[:place], change(number, row[place]), *row[place + 1 :]]
            for number, row in enumerate(healthy.body)
        ]
        return dump(healthy.head, rows)

    return file(make)


def orders(change: Callable[[int, dict[str, Any]], str]) -> Make:
    """Change the JSON of orders; the function gets the order's number too."""

    def make(healthy: Healthy) -> bytes:
        name, data = healthy.at("event_name"), healthy.at("event_data")
        rows, number = [], 0
        for row in healthy.body:
            changed = list(row)
            if row[name] == "checkout_completed" and row[data].startswith("{"):
                changed[data] = change(number, json.loads(row[data]))
                number += 1
            rows.append(changed)
        return dump(healthy.head, rows)

    return file(make)


def revenue(change: Callable[[int, Any], object]) -> Make:
    """Change the revenue of orders."""
    return orders(lambda number, order: json.dumps(order | {"revenue": change(number, order.get("revenue"))}))


def halves(healthy: Healthy) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the first and the second half of the rows."""
    middle = len(healthy.body) // 2
    return healthy.body[:middle], healthy.body[middle:]


def escaped(healthy: Healthy) -> bytes:
    """Write rows as MySQL does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", doublequote=False, escapechar="\\")
    writer.writerows([healthy.head, *healthy.body])
    return out.getvalue().encode()


def kept(keep: Callable[[Healthy, Row], bool]) -> Make:
    """Leave some rows out."""
    return file(lambda healthy: dump(healthy.head, [row for row in healthy.body if keep(healthy, row)]))


def burst(share: float) -> Make:
    """Add page views of one client within twenty minutes, as a share of the rows."""

    def make(healthy: Healthy) -> bytes:
        count = round(share * len(healthy.body))
        view = next(row for row in healthy.body if row[healthy.at("event_name")] == "page_viewed")
        cells = dict(enumerate(view)) | {healthy.at("client_id"): "bot-1", healthy.at("referrer"): ""}
        times = [
            f"{healthy.day}T03:{20 * number // count:02d}:{number % 60:02d}.000Z" for number in range(count)
        ]
        place = healthy.at("timestamp")
        views = [[text for _, text in sorted((cells | {place: text}).items())] for text in times]
        return dump(healthy.head, healthy.body + views)

    return file(make)


def header(change: Callable[[str], str]) -> Make:
    """Change the names in the header."""
    return file(lambda healthy: dump([change(name) for name in healthy.head], healthy.body))


def instant(value: str) -> datetime:
    """Read a timestamp."""
    return datetime.fromisoformat(value)


def epoch(value: str, times: int) -> str:
    """Write a timestamp as a number of fractions of a second since 1970."""
    return str(int(instant(value).timestamp() * times))


def shifted(value: str, hours: float) -> str:
    """Move a timestamp, and keep its zone."""
    return (instant(value) + timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_zone(value: str, hours: int) -> str:
    """Write the same instant with another offset."""
    return instant(value).astimezone(timezone(timedelta(hours=hours))).isoformat(timespec="milliseconds")


def latin(healthy: Healthy) -> bytes:
    """Write one row in twenty with a non-ASCII letter, in Latin-1."""
    lines = healthy.text.splitlines()
    return "\n".join(
        line if number % 20 or number == 0 else line.replace("http", "h\xf6ttp", 1)
        for number, line in enumerate(lines)
    ).encode("latin-1", "replace")


def halved(data: bytes) -> bytes:
    """Keep half of some bytes."""
    return data[: len(data) // 2]


def parts(healthy: Healthy) -> Files:
    """Return a folder of two parts."""
    body = healthy.body
    folder = f"events_{healthy.day:%Y%m%d}"
    middle = len(body) // 2
    return {
        f"{folder}/part-00000.csv": dump(healthy.head, body[:middle]),
        f"{folder}/part-00001.csv": dump(healthy.head, body[middle:]),
    }


def nuls(healthy: Healthy) -> bytes:
    """Blank a stretch of some lines."""
    lines = healthy.text.splitlines()
    return "\n".join(
        line.replace("http", "\0\0\0\0", 1) if number % 50 == 1 else line for number, line in enumerate(lines)
    ).encode()


def stopped(healthy: Healthy) -> bytes:
    """Stop the clock at the first row."""
    place, body = healthy.at("timestamp"), healthy.body
    return dump(healthy.head, [[*row[:place], body[0][place], *row[place + 1 :]] for row in body])


def of_hour(healthy: Healthy, row: Row) -> int:
    """Return the hour of a row's event."""
    return instant(row[healthy.at("timestamp")]).hour


HTML = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n"
    b"<body><h1>503</h1>\nNo server is available</body></html>\n"
)
PYTHON = {"revenue": 1}
GA4 = {
    "page_viewed": "page_view",
    "product_added_to_cart": "add_to_cart",
    "checkout_started": "begin_checkout",
    "checkout_completed": "purchase",
    "email_filled_on_popup": "generate_lead",
}

SHARED: dict[int, Fault] = {
    1: Fault(
        "gzip",
        named("events_%Y%m%d.csv.gz", lambda healthy: gzip.compress(healthy.raw)),
        How.READ,
    ),
    2: Fault(
        "half a gzip",
        named("events_%Y%m%d.csv.gz", lambda healthy: halved(gzip.compress(healthy.raw))),
        words=("file_form", "gzip file is cut off after", "bytes"),
    ),
    3: Fault(
        "UTF-16",
        file(lambda healthy: b"\xff\xfe" + healthy.text.encode("utf-16-le")),
        words=("UTF-16",),
        most=1,
    ),
    4: Fault(
        "semicolons",
        file(lambda healthy: dump(healthy.head, healthy.body, ";")),
        words=("semicolons", "expected commas"),
    ),
    5: Fault(
        "epoch milliseconds",
        cells("timestamp", lambda _, value: epoch(value, 1000)),
        words=("epoch milliseconds", "100%"),
    ),
    6: Fault("no seconds", cells("timestamp", lambda _, value: f"{value[:10]} {value[11:16]}"), How.QUIET),
    7: Fault(
        "a fifth in epoch seconds",
        cells("timestamp", lambda number, value: epoch(value, 1) if number % 5 == 0 else value),
        words=("20", "epoch seconds"),
    ),
    8: Fault("a folder of parts", parts, How.READ),
    9: Fault(
        "another name",
        named("events_%Y-%m-%d.csv", lambda healthy: healthy.raw),
        words=("events_", "exists"),
    ),
    10: Fault(
        "a header once more",
        file(lambda healthy: dump(healthy.head, [*healthy.body[:500], healthy.head, *healthy.body[500:]])),
        words=("line 502",),
    ),
    11: Fault(
        "the day before",
        file(lambda healthy: healthy.before),
        words=("has the content of",),
        cause="same_content",
        most=1,
    ),
    12: Fault(
        "orders under another name",
        cells("event_name", lambda _, value: value.replace("checkout_completed", "purchase")),
        words=("checkout_completed is gone", "purchase"),
    ),
    13: Fault(
        "no carts",
        kept(lambda healthy, row: row[healthy.at("event_name")] != "product_added_to_cart"),
        words=("product_added_to_cart is gone",),
    ),
    14: Fault(
        "revenues as money",
        revenue(lambda _, value: f"${float(value or 0):,.2f}"),
        words=("revenues are not numbers", "$9,999.99"),
    ),
    15: Fault(
        "revenues n/a",
        revenue(lambda number, value: "n/a" if number % 3 == 0 else value),
        words=("revenues are not numbers", "n/a"),
    ),
    16: Fault(
        "a new column",
        file(lambda healthy: dump([*healthy.head, "currency"], [[*row, "USD"] for row in healthy.body])),
        words=("new column currency",),
        notified=False,
    ),
    17: Fault(
        "a renamed column",
        header(lambda name: "user_id" if name in {"clientId", "client_id"} else name),
        words=("client_id is missing", "user_id"),
    ),
    18: Fault("Latin-1", file(latin), words=("not UTF-8", "Latin-1")),
    19: Fault(
        "one client id", cells("client_id", lambda *_: "c-1"), words=("client_id is the same in every row",)
    ),
    20: Fault(
        "NULL as Hive writes it",
        cells("client_id", lambda number, value: "\\N" if number % 10 == 0 else value),
        words=("client id",),
        cause="missing_client_id",
    ),
    21: Fault(
        "a comma at each end",
        file(
            lambda healthy: "\n".join(
                [healthy.text.splitlines()[0], *(f"{line}," for line in healthy.text.splitlines()[1:])]
            ).encode()
        ),
        words=("one field more",),
    ),
    22: Fault("a proxy's page", file(lambda _: HTML), words=("HTML",)),
    23: Fault(
        "columns in another order",
        file(lambda healthy: b"\xef\xbb\xbf" + dump(healthy.head[::-1], [row[::-1] for row in healthy.body])),
        How.READ,
    ),
    24: Fault("another offset", cells("timestamp", lambda _, value: in_zone(value, -5)), How.READ),
}

KINDS: tuple[Fault, ...] = (
    Fault(
        "cut off",
        file(lambda healthy: healthy.raw[: healthy.raw.rindex(b",", 0, len(healthy.raw) * 2 // 3)]),
        words=("is cut off",),
        cause="file_cut_off",
    ),
    Fault("NUL bytes", file(nuls), words=("NUL byte",), cause="nul_bytes"),
    Fault(
        "Windows-1252",
        file(lambda healthy: healthy.text.replace("http", "h\x93ttp").encode("latin-1", "replace")),
        words=("Windows-1252",),
        cause="encoding_other",
    ),
    Fault("nothing at all", file(lambda _: b""), words=("is empty",), cause="file_empty", most=1),
    Fault(
        "a header alone",
        file(lambda healthy: dump(healthy.head, [])),
        words=("has only a header",),
        cause="file_empty",
        most=1,
    ),
    Fault(
        "two names in capitals",
        header(lambda name: name.title() if name in {"referrer", "event_name"} else name),
        words=("spelled differently", "Referrer for referrer"),
        cause="header_spelled",
    ),
    Fault(
        "a name with a space",
        header(lambda name: name.replace("event_name", "event name")),
        words=("spelled differently", "event name for event_name"),
        cause="header_spelled",
    ),
    Fault(
        "columns doubled",
        file(lambda healthy: dump(healthy.head * 2, [row * 2 for row in healthy.body])),
        words=("appear twice",),
        cause="header_doubled",
    ),
    Fault(
        "rows of the day before",
        file(lambda healthy: healthy.before.replace(b".000Z", b".001Z", 1) + b"\n"),
        words=("rows are from",),
        cause="rows_of_another_day",
    ),
    Fault(
        "a year back",
        cells("timestamp", lambda _, value: shifted(value, -24 * 365)),
        words=("rows are from",),
        cause="rows_of_another_day",
    ),
    Fault(
        "five hours off",
        cells("timestamp", lambda _, value: shifted(value, -5)),
        words=("5 h too early",),
        cause="times_shifted",
    ),
    Fault(
        "1970",
        cells("timestamp", lambda number, value: "1970-01-01T00:00:00.000Z" if number % 10 == 0 else value),
        words=("1970-01-01",),
        cause="times_placeholder",
    ),
    Fault(
        "every row twice",
        file(lambda healthy: dump(healthy.head, healthy.body * 2)),
        words=("rows are duplicated",),
        cause="rows_twice",
    ),
    Fault(
        "every row three times",
        file(lambda healthy: dump(healthy.head, healthy.body * 3)),
        words=("contains its rows 3 times",),
        cause="rows_twice",
    ),
    Fault(
        "the day before as well",
        file(
            lambda healthy: dump(
                healthy.head, [*list(csv.reader(io.StringIO(healthy.before.decode())))[1:], *healthy.body]
            )
        ),
        words=("rows are from other days", "has as many rows"),
        cause="rows_of_other_days",
    ),
    Fault(
        "client ids gone",
        cells("client_id", lambda *_: ""),
        words=("client_id is empty in every row",),
        cause="column_empty",
    ),
    Fault(
        "client ids undefined",
        cells("client_id", lambda number, value: "undefined" if number % 4 == 0 else value),
        words=("client_id is 'undefined' in 2"),
        cause="column_placeholder",
    ),
    Fault(
        "one timestamp",
        file(stopped),
        words=("timestamp is the same in every row",),
        cause="column_constant",
    ),
    Fault(
        "no times",
        cells("timestamp", lambda *_: ""),
        words=("timestamp is empty in every row",),
        cause="column_empty",
    ),
    Fault(
        "no event names",
        cells("event_name", lambda *_: ""),
        words=("event_name is empty in every row",),
        cause="column_empty",
    ),
    Fault(
        "no referrers",
        cells("referrer", lambda *_: ""),
        words=("referrer is empty in every row",),
        cause="column_empty",
    ),
    Fault(
        "events in capitals",
        cells("event_name", lambda _, value: value.upper()),
        words=("events are spelled differently", "CHECKOUT_COMPLETED"),
        cause="events_spelled",
    ),
    Fault(
        "events by the names of another tool",
        cells("event_name", lambda _, value: GA4.get(value, value)),
        words=("events renamed?", "page_view for page_viewed", "checkout_completed", "purchase"),
        cause="event_renamed",
        most=1,
    ),
    Fault(
        "every second event in capitals",
        cells("event_name", lambda number, value: value.upper() if number % 2 else value),
        words=("events are spelled differently in", "CHECKOUT_COMPLETED for checkout_completed"),
        cause="events_spelled",
        most=1,
    ),
    Fault(
        "a morning missing",
        kept(lambda healthy, row: not 8 <= of_hour(healthy, row) < 13),
        words=("no events from 0", "to 13:"),
        cause="hours_missing",
    ),
    Fault(
        "an evening missing",
        kept(lambda healthy, row: of_hour(healthy, row) < 17),
        words=("events end at 16:",),
        cause="ends_early",
    ),
    Fault(
        "a night missing",
        kept(lambda healthy, row: of_hour(healthy, row) >= 6),
        words=("no events from 00:00 to 06:",),
        cause="hours_missing",
    ),
    Fault(
        "two gaps in a day",
        kept(lambda healthy, row: of_hour(healthy, row) not in (2, 3, 4, 5, 15, 16, 17)),
        words=("and from 15:00 to 18:00",),
        cause="hours_missing",
    ),
    Fault(
        "a crawler's burst",
        burst(0.7),
        words=("times the usual rows from 03:00 to 04:00",),
        cause="hours_unusual",
    ),
    Fault(
        "one order of a million",
        revenue(lambda number, value: 999_999 if number == 3 else value),
        words=("one order of 999,999.00 makes up 9",),
        cause="amount_outlier",
    ),
    Fault(
        "the same revenue everywhere",
        revenue(lambda *_: 999),
        words=("all orders have the same revenue: 999.00",),
        cause="revenue_constant",
    ),
    Fault(
        "revenues in cents",
        revenue(lambda _, value: float(value or 0) * 100),
        words=("100 times what is usual",),
        cause="revenue_scaled",
    ),
    Fault(
        "every second revenue in cents",
        revenue(lambda number, value: float(value or 0) * (100 if number % 2 else 1)),
        words=("orders are worth about 100 times what is usual",),
        cause="revenue_scaled",
        most=1,
    ),
    Fault(
        "a third of the revenues negative",
        revenue(lambda number, value: -float(value or 0) if number % 3 == 0 else value),
        words=("orders have a negative revenue",),
        cause="revenue_not_positive",
        most=1,
    ),
    Fault(
        "revenues of zero",
        revenue(lambda number, value: 0 if number < 8 else value),
        words=("orders have a revenue of zero",),
        cause="revenue_not_positive",
        most=1,
    ),
    Fault(
        "no revenues", revenue(lambda *_: None), words=("orders have no revenue",), cause="revenue_unreadable"
    ),
    Fault(
        "a decimal comma",
        revenue(lambda _, value: f"{float(value or 0):.2f}".replace(".", ",")),
        words=("9,99",),
        cause="revenue_unreadable",
    ),
    Fault(
        "Python's dicts",
        orders(lambda _, order: repr(order)),
        words=("a Python dict",),
        cause="order_data_unreadable",
    ),
    Fault(
        "JSON in JSON",
        orders(lambda _, order: json.dumps(json.dumps(order))),
        words=("JSON within a JSON text",),
        cause="order_data_unreadable",
    ),
    Fault(
        "JSON cut off",
        orders(lambda _, order: json.dumps(order)[:100]),
        words=("JSON that is cut off",),
        cause="order_data_unreadable",
    ),
    Fault(
        "orders objects",
        orders(lambda *_: "[object Object]"),
        words=("[object Object]",),
        cause="order_data_unreadable",
    ),
    Fault(
        "typographic quotes",
        orders(lambda _, order: json.dumps(order).replace('"', "\u201c")),
        words=("JSON with typographic quotes",),
        cause="order_data_unreadable",
        most=1,
    ),
    Fault(
        "JSON with None",
        orders(lambda _, order: json.dumps(order | {"coupon": None}).replace("null", "None")),
        words=("JSON with Python's None, True or False",),
        cause="order_data_unreadable",
        most=1,
    ),
    Fault(
        "no data in a third of the orders",
        orders(lambda number, order: "" if number % 3 == 0 else json.dumps(order)),
        words=("event_data of", "orders is empty"),
        cause="order_data_empty",
        most=1,
    ),
    Fault(
        "orders within a field",
        orders(lambda _, order: json.dumps({"ecommerce": order})),
        words=("is an object with the order in its field ecommerce",),
        cause="order_data_empty",
        most=1,
    ),
    Fault(
        "the first half again",
        file(lambda healthy: dump(healthy.head, [*healthy.body, *healthy.body[: len(healthy.body) // 2]])),
        words=("rows are duplicated: a part was appended again?",),
        cause="rows_twice",
    ),
    Fault(
        "the day before in front",
        file(lambda healthy: healthy.before.rstrip() + b"\n" + healthy.raw),
        words=("rows are from other days, back to",),
        cause="rows_of_other_days",
    ),
    Fault(
        "one id for all orders",
        orders(lambda _, order: json.dumps(order | {"transaction_id": "T"})),
        words=("transaction_id is the same",),
        cause="orders_same_id",
    ),
    Fault(
        "one id where there is one",
        cells("client_id", lambda _, value: value and "1740959397-I9koxjexP0-3"),
        words=("client_id is the same in every row", "all have the same one"),
        cause="column_constant",
    ),
    Fault(
        "one id in every third row",
        cells("client_id", lambda number, value: value if number % 3 else "1740959397-I9koxjexP0-3"),
        words=("of client_id values are one and the same",),
        cause="values_repeated",
    ),
    Fault(
        "a template in every third row",
        cells("client_id", lambda number, value: value if number % 3 else "{{client_id}}"),
        words=("client_id is '{{client_id}}' in 33",),
        cause="column_placeholder",
    ),
    Fault(
        "empty referrers as a word",
        cells("referrer", lambda _, value: value or "(direct)"),
        words=("referrer is '(direct)' in",),
        cause="column_placeholder",
    ),
    Fault(
        "two columns swapped",
        file(lambda healthy: dump(healthy.head, [[row[1], row[0], *row[2:]] for row in healthy.body])),
        words=("client_id has web addresses",),
        cause="values_misplaced",
    ),
    Fault(
        "every fifth row shifted",
        file(
            lambda healthy: dump(
                healthy.head,
                [row if number % 5 else [*row[1:], ""] for number, row in enumerate(healthy.body)],
            )
        ),
        words=("client_id has web addresses, event_name has JSON",),
        cause="values_misplaced",
    ),
    Fault(
        "a 12-hour clock",
        cells(
            "timestamp",
            lambda _, value: value and f"{value[:11]}{(int(value[11:13]) + 11) % 12 + 1:02}{value[13:]}",
        ),
        words=("am and pm lost", "12-hour clock"),
        cause="clock_12_hours",
    ),
    Fault(
        "some rows of the day before",
        file(
            lambda healthy: (
                healthy.raw + dump([], list(csv.reader(io.StringIO(healthy.before.decode())))[1:301]).lstrip()
            )
        ),
        words=("rows are from other days, back to",),
        cause="rows_of_other_days",
    ),
    Fault(
        "a line for Excel",
        file(lambda healthy: b"sep=,\n" + healthy.raw),
        words=("the header is in line 2; line 1 is 'sep=,'",),
        cause="file_form",
    ),
    Fault(
        "an error message",
        file(lambda _: b"404: Not Found"),
        words=("the file has only 1 line: 404: Not Found",),
        cause="file_form",
    ),
    Fault(
        "a trailer",
        file(lambda healthy: healthy.raw.rstrip() + f"\nTRAILER|{len(healthy.body)}".encode()),
        words=("is a trailer, such as a row count",),
        cause="trailer",
    ),
    Fault(
        "an end-of-file mark",
        file(lambda healthy: healthy.raw.rstrip() + b"\n\x1a"),
        words=("is the end-of-file mark of DOS",),
        cause="trailer",
    ),
    Fault(
        "empty rows",
        file(lambda healthy: healthy.raw.rstrip() + b"\n" + b",,,,,,\n" * 40),
        words=("40 of", "rows of the raw file are empty"),
        cause="rows_empty",
    ),
    Fault(
        "half with semicolons",
        file(
            lambda healthy: (
                dump(healthy.head, halves(healthy)[0]) + dump([], halves(healthy)[1], ";").lstrip()
            )
        ),
        words=("are separated by semicolons",),
        cause="rows_other_form",
    ),
    Fault(
        "quotes with backslashes",
        file(escaped),
        words=("have quotes escaped with backslashes",),
        cause="rows_other_form",
    ),
    Fault(
        "a glued header",
        file(
            lambda healthy: (
                dump(healthy.head, halves(healthy)[0]).rstrip() + dump(healthy.head, halves(healthy)[1])
            )
        ),
        words=("header glued to a row once",),
        cause="header_repeated",
    ),
    Fault(
        "a page half way",
        file(
            lambda healthy: (
                dump(healthy.head, halves(healthy)[0])
                + b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body></body>\n</html>\n"
            )
        ),
        words=("an HTML or XML page within the raw file",),
        cause="page_inside",
    ),
    Fault("another line end", file(lambda healthy: healthy.raw.replace(b"\n", b"\r\n")), How.READ),
    Fault(
        "every field quoted",
        file(
            lambda healthy: (
                "\n".join(
                    ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
                    for row in [healthy.head, *healthy.body]
                )
            ).encode()
        ),
        How.READ,
    ),
)
