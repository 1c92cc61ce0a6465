"""What breaks in practice, from public bug reports, and what a user would expect to be reported."""

import gzip
from pathlib import Path

from feeds import RAW_COLUMNS
from field_days import (
    CLEAN,
    RAW,
    REJECTS,
    REVENUES,
    Case,
    Files,
    Row,
    day,
    each,
    order,
    rows,
    text,
    with_orders,
)

HEALTHY = {"rows": 28, "checkouts": 4, "revenue": float(sum(REVENUES))}
SMALL = Path("dq_reports/dq_summary_20250302T030000Z.csv")
NEWEST = Path("dq_reports/dq_summary_20250302T054500Z.csv")
CLAIM = "file,raw_rows,clean_rows,reject_rows\nevents_20250301.csv,{},{},{}\n"


def stamped(form: str, every: int = 1) -> list[Row]:
    """Return the healthy day with every n-th timestamp in another format."""
    changed = []
    for place, row in enumerate(rows()):
        date, time = row["timestamp"].removesuffix("Z").split("T")
        other = form.format(date=date, time=time, minute=time[:5], second=time[:8])
        changed.append(row | {"timestamp": other} if place % every == 0 else row)
    return changed


def unquoted(found: list[Row], which: set[int]) -> bytes:
    """Write some orders like a writer that never quotes: their JSON is split into fields."""
    lines = text(found).splitlines()
    orders = [place for place, line in enumerate(lines) if "checkout_completed" in line]
    for number in which:
        place = orders[number]
        lines[place] = lines[place].replace('"{', "{").replace('}"', "}").replace('""', '"')
    return "\n".join(lines).encode()


def escaped(found: list[Row]) -> bytes:
    r"""Write quotes within a field as ``\"``, as MySQL and Hive do."""
    lines = text(found).splitlines()
    return "\n".join(
        line.replace('""', '\\"') if "checkout_completed" in line else line for line in lines
    ).encode()


def claims(newest: str) -> Files:
    """Return a healthy day with an older claim that is wrong and a newest one."""
    return day(rows()) | {str(SMALL): CLAIM.format(20, 20, 0).encode(), str(NEWEST): newest.encode()}


def pasted() -> bytes:
    """Return the day as two concatenated parts with a header each."""
    lines = text(rows()).splitlines()
    return "\n".join([*lines[:15], lines[0], *lines[15:]]).encode()


MANY = rows(views_an_hour=20)
PLAIN = text(rows())
NARROW = tuple(name for name in (*RAW_COLUMNS, "referrer_host") if name not in {"referrer", "user_agent"})
UNREADABLE = {"fires": {"partition_unreadable": "critical"}, "closed": True, "absent": ("rows", "revenue")}

