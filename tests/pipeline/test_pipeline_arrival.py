"""Which clock to believe about a file's arrival."""

from datetime import timedelta
from pathlib import Path

import pytest
from made import CALENDAR, DAY

from exporter.model import NANOSECONDS, SourceFile, Stage, Stamp
from exporter.pipeline.arrival import Sight, copied, date_arrival
from exporter.store.files import Arrival

BOUNDS = CALENDAR.day(DAY)
HOUR = 3600 * NANOSECONDS
NOON = BOUNDS.end_ns + 12 * HOUR


def sight(absent_ns: int | None, seen_ns: int) -> Sight:
    """Return what is known of some file."""
    return Sight(absent_ns, seen_ns, Stamp(1, 0, 0, 1))


@pytest.mark.parametrize(
    ("mtime_ns", "seen", "arrival"),
    [
        (NOON, sight(NOON - HOUR, NOON + HOUR), Arrival(NOON)),
        (NOON - 2 * HOUR, sight(NOON - HOUR, NOON), Arrival(NOON, "seen")),
        (0, sight(NOON - HOUR, NOON), Arrival(NOON, "seen")),
        (NOON + 47 * HOUR, sight(NOON - HOUR, NOON), Arrival(NOON, "seen")),
        (NOON + 47 * HOUR, sight(None, NOON), Arrival(NOON, "seen")),
        (NOON, sight(None, NOON + HOUR), Arrival(NOON)),
        (0, sight(None, NOON), None),
        (NOON + 47 * HOUR, None, Arrival(NOON + 47 * HOUR)),
        (0, None, None),
    ],
)
def test_a_modification_time_is_believed_within_what_was_seen(
    mtime_ns: int, seen: Sight | None, arrival: Arrival | None
) -> None:
    """Not before a look that found nothing, not after now; at the first look not before the day."""
    assert date_arrival(mtime_ns, BOUNDS, seen) == arrival


@pytest.mark.parametrize(("days", "hours", "unknown"), [(5, 0, 5), (4, 0, 0), (5, 24, 0)])
def test_one_copy_of_many_days_tells_no_arrival(days: int, hours: int, unknown: int) -> None:
    """Five days within an hour were copied; four may be a backlog, and one a day is what is promised."""
    sources = [
        SourceFile(
            DAY + timedelta(days=day),
            Stage.RAW,
            Path(f"{day}.csv"),
            Stamp(1, NOON + day * hours * HOUR, 0, day),
        )
        for day in range(days)
    ]
    assert len(copied(sources)) == unknown
