"""A second, slow and independent way to every figure: csv, json, datetime, fractions, one row at a time."""

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from urllib.parse import urlsplit

from pandas._libs.parsers import STR_NA_VALUES

from exporter.model import Day, Defect, Profile, Stage

csv.field_size_limit(sys.maxsize)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  arithmetic on wall times


@dataclass
class Record:
    """One record: its fields, or none where it is malformed."""

    fields: list[str] | None


def split_lines(text: str) -> list[str]:
    """Split at every kind of line end and keep them."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


STEPS = {
    ("start", '"'): "quoted",
    ("start", ","): "start",
    ("plain", '"'): "wrong",
    ("plain", ","): "start",
    ("quoted", '"'): "closed",
    ("closed", '"'): "quoted",
    ("closed", ","): "start",
}
OTHERWISE = {"start": "plain", "closed": "wrong"}


def is_strict(line: str) -> bool:
    """Tell letter by letter whether quotes stand around whole fields only."""
    state = "start"
    for letter in line:
        state = STEPS.get((state, letter), OTHERWISE.get(state, state))
    return state not in ("quoted", "wrong")


def parse_at(lines: list[str], start: int) -> tuple[list[str], int, bool]:
    """Return the record that begins at a line, the lines it takes, and whether its quotes end."""
    reader = csv.reader([*lines[start:], "sentinel"])
    fields = next(reader)
    taken = reader.line_num
    available = len(lines) - start
    return fields, min(taken, available), taken <= available


def split_records(
    lines: list[str], width: int, time_at: int | None, longest: int, longest_proof: int
) -> list[Record]:
    """Split lines into records, with the proof of a record's start applied to every line."""

    def proves(line: str) -> bool:
        if time_at is None or not line.strip("\r\n") or len(line.rstrip("\r\n")) > longest_proof:
            return False
        fields, _, ended = parse_at([line], 0)
        return (
            ended
            and is_strict(line.rstrip("\r\n"))
            and len(fields) == width
            and instant(to_text(fields[time_at]).strip(), None) is not None
        )

    records: list[Record] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip("\r\n"):
            at += 1
            continue
        fields, taken, ended = parse_at(lines, at)
        proven = next((line for line in range(at + 1, at + taken) if proves(lines[line])), None)
        length = len(
            "".join(lines[at : at + taken]).rstrip("\r\n") if ended else "".join(lines[at : at + taken])
        )
        good = ended and len(fields) == width and proven is None and length <= longest
        records.append(Record([to_text(value) for value in fields] if good else None))
        if proven is not None:
            at = proven
        elif length > longest:
            at = next((line for line in range(at + taken, len(lines)) if proves(lines[line])), len(lines))
        else:
            at += taken
    return records


def to_text(value: str) -> str:
    """Turn bytes in the disguise of Latin-1 into text."""
    return value.encode("latin-1").decode("utf-8", "replace")


def instant(text: str, zone: object) -> int | None:
    """Read RFC 3339 by way of datetime; ``zone`` is for times that name none."""
    match = re.match(
        r"^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
        r"(\.[0-9]+)?([Zz]|[-+][0-9]{2}:[0-9]{2})?\Z",
        text,
    )
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    leap = second == 60
    try:
        wall = datetime(year, month, day, hour, minute, 59 if leap else second)  # noqa: DTZ001
    except ValueError:
        return None
    offset = timedelta(0)
    if (named := match[8]) and named not in "Zz":
        hours, minutes = int(named[1:3]), int(named[4:6])
        if hours > 23 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if named[0] == "-" else 1)
    elif not named and zone is not None:
        offset = wall.replace(tzinfo=zone).utcoffset() or offset
    nanoseconds = int(((match[7] or ".0")[1:] + "000000000")[:9])
    whole = (wall - EPOCH - offset) // timedelta(seconds=1) + leap
    return whole * 10**9 + nanoseconds


def missing(value: str | None) -> bool:
    """Tell whether a value is missing."""
    return value is None or value.strip() in STR_NA_VALUES or not value.strip()


def synthetic(value: str | None) -> bool:
    """Tell whether a referrer was made up."""
    try:
        # urlsplit would drop control characters, and find a host that is not there.
        parts = urlsplit(re.sub(r"[\x00-\x1f]", "|", (value or "").strip()))
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.scheme) and re.fullmatch(r"source-[0-9a-f]{8}\.com", host) is not None


def profile(
    data: bytes,
    day: Day,
    stage: Stage,
    aliases: Mapping[str, str],
    *,
    longest: int = 1 << 25,
    longest_proof: int = 1 << 16,
) -> Profile:
    """Return the profile of a file's bytes, with an empty fingerprint."""
    repaired = data.decode("utf-8", "replace").encode() != data
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    lines = split_lines(text)
    while lines and not lines[0].strip("\r\n"):
        lines.pop(0)
    header = [to_text(cell).strip() for cell in next(csv.reader([lines[0].rstrip("\r\n")]))] if lines else []
    for position, cell in enumerate(header):
        if aliases.get(cell, cell) not in header:
            header[position] = aliases[cell]
    time_at = header.index("timestamp") if "timestamp" in header else None
    records = split_records(lines[1:], len(header), time_at, longest, longest_proof)
    rows = [
        dict(reversed(list(zip(header, record.fields, strict=True))))
        for record in records
        if record.fields is not None
    ]
    return judge(header, rows, records=len(records), repaired=repaired, day=day, stage=stage)