CASES = [
    Case("healthy", day(rows()), figures=HEALTHY),
    Case(
        "revenue with a thousands separator",
        day(with_orders(lambda number: order(number, revenue=f"{REVENUES[number]:,}.00"))),
        fires={"invalid_revenue": "critical"},
        among_others=True,
        closed=True,
        figures={"revenue": 1148.0},
    ),
    Case(
        "revenue with a currency sign",
        day(with_orders(lambda number: order(number, revenue=f"${REVENUES[number]}.00"))),
        fires={"invalid_revenue": "critical"},
        among_others=True,
        closed=True,
    ),
    Case(
        "timestamps as BigQuery writes them",
        day(stamped("{date} {time} UTC", every=2)),
        figures=HEALTHY | {"unparseable_timestamps": 0},
    ),
    Case("timestamps as Postgres writes them", day(stamped("{date} {second}+00")), figures=HEALTHY),
    Case("timestamps with an offset without a colon", day(stamped("{date}T{second}+0000")), figures=HEALTHY),
    Case("timestamps without seconds", day(stamped("{date} {minute}")), figures=HEALTHY),
    Case("timestamps with a decimal comma", day(stamped("{date} {second},599")), figures=HEALTHY),
    Case(
        "some timestamps in epoch seconds",
        day(stamped("1740825600", every=5)),
        fires={"unparseable_timestamps": "warning"},
        words=("epoch seconds",),
        figures=HEALTHY | {"unparseable_timestamps": 6},
    ),
    Case(
        "all timestamps in epoch milliseconds",
        day(stamped("1740825600612")),
        fires={"unparseable_timestamps": "critical"},
        closed=True,
        words=("epoch milliseconds",),
        absent=("longest_silence_seconds",),
    ),
    Case(
        "timestamps with the month in the middle",
        day(stamped("01/03/2025 {second}")),
        fires={"unparseable_timestamps": "critical"},
        closed=True,
    ),
    Case(
        "three of four orders without quotes around their JSON",
        day(unquoted(MANY, {0, 2, 3}), unquoted(MANY, {0, 2, 3})),
        fires={"malformed_orders": "critical"},
        among_others=True,
        closed=True,
        figures={"malformed_rows": 3, "checkouts": 1, "revenue": 349.0},
    ),
    Case(
        "every row with a field too many",
        day(PLAIN.replace("\n", ",\n").replace("user_agent,\n", "user_agent\n").encode(), rows()),
        closed=True,
        among_others=True,
        figures={"malformed_rows": 28},
    ),
    Case(
        "orders whose quotes are escaped by backslashes",
        day(escaped(rows()), rows()),
        closed=True,
        among_others=True,
    ),
    Case(
        "orders under another name",
        day(
            each(
                lambda row: row | {"event_name": row["event_name"].replace("checkout_completed", "purchase")}
            )
        ),
        fires={"event_appeared": "warning"},
        among_others=True,
        words=("purchase",),
        figures={"checkouts": 0},
    ),
    Case("a header alone", day([]), fires={"partition_empty": "critical"}, closed=True),
    Case(
        "another day's rows under this day's name",
        day(each(lambda row: row | {"timestamp": row["timestamp"].replace("-03-01", "-02-28")})),
        fires={"out_of_day_rows": "critical"},
        closed=True,
        absent=("longest_silence_seconds",),
    ),
    Case(
        "no timestamp at all",
        day(each(lambda row: row | {"timestamp": ""}), rows()),
        fires={"missing_timestamp": "critical"},
        among_others=True,
        closed=True,
    ),
    Case(
        "a clean file without two of its columns",
        day(rows(), text(rows(), columns=NARROW).encode()),
        fires={"clean_schema_mismatch": "critical"},
        closed=True,
        words=("referrer, user_agent",),
    ),
    Case(
        "a clean file of a header alone",
        day(rows(), []),
        fires={"clean_empty": "critical"},
        among_others=True,
        closed=True,
    ),
    Case(
        "orders of less than nothing",
        day(with_orders(lambda number: order(number, revenue=-5))),
        fires={"zero_revenue": "critical"},
        among_others=True,
        closed=True,
    ),
    Case(
        "a NUL byte in one row",
        day(PLAIN.replace("Browser/1.0", "Brow\0ser/1.0", 1).encode(), rows()),
        fires={"invalid_utf8": "warning"},
        figures=HEALTHY | {"invalid_utf8_lines": 1},
    ),
    Case(
        "every row without its last field, the last line without an end",
        day("\n".join(line.rpartition(',"')[0] or line for line in PLAIN.splitlines()).encode(), rows()),
        among_others=True,
        closed=True,
        figures={"malformed_rows": 28, "truncated": 0},
    ),
    Case(
        "a year beyond all reckoning",
        day([*rows(), order(0) | {"timestamp": "9999-12-31T23:59:59Z"}]),
        among_others=True,
        fires={"out_of_day_rows": "warning"},
        figures={"rows": 29},
    ),
    Case("no rejects, so an empty file of them", day(rows()) | {REJECTS: b""}, figures=HEALTHY),
    Case("two parts with a header each", day(pasted(), rows()), words=("16",), figures=HEALTHY),
    Case(
        "cut off within a record",
        day(PLAIN[: PLAIN.rindex("checkout_completed") + 60].encode(), rows()),
        fires={"truncated": "critical"},
        among_others=True,
        closed=True,
    ),
    Case(
        "separated by semicolons",
        day(text(rows(), delimiter=";").encode(), rows()),
        **UNREADABLE,
        words=(";",),
    ),
    Case("separated by tabs", day(text(rows(), delimiter="\t").encode(), rows()), **UNREADABLE),
    Case(
        "compressed under a plain name",
        day(gzip.compress(PLAIN.encode(), mtime=0), rows()),
        **UNREADABLE,
        words=("gzip",),
    ),
    Case("in UTF-16", day(PLAIN.encode("utf-16"), rows()), **UNREADABLE, words=("UTF-16",)),
    Case(
        "a proxy's error page",
        day(b"<!DOCTYPE html>\n<html><body><h1>503 Service Unavailable</h1></body></html>\n", rows()),
        **UNREADABLE,
        words=("HTML",),
    ),
    Case(
        "one revenue that is not JSON",
        day(
            with_orders(
                lambda number: (
                    order(number) | {"event_data": order(2)["event_data"].replace("2599,", "NaN,", 1)}
                    if number == 2
                    else order(number)
                )
            )
        ),
        fires={"checkout_unparseable": "warning"},
        figures={"checkouts": 4, "revenue": 2447.0},
    ),
    Case("counts that pandas wrote", claims(CLAIM.format("28.0", "28.0", "0.0")), figures=HEALTHY),
    Case(
        "counts that nobody can read",
        claims(CLAIM.format("about 28", "28", "0")),
        words=("dq_summary_20250302T054500Z.csv",),
        figures=HEALTHY,
    ),
    Case(
        "a summary with a very long field",
        claims(
            "file,raw_rows,clean_rows,reject_rows,dq_reasons_sample\n"
            f"events_20250301.csv,28,28,0,{'r' * 200_000}\n"
        ),
        figures=HEALTHY,
    ),
    Case(
        "a clean file of which a fifth cannot be read",
        day(
            MANY,
            b"\n".join(
                line + (b",,x" if place and place % 5 == 0 else b"")
                for place, line in enumerate(day(MANY)[CLEAN].splitlines())
            ),
        ),
        fires={"malformed_rows": "warning"},
        among_others=True,
        closed=None,
    ),
    Case(
        "NULL as Hive writes it",
        day(each(lambda row: row | {"client_id": "\\N"}), rows()),
        fires={"missing_client_id": "warning"},
        among_others=True,
    ),
    Case(
        "items whose id is the word null",
        day(with_orders(lambda number: order(number, items=[{"item_id": "null", "item_price": 1}])), rows()),
        fires={"checkout_corrupt_items": "warning"},
    ),
    Case(
        "placeholder referrers without a scheme",
        day(each(lambda row: row | {"referrer": "source-0a1b2c3d.com/x"}), rows()),
        fires={"referrer_synthetic": "warning"},
    ),
    Case(
        "rows in Latin-1",
        day(PLAIN.replace("/p,", "/caf\xe9,").encode("latin-1"), rows()),
        fires={"invalid_utf8": "warning"},
    ),
    Case(
        "another line end, byte order mark and column order",
        day(
            ("\ufeff" + text(rows(), newline="\r\n", columns=tuple(reversed(rows()[0])))).encode(),
            rows(),
        ),
        figures=HEALTHY,
    ),
]

NEAR_MISSES = {
    "another spelling of the date": "events_2025-03-01.csv",
    "upper case": "EVENTS_20250301.CSV",
    "a copy's name": "events_20250301 (1).csv",
    "compressed in a form that is not read": "events_20250301.csv.7z",
}


def near_miss(name: str) -> Files:
    """Return the healthy day with its raw file under another name."""
    files = day(rows())
    return {name: files[RAW], CLEAN: files[CLEAN], REJECTS: files[REJECTS]}
