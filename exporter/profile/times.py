"""When the events of a block happened."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.model import Day
from exporter.profile.missing import is_missing
from exporter.profile.rfc3339 import parse_ns
from exporter.profile.strings import Flags, Strings, count_values
from exporter.profile.tally import MINUTE_NS, Tally, minutes_of

Instants = np.ndarray[tuple[int], np.dtype[np.int64]]

ZONED = pa.timestamp("ns", "UTC")
NAIVE = pa.timestamp("ns")
FEW = 32  # values that are not worth another try together


def tally_times(strings: Strings, day: Day) -> Tally:
    """Count and place the timestamps of good records."""
    zulu = _is_zulu(strings)
    if zulu.all():
        return Tally().merge(*_tally_cast(strings.array, ZONED, day))
    zoned = zulu | _has_offset(strings)
    naive = _is_naive(strings) & ~zoned if day.zone is UTC else np.zeros_like(zoned)
    empty = strings.lengths == 0
    return Tally(missing_timestamp=int(np.count_nonzero(empty))).merge(
        *_tally_cast(strings.where(zoned), ZONED, day),
        *_tally_cast(strings.where(naive), NAIVE, day),
        _tally_each(strings.where(~(zoned | naive | empty)), day),
    )


# Arrow reads more than RFC 3339 (dates alone, minutes without seconds, +hhmm). Lengths and a few letters tell
# what it would read rightly: a time with seconds, and Z, +hh:mm or nothing behind it.


def _is_zulu(strings: Strings) -> Flags:
    last: Flags = strings.last() == ord("Z")
    return _is_between(strings, 20, 30) & last


def _has_offset(strings: Strings) -> Flags:
    sign = strings.last(6)
    signed: Flags = ((sign == ord("+")) | (sign == ord("-"))) & (strings.last(3) == ord(":"))
    return _is_between(strings, 25, 35) & signed


def _is_naive(strings: Strings) -> Flags:
    return _is_between(strings, 19, 29) & ((strings.last() - np.uint8(ord("0"))) < np.uint8(10))


def _is_between(strings: Strings, shortest: int, longest: int) -> Flags:
    lengths = strings.lengths
    return (lengths >= shortest) & (lengths <= longest)


def _tally_cast(array: Any, kind: Any, day: Day) -> Iterator[Tally]:
    """Let Arrow read the timestamps; where it refuses, halve to find the few that it refuses for."""
    if len(array) == 0:
        return
    try:
        cast: Any = pc.cast(array, kind)
    except pa.ArrowInvalid:
        if len(array) <= FEW:
            yield _tally_each(array, day)
            return
        middle = len(array) // 2
        yield from _tally_cast(array[:middle], kind, day)
        yield from _tally_cast(array[middle:], kind, day)
        return
    yield _place(np.frombuffer(cast.buffers()[1], np.int64, len(cast), cast.offset * 8), day)


def _place(instants: Instants, day: Day) -> Tally:
    first, last = int(instants.min()), int(instants.max())
    inside = instants
    if first < day.start_ns or last >= day.end_ns:
        inside = instants[(instants >= day.start_ns) & (instants < day.end_ns)]
    lively = np.zeros(minutes_of(day), np.bool_)
    lively[(inside - day.start_ns) // MINUTE_NS] = True
    return Tally(
        first_event_ns=first,
        last_event_ns=last,
        out_of_day_rows=instants.size - inside.size,
        minutes=int.from_bytes(np.packbits(lively, bitorder="little").tobytes(), "little"),
    )


def _tally_each(array: Any, day: Day) -> Tally:
    """Read timestamps one by one: any length of fraction, leap seconds, local times, white space around."""
    missing = unparseable = 0
    instants: list[tuple[int, int]] = []
    for value, count in count_values(array).items():
        if is_missing(value):
            missing += count
        elif (instant := parse_ns(value.strip(), day.zone)) is None:
            unparseable += count
        else:
            instants.append((instant, count))
    inside = [instant for instant, _ in instants if day.start_ns <= instant < day.end_ns]
    minutes = 0
    for minute in {(instant - day.start_ns) // MINUTE_NS for instant in inside}:
        minutes |= 1 << minute
    return Tally(
        missing_timestamp=missing,
        unparseable_timestamps=unparseable,
        out_of_day_rows=sum(count for instant, count in instants if not day.start_ns <= instant < day.end_ns),
        first_event_ns=min((instant for instant, _ in instants), default=None),
        last_event_ns=max((instant for instant, _ in instants), default=None),
        minutes=minutes,
    )
