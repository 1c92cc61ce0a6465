"""A second, slow and independent way to every figure: csv, json, datetime, fractions, one row at a time."""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from urllib.parse import urlsplit

from addresses import read
from feeds import EXPECTED_COLUMNS, altered
from pandas._libs.parsers import STR_NA_VALUES
from reference_cells import broken_shape

from exporter.model import Day, Profile, Split, Stage
from exporter.profiling.missing import placeholder_of
from exporter.profiling.order_tally import NAME, Defect, WebOrders
from exporter.profiling.shapes import name_number, name_shape

csv.field_size_limit(sys.maxsize)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  arithmetic on wall times


@dataclass
class Record:
    """One record: its fields, or none if it is malformed."""

    fields: list[str] | None
    line: int  # its offset from the end of the header
    raw: str  # its bytes decoded as Latin-1; empty if it is too long
    width: int | None = None  # for a malformed one that has an end
    cut: bool = False  # it is malformed, and the file ends inside it


def split_lines(text: str) -> list[str]:
    """Split at every kind of line ending, keeping them."""
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
    """Return whether quotes enclose whole fields only, character by character."""
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
        taken_up = lines[at:proven] if proven is not None else lines[at : at + taken]
        raw = "".join(taken_up) if proven is not None or not ended else "".join(taken_up).rstrip("\r\n")
        told = not good and len(raw) <= longest
        counted = told and ended and proven is None and len(raw) <= 1 << 17
        last = proven is None and at + taken == len(lines) and not lines[-1].endswith(("\r", "\n"))
        records.append(
            Record(
                [to_text(value) for value in fields] if good else None,
                at,
                raw if good or told else "",
                len(fields) if counted else None,
                told and proven is None and (not ended or (last and counted and len(fields) < width)),
            )
        )
        if proven is not None:
            at = proven
        elif length > longest:
            at = next((line for line in range(at + taken, len(lines)) if proves(lines[line])), len(lines))
        else:
            at += taken
    return records


def to_text(value: str) -> str:
    """Turn bytes decoded as Latin-1 into text."""
    text = value.encode("latin-1").decode("utf-8", "surrogateescape")
    return re.sub(r"[\udc80-\udcff]", lambda found: f"\ufffd{ord(found[0]) - 0xDC00:02x}", text)


def is_broken(line: str) -> bool:
    """Return whether a line contains bytes that are not UTF-8, or NUL."""
    if "\0" in line:
        return True
    try:
        line.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def instant(text: str, zone: object) -> int | None:
    """Parse RFC 3339 with datetime; ``zone`` is for times without one."""
    match = re.match(
        r"^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})([.,][0-9]+)?)?"
        r"(?: ?([Zz]|UTC|utc|[+]0000[ ]UTC|[-+][0-9]{2}|[-+][0-9]{4}|[-+][0-9]{2}:[0-9]{2}))?\Z",
        text,
    )
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    leap = second == 60
    try:
        wall = datetime(year, month, day, hour, minute, 59 if leap else second)  # noqa: DTZ001
    except ValueError:
        return None
    offset = timedelta(0)
    if (named := match[8]) and named not in ("Z", "z", "UTC", "utc", "+0000 UTC"):
        hours, minutes = int(named[1:3]), int(named[3:].lstrip(":") or 0)
        if hours > 23 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if named[0] == "-" else 1)
    elif not named and zone is not None:
        offset = wall.replace(tzinfo=zone).utcoffset() or offset
    nanoseconds = int(((match[7] or ".0")[1:] + "000000000")[:9])
    whole = (wall - EPOCH - offset) // timedelta(seconds=1) + leap
    return whole * 10**9 + nanoseconds


def missing(value: str | None) -> bool:
    """Return whether a value is missing."""
    return value is None or value.strip() in STR_NA_VALUES | {"\\N"} or not value.strip()


