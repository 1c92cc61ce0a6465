"""The counts of a part of a file, and how parts are merged."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import zip_longest
from operator import itemgetter, or_
from typing import Any, NamedTuple, TypeVar

import xxhash

from exporter.feed import Table
from exporter.model import NANOSECONDS, ColumnFigures, Day, Profile
from exporter.profiling.constants import Constant, Values
from exporter.profiling.ids import Ids
from exporter.profiling.keys import KeyState
from exporter.profiling.looks import Look
from exporter.profiling.names import Names
from exporter.profiling.pack import PackState
from exporter.profiling.splits import SplitKey, SplitState
from exporter.profiling.values.kind import State as ColumnState

MINUTE_SECONDS = 60
MINUTES = 60  # of an hour
MINUTE_NS = MINUTE_SECONDS * NANOSECONDS
Key = TypeVar("Key")
FIRST = 5  # lines listed per kind
LARGEST_NS = 2**63 - 1
MOST_UNPLACED = 0.1  # share of rows without a time of the day, above which silence is unknown

_SUMMED = (
    "rows",
    "malformed_rows",
    "untimed",
    "unparseable_timestamps",
    "out_of_day_rows",
    "invalid_utf8_lines",
    "repeated_headers",
    "empty_rows",
)


KEYS = ""  # the ids of rows, besides those of packs by name
FILE_BITS = 48  # bits of a position: above them is the number of the file
WHOLE, OPEN = 0, -1  # how a range ends: with a complete record; within quotes
USUAL_WIDTH = 3  # records with as few fields as the last one, above which that one is not cut off


class Silence(NamedTuple):
    """The first of the longest stretches of a day without an event: minutes from the day's start."""

    minutes: int
    start: int


@dataclass(frozen=True, slots=True)
class Part:
    """One byte range as a whole. Lines are counted from 1 at its start."""

    length: int  # in bytes
    digest: bytes  # xxh3_128 of the bytes
    lines: int
    malformed_lines: tuple[int, ...] = ()  # where the first malformed records begin
    repeated_header_lines: tuple[int, ...] = ()
    cut: int = WHOLE  # the number of fields of the record that it ends within, or OPEN


