"""When did a file arrive? Its modification time says so, within what the exporter has seen itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.model import NANOSECONDS, Day, Partition, SourceFile, Stage
from exporter.store.state import Arrival


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of a file beside its own times, in nanoseconds since the epoch.

    ``absent_ns`` is the last look of this process that found it absent, or ``None`` if none did; ``seen_ns``
    is the look that found it first.
    """

    absent_ns: int | None
    seen_ns: int


HOUR_NS = 3600 * NANOSECONDS
COPIED_DAYS = 5  # written within one hour; a backlog after a long weekend has fewer


def copied(sources: Iterable[SourceFile]) -> frozenset[tuple[Partition, Stage]]:
    """Return the files that one copy wrote, of those of a first look: nobody knows when they arrived."""
    hours: dict[int, list[SourceFile]] = {}
    for source in sources:
        hours.setdefault(source.stamp.mtime_ns // HOUR_NS, []).append(source)
    return frozenset(
        (source.partition, source.stage)
        for found in hours.values()
        if len({source.partition for source in found}) >= COPIED_DAYS
        for source in found
    )


def date_arrival(mtime_ns: int, day: Day, sight: Sight | None) -> Arrival | None:
    """Return when a file arrived and which clock says so, ``None`` if nothing believable does.

    A modification time before a look that found the file absent (``cp -p``, a clock that runs behind) or
    after now (one that runs ahead) is not believed: the file came when it was seen. At the first look at a
    directory one before the day itself (1970, an archive) says nothing. Without ``sight``, as of another
    instant than now, there is nothing to compare it with.
    """
    if sight is not None and (mtime_ns > sight.seen_ns or (sight.absent_ns or 0) > mtime_ns):
        return Arrival(sight.seen_ns, "seen")
    return Arrival(mtime_ns) if mtime_ns >= day.start_ns else None