def synthetic(value: str | None) -> bool:
    """Return whether a referrer is synthetic."""
    try:
        # urlsplit would drop control characters, and find a host that is not there.
        address = re.sub(r"[\x00-\x1f]", "|", (value or "").strip())
        named = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|//", address)
        bare = "" if named or "@" in re.split(r"[/?#\\]", address)[0] else "//"
        start = named.end() if named else 0
        # As in browsers, a backslash ends the host; urlsplit reads on.
        parts = urlsplit(bare + address[:start] + address[start:].replace("\\", "/"))
    except ValueError:
        return False
    host = re.sub(r":[0-9]*\Z", "", parts.netloc.rpartition("@")[2])  # urlsplit limits ports to 65535
    return re.fullmatch(r"source-[0-9a-f]{8}\.com", host, re.ASCII | re.IGNORECASE) is not None


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
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    lines = split_lines(text)
    ahead = 1
    while lines and not lines[0].strip("\r\n"):
        lines.pop(0)
        ahead += 1
    header = [to_text(cell).strip() for cell in next(csv.reader([lines[0].rstrip("\r\n")]))] if lines else []
    for position, cell in enumerate(header):
        if aliases.get(cell, cell) not in header:
            header[position] = aliases[cell]
    written = [to_text(cell).strip() for cell in next(csv.reader([lines[0].rstrip("\r\n")]))] if lines else []
    time_at = header.index("timestamp") if "timestamp" in header else None
    records = split_records(lines[1:], len(header), time_at, longest, longest_proof)
    ends = records
    repeats = [
        record
        for record in records
        if record.fields and repeats_header(record.fields, written, header, stage)
    ]
    records = [record for record in records if record not in repeats]
    empty = [record for record in records if record.fields and len(header) > 1 and not any(record.fields)]
    records = [record for record in records if record not in empty]
    rows = [
        dict(reversed(list(zip(header, record.fields, strict=True))))
        for record in records
        if record.fields is not None
    ]
    malformed = [record for record in records if record.fields is None]
    head = lines[0].strip("\r\n") if lines else ""
    widths = Counter(str(record.width) for record in malformed if record.width is not None)
    odd = {record.line: recognize(record, header, head, time_at) for record in malformed}
    return altered(
        judge(header, rows, records=len(records), day=day, stage=stage),
        invalid_utf8_lines=sum(
            is_broken(line)
            for place, line in enumerate(lines)
            if not place or len(line.rstrip("\r\n")) <= longest
        ),
        odd_bytes=odd_bytes(
            line for place, line in enumerate(lines) if place and len(line.rstrip("\r\n")) <= longest
        ),
        malformed_orders=sum("checkout_completed" in record.raw for record in malformed),
        malformed_fields=dict(sorted(widths.items())),
        malformed_lines=tuple(ahead + 1 + record.line for record in malformed[:5]),
        repeated_headers=len(repeats),
        repeated_header_lines=tuple(
            ahead + 1 + record.line for record in repeats if record.raw.removeprefix("\xef\xbb\xbf") == head
        )[:5],
        truncated=bool(ends)
        and ends[-1].cut
        and not odd.get(ends[-1].line)
        and widths[str(ends[-1].width)] < 3,
        empty_rows=len(empty),
        odd_records=dict(sorted(Counter(filter(None, odd.values())).items())),
    )


def may_be_refused(data: bytes, found: Profile, stage: Stage) -> bool:
    """Return whether a file need not be read: a first line with one known name may not be its header."""
    return len(set(found.columns) & set(EXPECTED_COLUMNS[stage])) < 2 or b"\0" in data