@dataclass(frozen=True, slots=True)
class Tally:
    """The mergeable state behind a profile; ``Tally()`` is that of no rows at all."""

    rows: int = 0
    malformed_rows: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)  # by required column without a type
    untimed: int = 0  # rows without a value in the event time's column
    unparseable_timestamps: int = 0
    timestamp_shapes: Names = field(default_factory=Names)
    out_of_day_rows: int = 0
    first_event_ns: int | None = None
    last_event_ns: int | None = None
    minutes: int = 0  # bit n: an event within the day's n-th minute
    hours: tuple[int, ...] = ()  # rows within the day's n-th hour; empty if no row has a time of the day
    reasons: Names = field(default_factory=Names)
    invalid_utf8_lines: int = 0
    malformed_fields: Names = field(default_factory=Names)  # by their number
    odd_bytes: Mapping[str, int] = field(default_factory=dict)  # by their kind
    repeated_headers: int = 0
    empty_rows: int = 0
    odd_records: Mapping[str, int] = field(default_factory=dict)  # malformed records by what they are
    constants: Mapping[str, Constant] = field(default_factory=dict)
    unread: Mapping[str, Values] = field(default_factory=dict)  # of columns that no figure needs
    placeholders: Mapping[str, Names] = field(default_factory=dict)  # by column
    looks: Mapping[str, Look] = field(default_factory=dict)  # by column
    columns: Mapping[str, ColumnState] = field(default_factory=dict)
    keys: KeyState | None = None
    packs: Mapping[str, PackState] = field(default_factory=dict)
    splits: Mapping[SplitKey, SplitState] = field(default_factory=dict)
    parts: Mapping[int, Part] = field(default_factory=dict)  # by offset, see FILE_BITS

    def merge(self, *others: "Tally") -> "Tally":
        """Return the tally of all parts together.

        Associative and order-free, with ``Tally()`` as its identity: the result does not depend on the split.
        """
        parts = (self, *others)
        summed = {name: sum(getattr(part, name) for part in parts) for name in _SUMMED}
        firsts = [part.first_event_ns for part in parts if part.first_event_ns is not None]
        lasts = [part.last_event_ns for part in parts if part.last_event_ns is not None]
        keys = [part.keys for part in parts if part.keys is not None]
        missing: Counter[str] = Counter()
        odd_bytes: Counter[str] = Counter()
        odd_records: Counter[str] = Counter()
        for part in parts:
            missing.update(part.missing)
            odd_bytes.update(part.odd_bytes)
            odd_records.update(part.odd_records)
        return Tally(
            **summed,
            missing=missing,
            odd_bytes=odd_bytes,
            odd_records=odd_records,
            constants=_merge_states([part.constants for part in parts]),
            unread=_merge_states([part.unread for part in parts]),
            placeholders=_merge_names([part.placeholders for part in parts]),
            first_event_ns=min(firsts, default=None),
            last_event_ns=max(lasts, default=None),
            minutes=reduce(or_, (part.minutes for part in parts)),
            hours=tuple(map(sum, zip_longest(*(part.hours for part in parts), fillvalue=0))),
            reasons=Names.merge(part.reasons for part in parts),
            timestamp_shapes=Names.merge(part.timestamp_shapes for part in parts),
            malformed_fields=Names.merge(part.malformed_fields for part in parts),
            looks=_merge_states([part.looks for part in parts]),
            columns=_merge_states([part.columns for part in parts]),
            keys=keys[0].merge(*keys[1:]) if keys else None,
            packs=_merge_states([part.packs for part in parts]),
            splits=_merge_states([part.splits for part in parts]),
            parts={offset: known for part in parts for offset, known in part.parts.items()},
        )

    def detach(self) -> tuple["Tally", dict[str, Ids]]:
        """Return the tally without its exactly counted ids, and the ids: by pack, and of ``KEYS``."""
        found: dict[str, Ids] = {}
        keys, hashes = (None, None) if self.keys is None else self.keys.detach()
        if hashes is not None:
            found[KEYS] = hashes
        packs: dict[str, PackState] = {}
        for name, state in self.packs.items():
            packs[name], ids = state.detach()
            if ids is not None:
                found[name] = ids
        return replace(self, keys=keys, packs=packs), found

    def counted(self, distinct: Mapping[str, int]) -> "Tally":
        """Return the tally of the total, whose ids were detached and counted elsewhere."""
        keys = self.keys if self.keys is None or KEYS not in distinct else self.keys.counted(distinct[KEYS])
        packs = {
            name: state.counted(distinct[name]) if name in distinct else state
            for name, state in self.packs.items()
        }
        return replace(self, keys=keys, packs=packs)

    def seal(self, columns: tuple[str, ...], table: Table, day: Day) -> Profile:
        """Return the figures; ``columns`` are the header's, ``day`` the one used for counting."""
        figures = {name: state.seal() for name, state in self.columns.items()}
        silence = self._longest_silence(day) if table.event_time else None
        return Profile(
            fingerprint=self._fingerprint(),
            columns=columns,
            rows=self.rows,
            malformed_rows=self.malformed_rows,
            missing={name: self._missing(name, figures) for name in table.required},
            event_time=table.event_time,
            unparseable_timestamps=self.unparseable_timestamps,
            timestamp_shapes=dict(sorted(self.timestamp_shapes.counts.items())),
            timestamp_shapes_overflow=self.timestamp_shapes.overflow,
            out_of_day_rows=self.out_of_day_rows,
            first_event_ns=_within_64_bits(self.first_event_ns),
            last_event_ns=_within_64_bits(self.last_event_ns),
            longest_silence_seconds=None if silence is None else MINUTE_SECONDS * silence.minutes,
            silence_start_ns=None if silence is None else day.start_ns + MINUTE_NS * silence.start,
            hours=self.hours,
            constants={name: state.rows for name, state in sorted(self.constants.items()) if state.holds},
            unread={
                name: state.rows for name, state in sorted(self.unread.items()) if state.digest is not None
            },
            placeholders={
                name: dict(sorted(words.counts.items()))
                for name, words in self.placeholders.items()
                if words.counts
            },
            looks={name: state.seal() for name, state in sorted(self.looks.items())},
            odd_bytes=dict(sorted(self.odd_bytes.items())),
            reasons=dict(sorted(self.reasons.counts.items())),
            reasons_overflow=self.reasons.overflow,
            invalid_utf8_lines=self.invalid_utf8_lines,
            malformed_fields=dict(sorted(self.malformed_fields.counts.items())),
            malformed_lines=self._lines(lambda part: part.malformed_lines),
            repeated_headers=self.repeated_headers,
            empty_rows=self.empty_rows,
            odd_records=dict(sorted(self.odd_records.items())),
            repeated_header_lines=self._lines(lambda part: part.repeated_header_lines),
            truncated=self._is_truncated(),
            figures=figures,
            duplicate_keys=None if self.keys is None else self.keys.duplicates(),
            packs={name: state.seal() for name, state in self.packs.items()},
            splits=tuple(state.seal(key) for key, state in sorted(self.splits.items(), key=itemgetter(0))),
        )

    def _missing(self, column: str, figures: Mapping[str, ColumnFigures]) -> int:
        if column in figures:
            return int(figures[column].numbers["missing_rows"])
        return self.missing.get(column, 0)

    def _is_truncated(self) -> bool:
        ends = {place >> FILE_BITS: part.cut for place, part in sorted(self.parts.items())}
        return any(
            cut == OPEN or (cut != WHOLE and self.malformed_fields.counts.get(str(cut), 0) < USUAL_WIDTH)
            for cut in ends.values()
        )

    def _lines(self, of: Callable[[Part], tuple[int, ...]]) -> tuple[int, ...]:
        """Return the first lines of a kind, counted from the start of the file."""
        found: list[int] = []
        before = 0
        for _, part in sorted(self.parts.items()):
            found += [before + line for line in of(part)]
            before += part.lines
        return tuple(found[:FIRST])

    def _longest_silence(self, day: Day) -> "Silence | None":
        timed = self.untimed + self.unparseable_timestamps + self.out_of_day_rows
        unplaced = timed + self.malformed_rows
        if unplaced > MOST_UNPLACED * self.rows or unplaced == self.rows:
            return None
        runs = f"{self.minutes:0{minutes_of(day)}b}"[::-1].split("1")
        longest = max(runs, key=len)
        before = runs[: runs.index(longest)]
        return Silence(len(longest), sum(map(len, before)) + len(before))

    def _fingerprint(self) -> str:
        whole = xxhash.xxh3_128()
        for _, part in sorted(self.parts.items()):
            whole.update(part.length.to_bytes(8, "big") + part.digest)
        return whole.hexdigest()


def minutes_of(day: Day) -> int:
    """Return the day's number of minutes: 1440, or 60 less or more when clocks change."""
    return -(-(day.end_ns - day.start_ns) // MINUTE_NS)


def hours_of(day: Day) -> int:
    """Return the day's number of hours: 24, or one less or more when clocks change."""
    return -(-minutes_of(day) // MINUTES)


def _within_64_bits(instant_ns: int | None) -> int | None:
    """Return an instant clamped to 64 bits; 1677 and 2262 represent any year beyond them."""
    return None if instant_ns is None else max(-LARGEST_NS, min(instant_ns, LARGEST_NS))


def _merge_names(parts: Sequence[Mapping[str, Names]]) -> dict[str, Names]:
    columns = {column for part in parts for column in part}
    return {
        column: Names.merge(part[column] for part in parts if column in part) for column in sorted(columns)
    }


def _merge_states(parts: Sequence[Mapping[Key, Any]]) -> dict[Key, Any]:
    """Merge states by name; a part without one had no rows for it."""
    states: dict[Key, list[Any]] = {}
    for part in parts:
        for name, state in part.items():
            states.setdefault(name, []).append(state)
    return {name: first.merge(*rest) if rest else first for name, (first, *rest) in states.items()}
