"""Which earlier days a day is compared with: one that differs is no excuse for the next.

Otherwise a fault that lasts would be over on its second day, when a day like it has been seen before.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

Day = TypeVar("Day")

ACCEPTED_DAYS = 7  # in a row: what has lasted that long is how the feed is now, as with a level


def normal_days(days: Sequence[Day], differed: Callable[[Day], bool]) -> Sequence[Day]:
    """Return the days to compare with, of the ``days`` before (newest first), of which some have differed.

    Those directly before are left out, until they are so many that they are the norm. Others are not: what
    has come and gone, such as on a weekend, has been seen before.
    """
    run = next((place for place, day in enumerate(days) if not differed(day)), len(days))
    return days[run:] if run < ACCEPTED_DAYS else days[:run]
