"""What one part of a file counted, and how parts become the whole."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import xxhash

from exporter.model import NANOSECONDS, Day, Defect, Profile
from exporter.profile.names import Names

MINUTE_NS = 60 * NANOSECONDS
REVENUE_SCALE = 1074  # every finite double is a whole number of 2**-1074

_SUMMED = (
    "rows",
    "malformed_rows",
    "missing_client_id",
    "missing_timestamp",
    "missing_event_name",
    "checkouts",
    "zero_value",
    "invalid_revenue",
    "missing_transaction_id",
    "with_transaction_id",
    "corrupt_items",
    "unparseable_event_data",
    "revenue",
    "referrer_null",
    "referrer_synthetic",
    "unparseable_timestamps",
    "out_of_day_rows",
)


@dataclass(frozen=True, slots=True)
class Tally:
    """The mergeable state behind a profile; all fields of ``Tally()`` are those of no rows at all."""

    rows: int = 0
    malformed_rows: int = 0
    missing_client_id: int = 0
    missing_timestamp: int = 0
    missing_event_name: int = 0
    events: Names = field(default_factory=Names)
    checkouts: int = 0
    zero_value: int = 0
    invalid_revenue: int = 0
    missing_transaction_id: int = 0
    with_transaction_id: int = 0
    transaction_ids: frozenset[bytes] = frozenset()  # 128-bit digests; they never leave the tally
    corrupt_items: int = 0
    unparseable_event_data: int = 0
    revenue: int = 0  # in units of 2**-1074, so that adding is exact and order never matters
    referrer_null: int = 0
    referrer_synthetic: int = 0
    unparseable_timestamps: int = 0
    out_of_day_rows: int = 0
    first_event_ns: int | None = None
    last_event_ns: int | None = None
    minutes: int = 0  # bit n: an event within the day's n-th minute
    reasons: Names = field(default_factory=Names)
    repaired_bytes: bool = False
    digests: Mapping[int, tuple[int, bytes]] = field(default_factory=dict)  # by offset: length, xxh3_128

    def merge(self, *others: "Tally") -> "Tally":
        """Return the tally of all parts together.

        Associative and order-free, with ``Tally()`` as its identity: how a file was cut cannot be seen.
        """
        parts = (self, *others)
        summed = {name: sum(getattr(part, name) for part in parts) for name in _SUMMED}
        firsts = [part.first_event_ns for part in parts if part.first_event_ns is not None]
        lasts = [part.last_event_ns for part in parts if part.last_event_ns is not None]
        return Tally(
            **summed,
            events=Names.merge(part.events for part in parts),
            transaction_ids=frozenset().union(*(part.transaction_ids for part in parts)),
            first_event_ns=min(firsts, default=None),
            last_event_ns=max(lasts, default=None),
            minutes=reduce(or_, (part.minutes for part in parts)),
            reasons=Names.merge(part.reasons for part in parts),
            repaired_bytes=any(part.repaired_bytes for part in parts),
            digests={offset: digest for part in parts for offset, digest in part.digests.items()},
        )

    def seal(self, columns: tuple[str, ...], day: Day) -> Profile:
        """Return the figures; ``columns`` are the header's, ``day`` the one that was counted by."""
        return Profile(
            fingerprint=self._fingerprint(),
            columns=columns,
            rows=self.rows,
            malformed_rows=self.malformed_rows,
            missing={
                "client_id": self.missing_client_id,
                "timestamp": self.missing_timestamp,
                "event_name": self.missing_event_name,
            },
            events=dict(sorted(self.events.counts.items())),
            events_overflow=self.events.overflow,
            checkouts=self.checkouts,
            defects=self._defects(),
            revenue=_nearest_double(self.revenue),
            referrer_null=self.referrer_null,
            referrer_synthetic=self.referrer_synthetic,
            unparseable_timestamps=self.unparseable_timestamps,
            out_of_day_rows=self.out_of_day_rows,
            first_event_ns=self.first_event_ns,
            last_event_ns=self.last_event_ns,
            longest_silence_seconds=self._longest_silence(day),
            reasons=dict(sorted(self.reasons.counts.items())),
            reasons_overflow=self.reasons.overflow,
            repaired_bytes=self.repaired_bytes,
        )

    def _defects(self) -> dict[Defect, int]:
        return {
            Defect.ZERO_VALUE: self.zero_value,
            Defect.INVALID_REVENUE: self.invalid_revenue,
            Defect.MISSING_TRANSACTION_ID: self.missing_transaction_id,
            Defect.DUPLICATE_TRANSACTION_ID: self.with_transaction_id - len(self.transaction_ids),
            Defect.CORRUPT_ITEMS: self.corrupt_items,
            Defect.UNPARSEABLE_EVENT_DATA: self.unparseable_event_data,
        }

    def _longest_silence(self, day: Day) -> int | None:
        if self.rows == self.malformed_rows:
            return None
        calendar = f"{self.minutes:0{minutes_of(day)}b}"
        return 60 * max(len(run) for run in calendar.split("1"))

    def _fingerprint(self) -> str:
        whole = xxhash.xxh3_128()
        for _, (length, digest) in sorted(self.digests.items()):
            whole.update(length.to_bytes(8, "big") + digest)
        return whole.hexdigest()


def minutes_of(day: Day) -> int:
    """Return how many minutes the day has: 1440, or 60 less or more where clocks change."""
    return -(-(day.end_ns - day.start_ns) // MINUTE_NS)


def exact(value: float) -> int:
    """Return a finite double as a whole number of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return numerator << (REVENUE_SCALE + 1 - denominator.bit_length())


def _nearest_double(units: int) -> float:
    try:
        return units / (1 << REVENUE_SCALE)  # rounded once, to nearest even
    except OverflowError:
        return sys.float_info.max if units > 0 else -sys.float_info.max