def judge(
    header: list[str],
    rows: list[dict[str, str]],
    *,
    records: int,
    repaired: bool,
    day: Day,
    stage: Stage,
) -> Profile:
    """Count everything in good rows."""
    events = Counter(row["event_name"].strip() for row in rows if not missing(row.get("event_name")))
    times = [instant(row.get("timestamp", "").strip(), day.zone) for row in rows]
    parsed = [time for time in times if time is not None]
    inside = [time for time in parsed if day.start_ns <= time < day.end_ns]
    orders = [
        row.get("event_data") for row in rows if row.get("event_name", "").strip() == "checkout_completed"
    ]
    revenue, defects = judge_orders(orders)
    reasons = Counter(
        reason
        for row in rows
        for reason in {part.partition(":")[0].strip() for part in row.get("dq_reason", "").split("|")}
        if reason and stage is Stage.REJECTS
    )
    time_missing = sum(missing(row.get("timestamp")) for row in rows)
    return Profile(
        fingerprint="",
        columns=tuple(header),
        rows=records,
        malformed_rows=records - len(rows),
        missing={
            name: sum(missing(row.get(name)) for row in rows)
            for name in ("client_id", "timestamp", "event_name")
        },
        events=bounded(events)[0],
        events_overflow=bounded(events)[1],
        checkouts=len(orders),
        defects=defects,
        revenue=revenue,
        referrer_null=sum(missing(row.get("referrer")) for row in rows),
        referrer_synthetic=sum(synthetic(row.get("referrer")) for row in rows),
        unparseable_timestamps=len(rows) - time_missing - len(parsed),
        out_of_day_rows=len(parsed) - len(inside),
        first_event_ns=min(parsed, default=None),
        last_event_ns=max(parsed, default=None),
        longest_silence_seconds=silence(inside, day) if rows else None,
        reasons=bounded(reasons)[0],
        reasons_overflow=bounded(reasons)[1],
        repaired_bytes=repaired,
    )


def bounded(counts: Counter[str]) -> tuple[dict[str, int], int]:
    """Keep the thousand smallest names."""
    kept = sorted(counts)[:1000]
    return {name: counts[name] for name in kept}, sum(counts[name] for name in set(counts) - set(kept))


def silence(inside: list[int], day: Day) -> int:
    """Return the longest run of minutes without an event, in seconds."""
    lively = {(time - day.start_ns) // (60 * 10**9) for time in inside}
    longest = run = 0
    for minute in range((day.end_ns - day.start_ns) // (60 * 10**9)):
        run = 0 if minute in lively else run + 1
        longest = max(longest, run)
    return longest * 60


def judge_orders(cells: list[str | None]) -> tuple[float, dict[Defect, int]]:
    """Count what is wrong with orders, and what they brought in."""
    found: Counter[Defect] = Counter()
    total = Fraction(0)
    ids: Counter[str] = Counter()
    for cell in cells:
        order: object = None
        if not missing(cell):
            assert cell is not None
            try:
                order = json.loads(cell.strip(), parse_constant=refuse)
            except ValueError:
                order = None
            found[Defect.UNPARSEABLE_EVENT_DATA] += not isinstance(order, dict)
        fields = order if isinstance(order, dict) else {}
        amount = number(fields.get("revenue"))
        found[Defect.INVALID_REVENUE] += amount is None
        if amount is not None:
            total += Fraction(amount)
            found[Defect.ZERO_VALUE] += amount <= 0
        key = fields.get("transaction_id")
        text = key.strip() if isinstance(key, str) else json.dumps(key)
        if text in ("", "null"):
            found[Defect.MISSING_TRANSACTION_ID] += 1
        else:
            ids[text] += 1
        items = fields.get("items")
        found[Defect.CORRUPT_ITEMS] += not (
            isinstance(items, list) and items and all(whole(item) for item in items)
        )
    found[Defect.DUPLICATE_TRANSACTION_ID] = sum(ids.values()) - len(ids)
    largest = Fraction(sys.float_info.max)
    return float(max(-largest, min(largest, total))), {defect: found[defect] for defect in Defect}


def refuse(constant: str) -> object:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(constant)


def number(value: object) -> float | None:
    """Return a finite number, also of a text that is one."""
    if isinstance(value, str):
        text = value.strip()
        if not re.match(r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z", text):
            return None
        value = float(text)
    if value is True or value is False or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= sys.float_info.max else None


def whole(item: object) -> bool:
    """Tell whether an item says what it is and what it costs."""

    def said(key: str) -> bool:
        value = item.get(key) if isinstance(item, dict) else None
        return value is not None and not (isinstance(value, str) and not value.strip())

    return said("item_id") and (said("item_price") or said("price"))


def day_of(partition: date, zone: object = timezone.utc) -> Day:  # noqa: UP017  independent of the package's way
    """Return the bounds of a calendar day in a zone."""
    start = datetime(partition.year, partition.month, partition.day, tzinfo=zone)
    following = partition + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return Day(partition, round(start.timestamp()) * 10**9, round(end.timestamp()) * 10**9, zone)
