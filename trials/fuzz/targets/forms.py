"""Times in a contract's own format, as a block and one by one."""

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import reference
from files import PARTITION
from given import Given
from target import Target, agree

from exporter.feed import Column
from exporter.profiling.kinds import TYPES, Reading
from exporter.profiling.missing import NO_VALUE, is_missing
from exporter.profiling.rfc3339 import parse_form
from exporter.profiling.strings import look, text_array
from exporter.profiling.times import tally_times

ZONES = (UTC, ZoneInfo("Europe/Berlin"))
FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y%m%d%H%M%S",
    "%m/%d/%y %I:%M:%S %p",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d %B %Y",
    "%Y-%m-%d",
    "%H:%M %d.%m.%Y %%",
)


def run(data: bytes) -> None:
    """Parse lines by a format, one by one and together, and as a column of that type."""
    given = Given(data)
    zone, form = given.pick(ZONES), given.pick(FORMS)
    day = reference.day_of(PARTITION, zone)
    texts = given.rest.decode("utf-8", "replace").split("\n")
    present = [text for text in texts if not is_missing(text)]
    read = [at for text in present if (at := parse_form(form, text.strip(), zone)) is not None]
    inside = [at for at in read if day.start_ns <= at < day.end_ns]
    tally = tally_times(look(text_array(texts)), day, NO_VALUE, form, np.ones(len(texts), np.int64))
    wanted = (len(present) - len(read), len(read) - len(inside), reference.hours(inside, day))
    agree((tally.unparseable_timestamps, tally.out_of_day_rows, tally.hours), wanted, "a block's times")
    agree(
        (tally.first_event_ns, tally.last_event_ns),
        (min(read, default=None), max(read, default=None)),
        "ends",
    )
    column = Column("a", type="timestamp", format=form)
    state = TYPES["timestamp"].tally(_chunk(texts), Reading(column, day, NO_VALUE))
    agree(state.seal().numbers["invalid_rows"], len(present) - len(read), "invalid rows of a column")


def _chunk(texts: list[str]) -> object:
    import pyarrow as pa  # noqa: PLC0415

    return pa.chunked_array([text_array(texts)], pa.string())


TARGET = Target(
    name="forms",
    run=run,
    seeds=(
        b"\0\0002025-03-30 01:00:00\n2025-3-30 1:0:0\n2025-03-30 24:00:00",
        b"\0\00130.03.2025 01:00\n1.1.2025 1:1",
        b"\0\00230/Mar/2025:01:00:00 +0200\n30/mar/2025:01:00:00 +02:00\n30/Mar/2025:01:00:00 Z",
        b"\1\00320250330013000\n2025033001300",
        b"\0\00403/30/25 01:00:00 PM\n03/30/69 12:00:00 am",
        b"\0\0052025-03-30T01:00:00.123456+02:00\n2025-03-30T01:00:00.1Z",
        b"\0\00630 March 2025\n30 march 2025",
        b"\1\0072025-03-30\n0001-01-01\n9999-12-31",
        b"\0\01001:00 30.03.2025 %",
    ),
    words=(b"2025-03-30", b"01:00:00", b"+0200", b"+02:00:01.5", b"Z", b" PM", b"Mar", b"UTC", b"-00:00"),
    longest=120,
)
