"""Timestamps, one by one and as a block, compared with datetime."""

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import reference
from files import PARTITION
from given import Given
from target import Target, agree

from exporter.profiling.missing import is_missing
from exporter.profiling.rfc3339 import parse_ns
from exporter.profiling.strings import look, text_array
from exporter.profiling.times import tally_times

ZONES = (UTC, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))
BEYOND = 2**63 - 1


def run(data: bytes) -> None:
    """Parse each line as a timestamp, then all of them together."""
    given = Given(data)
    zone = given.pick(ZONES)
    day = reference.day_of(PARTITION, zone)
    texts = given.rest.decode("utf-8", "replace").split("\n")
    try:
        wanted = [reference.instant(text.strip(), zone) for text in texts]
    except OverflowError:  # the calendar's first and last day in the reference
        return
    agree([parse_ns(text.strip(), zone) for text in texts], wanted, "instants")
    present = [(text, at) for text, at in zip(texts, wanted, strict=True) if not is_missing(text)]
    read = [at for _, at in present if at is not None]
    inside = [at for at in read if day.start_ns <= at < day.end_ns]
    tally = tally_times(look(text_array(texts)), day, counts=np.full(len(texts), 3, np.int64))
    agree(
        {
            "untimed": tally.untimed,
            "unparseable": tally.unparseable_timestamps,
            "outside": tally.out_of_day_rows,
            "first": tally.first_event_ns,
            "last": tally.last_event_ns,
            "hours": tally.hours,
        },
        {
            "untimed": 3 * (len(texts) - len(present)),
            "unparseable": 3 * (len(present) - len(read)),
            "outside": 3 * (len(read) - len(inside)),
            "first": min(read, default=None),
            "last": max(read, default=None),
            "hours": tuple(3 * rows for rows in reference.hours(inside, day)),
        },
        "a block's times",
    )


TARGET = Target(
    name="times",
    run=run,
    seeds=(
        b"\0002025-03-30T01:00:00Z\n2025-03-30T01:00:00.123456789Z\n2025-03-30 01:00",
        b"\0022025-03-30 02:30:00\n2025-03-30T02:30:00,5\n2025-10-26T02:30:00",
        b"\0032025-03-30T23:59:60Z\n2025-03-30t00:00:00z\n0001-01-02T00:00:00+23:59",
        b"\0002025-03-30T01:00:00 UTC\n2025-03-30T01:00:00+0000 UTC\n2025-03-30T01:00:00+02",
        b"\0002025-03-30T01:00:00-0530\n2025-02-29T01:00:00Z\n2024-02-29T01:00:00.1234567891Z\n\n NULL ",
        b"\0009999-12-30T01:00:00Z\n1650-01-01 00:00:00\n2262-04-11T23:47:16.854775807Z",
    ),
    words=(
        b"2025-03-30",
        b"T",
        b"Z",
        b"+02:00",
        b" UTC",
        b"+0000 UTC",
        b":60",
        b".123456789",
        b",5",
        b"-0530",
        b"NULL",
    ),
    longest=160,
)
