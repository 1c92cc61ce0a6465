"""When the events of a block happened."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.model import Day
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.names import Names
from exporter.profiling.rfc3339 import parse_form, parse_ns
from exporter.profiling.shapes import name_shape
from exporter.profiling.strings import Flags, Strings
from exporter.profiling.tally import MINUTE_NS, MINUTES, Tally, hours_of, minutes_of
from exporter.profiling.values.cells import flags_of
from exporter.profiling.values.codes import Counts

Instants = np.ndarray[tuple[int], np.dtype[np.int64]]

ZONED = pa.timestamp("ns", "UTC")
NAIVE = pa.timestamp("ns")
FARTHEST = 2**63 // 10**9  # seconds from 1970 that have nanoseconds
MINUTES_LENGTH = len("2025-03-09T08:00")
SECONDS_LENGTH = len("2025-03-09T08:00:00")
FEW = 32  # values below which another try together is not worth it


def tally_times(
    strings: Strings,
    day: Day,
    missing: MissingValues = NO_VALUE,
    form: str | None = None,
    counts: Counts | None = None,
) -> Tally:
    """Count and place the timestamps of good records: RFC 3339, or ``form`` as strptime reads it.

    ``counts`` are the records with each of them; ``None``: one each.
    """
    if counts is None:
        counts = np.ones(strings.starts.size, np.int64)
    if form is not None:
        return _tally_form(strings, counts, day, missing, form)
    if _is_zulu(strings).all():
        return Tally().merge(*_tally_cast(strings.array, counts, ZONED, day, missing))
    strings = _plain(strings)
    zoned = _is_zoned(strings)
    naive = _is_naive(strings) & ~zoned if day.zone is UTC else np.zeros_like(zoned)
    empty = strings.lengths == 0
    other = ~(zoned | naive | empty)
    return Tally(untimed=int(counts[empty].sum())).merge(
        *_tally_cast(strings.where(zoned), counts[zoned], ZONED, day, missing),
        *_tally_cast(strings.where(naive), counts[naive], NAIVE, day, missing),
        _tally_each(strings.where(other), counts[other], day, missing),
    )


def _tally_form(strings: Strings, counts: Counts, day: Day, missing: MissingValues, form: str) -> Tally:
    """Let Arrow read what it writes back identically; the rest, and those with a zone, one by one."""
    if day.zone is not UTC or {"%f", "%z", "%Z", "%p"} & set(re.findall("%.", form)):
        return _tally_each(strings.array, counts, day, missing, form)
    cast: Any = pc.strptime(strings.array, format=form, unit="s", error_is_null=True)
    alike = pc.and_kleene(pc.is_valid(cast), pc.equal(pc.strftime(cast, format=form), strings.array))
    # Not pa.scalar, which imports pandas.
    near: Any = pc.call_function("less", [pc.abs(pc.cast(cast, pa.int64())), FARTHEST])
    alike = pc.and_kleene(alike, near)
    good: Any = pc.cast(pc.filter(cast, alike), NAIVE)
    flags = flags_of(alike)
    tally = _tally_each(strings.where(~flags), counts[~flags], day, missing, form)
    if len(good) == 0:
        return tally
    instants = np.frombuffer(good.buffers()[1], np.int64, len(good), good.offset * 8)
    return tally.merge(_place(instants, counts[flags], day))


def _plain(strings: Strings) -> Strings:
    """Convert a decimal comma and a trailing `` UTC``, if any, to what Arrow reads."""
    array = strings.array
    if (strings.last() == ord("C")).any():
        array = pc.replace_substring_regex(array, r"^([0-9-]{10}[Tt ][0-9:.,]{5,24}) ?UTC$", r"\1Z")
    if (strings.octets == ord(",")).any():
        array = pc.replace_substring_regex(array, r"^([0-9-]{10}[Tt ][0-9:]{8}),([0-9])", r"\1.\2")
    return strings if array is strings.array else Strings.of_array(array)


# Arrow reads more than counts as a timestamp here (dates alone, an hour without minutes). Lengths and a few
# letters show what it would read correctly: a time with minutes, followed by Z, an offset or nothing.


def _is_zulu(strings: Strings) -> Flags:
    last: Flags = strings.last() == ord("Z")
    return _is_between(strings, 20, 30) & last


def _is_zoned(strings: Strings) -> Flags:
    zulu = (strings.last() == ord("Z")) & _is_time(strings, 1)
    colon = strings.last(3) == ord(":")
    full = _is_sign(strings, 6) & colon & _is_time(strings, 6)
    bare = _is_sign(strings, 5) & ~colon & _is_time(strings, 5)
    hours: Flags = _is_sign(strings, 3) & _is_time(strings, 3)
    zoned: Flags = zulu | full | bare | hours
    return zoned


def _is_naive(strings: Strings) -> Flags:
    return _is_time(strings, 0) & ((strings.last() - np.uint8(ord("0"))) < np.uint8(10))


def _is_sign(strings: Strings, back: int) -> Flags:
    letter = strings.last(back)
    sign: Flags = (letter == ord("+")) | (letter == ord("-"))
    return sign


def _is_time(strings: Strings, behind: int) -> Flags:
    """Return whether a date and time, to the minute or finer, fits before the last ``behind`` bytes."""
    minutes: Flags = strings.lengths == MINUTES_LENGTH + behind
    return minutes | _is_between(strings, SECONDS_LENGTH + behind, SECONDS_LENGTH + 10 + behind)


def _is_between(strings: Strings, shortest: int, longest: int) -> Flags:
    lengths = strings.lengths
    return (lengths >= shortest) & (lengths <= longest)


def _tally_cast(array: Any, counts: Counts, kind: Any, day: Day, missing: MissingValues) -> Iterator[Tally]:
    """Let Arrow read the timestamps; if it fails, bisect to find the few that it cannot read."""
    if len(array) == 0:
        return
    try:
        cast: Any = pc.cast(array, kind)
    except pa.ArrowInvalid:
        if len(array) <= FEW:
            yield _tally_each(array, counts, day, missing)
            return
        middle = len(array) // 2
        yield from _tally_cast(array[:middle], counts[:middle], kind, day, missing)
        yield from _tally_cast(array[middle:], counts[middle:], kind, day, missing)
        return
    yield _place(np.frombuffer(cast.buffers()[1], np.int64, len(cast), cast.offset * 8), counts, day)


def _place(instants: Instants, counts: Counts, day: Day) -> Tally:
    first, last = int(instants.min()), int(instants.max())
    inside, outside = instants, 0
    if first < day.start_ns or last >= day.end_ns:
        flags = (instants >= day.start_ns) & (instants < day.end_ns)
        inside, outside = instants[flags], int(counts[~flags].sum())
        counts = counts[flags]
    rows = np.bincount((inside - day.start_ns) // MINUTE_NS, counts, hours_of(day) * MINUTES)
    lively = rows[: minutes_of(day)] > 0
    return Tally(
        first_event_ns=first,
        last_event_ns=last,
        out_of_day_rows=outside,
        minutes=int.from_bytes(np.packbits(lively, bitorder="little").tobytes(), "little"),
        hours=_hours(rows) if inside.size else (),
    )


def _hours(rows: Any) -> tuple[int, ...]:
    """Sum rows by minute to rows by hour."""
    return tuple(rows.reshape(-1, MINUTES).sum(1).astype(np.int64).tolist())


def _tally_each(array: Any, counts: Counts, day: Day, words: MissingValues, form: str | None = None) -> Tally:
    """Read timestamps one by one: fractions of any length, leap seconds, local times, surrounding space."""
    read = parse_ns if form is None else partial(parse_form, form)
    missing = 0
    instants: list[tuple[int, int]] = []
    shapes: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for value, count in zip(array.to_pylist(), counts.tolist(), strict=True):
        rows[value] += count
    for value, count in rows.items():
        if value in words:
            missing += count
        elif (instant := read(value.strip(), day.zone)) is None:
            shapes[name_shape(value.strip(), form)] += count
        else:
            instants.append((instant, count))
    inside = [(instant, count) for instant, count in instants if day.start_ns <= instant < day.end_ns]
    minutes = 0
    per_hour = [0] * hours_of(day)
    for instant, count in inside:
        minute = (instant - day.start_ns) // MINUTE_NS
        minutes |= 1 << minute
        per_hour[minute // MINUTES] += count
    return Tally(
        untimed=missing,
        unparseable_timestamps=shapes.total(),
        timestamp_shapes=Names.bounded(shapes),
        out_of_day_rows=sum(count for instant, count in instants if not day.start_ns <= instant < day.end_ns),
        first_event_ns=min((instant for instant, _ in instants), default=None),
        last_event_ns=max((instant for instant, _ in instants), default=None),
        minutes=minutes,
        hours=tuple(per_hour) if inside else (),
    )