def recognize(  # noqa: C901, PLR0911, PLR0912  one form after the other
    record: Record, header: list[str], head: str, time_at: int | None
) -> str | None:
    """Return what a malformed record is, tried form by form."""
    text, width = record.raw, len(header)
    if record.width is None or len(text) > 1 << 14:
        return None
    bare = text.strip(" \t\r\n")
    if not bare.strip("\0\x1a"):
        return None if not bare else "NUL bytes" if "\0" in bare else "an end-of-file mark"
    if bare.endswith(head) and bare != head and not is_broken(head):
        return "a row and a header"
    if record.width < width and (found := tell_text(bare)):
        return found
    text = text.rstrip("\r\n")
    first = next(csv.reader([text]))
    if record.width == 1 and text.startswith('"'):
        return "quoted as a whole" if first and fields_of(first[0]) == width else None
    if record.width == 2 * width - 1 and time_at and time_at < width - 1:
        times = (instant(to_text(first[place]).strip(), None) for place in (time_at, time_at + width - 1))
        if None not in list(times):
            return "two rows"
    for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if width > 1 and fields_of(text, delimiter=sign) == width:
            return name
    if "'" in text and fields_of(text, quotechar="'") == width:
        return "other quotes"
    if '\\"' in text and fields_of(text, escapechar="\\", doublequote=False) == width:
        return "escaped quotes"
    if ', "' in text and fields_of(text, skipinitialspace=True) == width:
        return "spaces before quotes"
    if record.width > width:
        for number in (r"[-+]?\d{1,3}(?:,\d{3})+\.\d+", r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"):
            joined = re.sub(rf"(?<![^,]){number}(?![^,])", lambda found: found[0].replace(",", ""), text)
            if joined != text and fields_of(joined) == width:
                return "unquoted thousands separators"
    return None


def fields_of(text: str, **form: object) -> int:
    """Return how many fields a record has if it is read in another form."""
    try:
        return len(next(csv.reader([text], **form), []))  # type: ignore[call-overload]  # options by name
    except csv.Error:
        return 0


def tell_text(text: str) -> str | None:
    """Return what a text is that is no row."""
    if re.match(r"<(?:!doctype\b|!--|\?xml\b|/?[a-z][a-z0-9]*(?:[\s>/]|\Z))", text, re.ASCII | re.IGNORECASE):
        return "HTML or XML"
    whole = text[0] in "{[" and text[-1] in "}]" and len(text) > 1
    closing = text.strip("{}[],") == "" != text.strip(",")
    if whole or closing or re.match(r"[\"'][A-Za-z0-9_.-]+[\"']\s*:\s", text):
        return "JSON"
    return "a trailer" if is_trailer(text) else None


def is_trailer(text: str) -> bool:
    """Return whether a text ends a file, for those used in tests."""
    lower = re.sub(r"\A[^a-z0-9_]*", "", text.lower())
    return (
        re.fullmatch(r"[A-Z]{1,3}[|;:~^\t][0-9]+", text) is not None
        or re.match(r"(?:trailer|eof)\b", lower, re.ASCII) is not None
        or re.match(r"[0-9]+ rows\b|total rows: [0-9]", lower, re.ASCII) is not None
    )


def odd_bytes(lines: Iterable[str]) -> dict[str, int]:
    """Count the bytes that are not text, by kind."""
    text = "".join(line.encode("latin-1").decode("utf-8", "surrogateescape") for line in lines)
    kinds = {
        "NUL": text.count("\0"),
        "0x80 to 0x9f": len(re.findall("[\udc80-\udc9f]", text)),
        "0xa0 to 0xff": len(re.findall("[\udca0-\udcff]", text)),
    }
    return {kind: count for kind, count in kinds.items() if count}


def repeats_header(fields: list[str], written: list[str], header: list[str], stage: Stage) -> bool:
    """Return whether a record repeats the names of the columns that figures need."""
    read = {"client_id", "referrer", "timestamp", "event_name", "event_data"}
    read |= {"dq_reason"} if stage is Stage.REJECTS else set()
    places = [header.index(name) for name in read & set(header)]
    return bool(places) and all(
        fields[place] in (written[place], "\ufeff" + written[place]) for place in places
    )


def judge(
    header: list[str],
    rows: list[dict[str, str]],
    *,
    records: int,
    day: Day,
    stage: Stage,
) -> Profile:
    """Count everything in good rows."""
    events = Counter(row["event_name"].strip() for row in rows if not missing(row.get("event_name")))
    times = [instant(row.get("timestamp", "").strip(), day.zone) for row in rows]
    parsed = [time for time in times if time is not None]
    inside = [time for time in parsed if day.start_ns <= time < day.end_ns]
    orders = [row.get("event_data") for row in rows if is_order(row)]
    revenue, defects, revenue_shapes, data_shapes, amounts = judge_orders(orders)
    reasons = Counter(
        reason
        for row in rows
        for reason in {part.partition(":")[0].strip() for part in row.get("dq_reason", "").split("|")}
        if reason and stage is Stage.REJECTS
    )
    time_missing = sum(missing(row.get("timestamp")) for row in rows)
    lost = records - len(inside)
    placed = rows and lost <= 0.1 * records
    shapes = Counter(
        name_shape(row["timestamp"].strip())
        for row, time in zip(rows, times, strict=True)
        if time is None and not missing(row.get("timestamp"))
    )
    return Profile(
        fingerprint="",
        columns=tuple(header),
        rows=records,
        malformed_rows=records - len(rows),
        missing={
            name: sum(missing(row.get(name)) for row in rows)
            for name in ("client_id", "timestamp", "event_name")
        },
        event_time="timestamp",
        unparseable_timestamps=len(rows) - time_missing - len(parsed),
        timestamp_shapes=bounded(shapes)[0],
        timestamp_shapes_overflow=bounded(shapes)[1],
        out_of_day_rows=len(parsed) - len(inside),
        first_event_ns=max(-(2**63) + 1, min(*parsed, 2**63 - 1)) if parsed else None,
        last_event_ns=min(max(*parsed, -(2**63) + 1), 2**63 - 1) if parsed else None,
        longest_silence_seconds=silence(inside, day)[0] if placed else None,
        silence_start_ns=silence(inside, day)[1] if placed else None,
        hours=hours(inside, day),
        constants=constants(header, rows, stage),
        unread=unread(header, rows, stage),
        placeholders=placeholders(rows),
        looks=looks(rows),
        reasons=bounded(reasons)[0],
        reasons_overflow=bounded(reasons)[1],
        invalid_utf8_lines=0,
        malformed_fields={},
        malformed_lines=(),
        repeated_headers=0,
        repeated_header_lines=(),
        truncated=False,
        packs={
            NAME: WebOrders(
                events=bounded(events)[0],
                events_overflow=bounded(events)[1],
                checkouts=len(orders),
                defects=defects,
                revenue=revenue,
                smallest=min(amounts, default=None),
                largest=max(amounts, default=None),
                referrer_null=sum(missing(row.get("referrer")) for row in rows),
                referrer_synthetic=sum(synthetic(row.get("referrer")) for row in rows),
                malformed_orders=0,
                revenue_shapes=revenue_shapes,
                data_shapes=data_shapes,
                referrer_words=referrer_words(rows),
                worths=dict(Counter(map(size, amounts))),
            )
        },
        splits=splits(rows),
    )


def splits(rows: list[dict[str, str]]) -> tuple[Split, ...]:
    """Split rows, orders and revenue by the referrer's host."""
    hosts = [host(row.get("referrer")) for row in rows]
    orders = [place for place, row in enumerate(rows) if is_order(row)]
    counts, rest = bounded(Counter(hosts[place] for place in orders))
    sold: dict[str, Fraction] = defaultdict(Fraction)
    for place in orders:
        amount = judge_orders([rows[place].get("event_data")])[0]
        sold[hosts[place] if hosts[place] in counts else "\0 others"] += Fraction(amount)
    amounts = {name: in_double(sold[name]) for name in counts}
    every, others = bounded(Counter(hosts))
    return (
        Split("puffy_partition_checkouts", "referrer", "url", counts, rest),
        Split(
            "puffy_partition_revenue", "referrer", "url", counts, rest, amounts, in_double(sold["\0 others"])
        ),
        Split("puffy_partition_rows", "referrer", "url", every, others),
    )


def host(address: str | None) -> str:
    """Return the host of an address, empty if there is none."""
    found = None if address is None or missing(address) else read(address.strip())
    return "" if found is None else found[0]


def is_order(row: Mapping[str, str]) -> bool:
    """Return whether a row is an order."""
    return row.get("event_name", "").strip() == "checkout_completed"


def in_double(total: Fraction) -> float:
    """Return the double nearest to a sum, the largest one for anything beyond."""
    largest = Fraction(sys.float_info.max)
    return float(max(-largest, min(largest, total)))


def constants(header: list[str], rows: list[dict[str, str]], stage: Stage) -> dict[str, int]:
    """Return the columns with the same value in every row that has one, and how many those are."""
    read = {"client_id", "referrer", "timestamp", "event_name", "event_data"} & set(header)
    read |= {"dq_reason"} & set(header) if stage is Stage.REJECTS else set()
    values = {name: [row[name] for row in rows if row[name]] for name in sorted(read)}
    return {
        name: len(found)
        for name, found in values.items()
        if len(found) > 1 and len(set(found)) == 1 and not missing(found[0])
    }


def unread(header: list[str], rows: list[dict[str, str]], stage: Stage) -> dict[str, int]:
    """Return the columns that nothing is computed from with at most one value, and how many rows have it."""
    names = {"page_url", "user_agent"} | ({"referrer_host"} if stage is Stage.CLEAN else set())
    values = {name: [row[name] for row in rows if row[name]] for name in sorted(names & set(header))}
    few = {name: found for name, found in values.items() if len(set(found)) < 2 and rows}
    return {name: len(found) for name, found in few.items() if not found or not missing(found[0])}


def looks(rows: list[dict[str, str]]) -> dict[str, dict[str, int]]:
    """Count client ids: those in the fullest bucket by their last eight bytes and length, and their forms."""
    values = [row["client_id"] for row in rows if "client_id" in row]
    if not values:
        return {}
    buckets: Counter[int] = Counter()
    found: Counter[str] = Counter()
    for octets in (value.encode() for value in values if value):
        word = int.from_bytes(octets[-8:], "little") + len(octets)
        buckets[word * 0x9E3779B97F4A7C15 % 2**64 >> 52] += 1
        found["values"] += 1
        found["web addresses"] += len(octets) > 4 and octets.startswith(b"http")
        found["user agents"] += len(octets) > 3 and octets.startswith(b"Moz")
        found["JSON"] += re.match(rb"""\{["} \t\n\r]|\[[{["\] \t\n\r0-9-]""", octets) is not None
    found["fullest"] = max(buckets.values(), default=0)
    return {"client_id": {name: count for name, count in found.items() if count}}


def placeholders(rows: list[dict[str, str]]) -> dict[str, dict[str, int]]:
    """Return placeholders of client ids."""
    words = (placeholder_of(row["client_id"]) for row in rows if not missing(row.get("client_id")))
    found = Counter(word for word in words if word is not None)
    return {"client_id": dict(found)} if found else {}


def referrer_words(rows: list[dict[str, str]]) -> dict[str, int]:
    """Return placeholders of referrers."""
    words = (placeholder_of(row["referrer"]) for row in rows if not missing(row.get("referrer")))
    return dict(Counter(word for word in words if word is not None))


def bounded(counts: Counter[str]) -> tuple[dict[str, int], int]:
    """Keep the thousand smallest names."""
    kept = sorted(counts)[:1000]
    return {name: counts[name] for name in kept}, sum(counts[name] for name in set(counts) - set(kept))


def silence(inside: list[int], day: Day) -> tuple[int, int]:
    """Return the longest run of minutes without an event, in seconds, and when the first of them begins."""
    lively = {(time - day.start_ns) // (60 * 10**9) for time in inside}
    longest = run = start = 0
    for minute in range((day.end_ns - day.start_ns) // (60 * 10**9)):
        run = 0 if minute in lively else run + 1
        if run > longest:
            longest, start = run, minute + 1 - run
    return longest * 60, day.start_ns + start * 60 * 10**9


def hours(inside: list[int], day: Day) -> tuple[int, ...]:
    """Return the rows of each hour of the day, counted from its start."""
    found = Counter((time - day.start_ns) // (3600 * 10**9) for time in inside)
    length = -(-(day.end_ns - day.start_ns) // (3600 * 10**9))
    return tuple(found[hour] for hour in range(length)) if inside else ()


Shapes = dict[str, int]


def judge_orders(
    cells: list[str | None],
) -> tuple[float, dict[Defect, int], Shapes, Shapes, list[float]]:
    """Count problems of orders, their revenue, its shapes, those of the cells, and the amounts."""
    amounts: list[float] = []
    found: Counter[Defect] = Counter()
    total = Fraction(0)
    ids: Counter[str] = Counter()
    shapes: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for cell in cells:
        order: object = None
        if not missing(cell):
            assert cell is not None
            try:
                order = json.loads(cell.strip(), parse_constant=refuse)
            except ValueError:
                order = None
            if not isinstance(order, dict):
                found[Defect.UNPARSEABLE_EVENT_DATA] += 1
                broken[broken_shape(cell.strip())] += 1
                continue
        fields = order if isinstance(order, dict) else {}
        amount = number(fields.get("revenue"))
        found[Defect.INVALID_REVENUE] += amount is None
        if amount is None:
            shapes[revenue_shape(fields.get("revenue"))] += 1
            look = "nothing" if order is None else object_shape(fields)
            broken.update([look] if look else [])
        if amount is not None:
            total += Fraction(amount)
            amounts.append(float(amount) + 0.0)
            found[Defect.ZERO_VALUE] += amount <= 0
        key = fields.get("transaction_id")
        text = key.strip() if isinstance(key, str) else json.dumps(key)
        if key is None or (isinstance(key, str) and missing(key)):
            found[Defect.MISSING_TRANSACTION_ID] += 1
        else:
            ids[text] += 1
        items = fields.get("items")
        found[Defect.CORRUPT_ITEMS] += not (
            isinstance(items, list) and items and all(whole(item) for item in items)
        )
    found[Defect.DUPLICATE_TRANSACTION_ID] = sum(ids.values()) - len(ids)
    return in_double(total), {defect: found[defect] for defect in Defect}, dict(shapes), dict(broken), amounts


def size(amount: float) -> str:
    """Return the largest power of two that is not above an amount, by trying."""
    if amount == 0:
        return "0"
    power = Fraction(1)
    while power > abs(Fraction(amount)):
        power /= 2
    while power * 2 <= abs(Fraction(amount)):
        power *= 2
    return f"{'-' if amount < 0 else ''}{float(power):g}"


def object_shape(fields: dict[str, object]) -> str | None:
    """Return the shape of a JSON object without anything of an order, or with it up to three objects deep."""

    def says(known: dict[str, object]) -> bool:
        return any(
            known.get(name) not in ("", None, [], {}) for name in ("revenue", "transaction_id", "items")
        )

    if says(fields):
        return None

    def way_in(known: dict[str, object], left: int) -> list[str]:
        for name, value in known.items():
            if isinstance(value, dict):
                deeper = [] if says(value) or left == 1 else way_in(value, left - 1)
                if says(value) or deeper:
                    return [name, *deeper]
        return []

    if names := way_in(fields, 3):
        is_plain = all(re.match(r"[A-Za-z0-9_]{1,30}\Z", name) for name in names)
        return f"an object with the order in its field {'.'.join(names) if is_plain else 'of another name'}"
    if not fields:
        return "an empty JSON object"
    return "a JSON object without revenue, transaction_id and items"


def revenue_shape(value: object) -> str:
    """Return the shape of a revenue that is not a number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return "nothing"
    if isinstance(value, str):
        text = value.strip()
        return text if missing(text) else name_number(text)
    names = {bool: "true or false", list: "a list", dict: "an object"}
    return names.get(type(value), "a number beyond all bounds")


def refuse(constant: str) -> object:
    """Reject NaN and the infinities, which are not JSON."""
    raise ValueError(constant)


def number(value: object) -> float | None:
    """Return a finite number, parsed from text if necessary."""
    if isinstance(value, str):
        text = value.strip()
        if not re.match(r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z", text):
            return None
        value = float(text)
    if value is True or value is False or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= sys.float_info.max else None


def whole(item: object) -> bool:
    """Return whether an item has an id and a price."""

    def said(key: str) -> bool:
        value = item.get(key) if isinstance(item, dict) else None
        return value is not None and not (isinstance(value, str) and missing(value))

    return said("item_id") and (said("item_price") or said("price"))


def day_of(partition: date, zone: object = timezone.utc) -> Day:  # noqa: UP017  independent of the package
    """Return the bounds of a calendar day in a zone."""
    start = datetime(partition.year, partition.month, partition.day, tzinfo=zone)
    following = partition + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return Day(partition, round(start.timestamp()) * 10**9, round(end.timestamp()) * 10**9, zone)
