"""When did a file arrive? By its modification time, within the bounds that the exporter has seen itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.model import HOUR_NS, Day, Partition, SourceFile, Stage, Stamp
from exporter.store.files import Arrival


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of a file besides its own times, in nanoseconds since the epoch.

    ``absent_ns`` is the last look that found it absent, of this process or of the one before, or ``None`` if
    none did; ``seen_ns`` is the first listing with it as it is now, that is with ``stamp``.
    """

    absent_ns: int | None
    seen_ns: int
    stamp: Stamp


COPIED_DAYS = 5  # files written within one hour; a backlog after a long weekend has fewer


def copied(sources: Iterable[SourceFile]) -> frozenset[tuple[Partition, Stage]]:
    """Return the files of the first listing that were written by one copy: their arrival is unknown."""
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
    """Return when a file arrived and by which clock, or ``None`` if that is unknown.

    A modification time before a listing without the file (``cp -p``, a slow clock) or
    after now (a fast clock) is not trusted: the file arrived when it was first seen. At the first listing of
    a directory, a time before the day itself (1970, an archive) is ignored. Without ``sight``, as of another
    instant than now, there is nothing to compare it with.
    """
    if sight is not None and (mtime_ns > sight.seen_ns or (sight.absent_ns or 0) > mtime_ns):
        return Arrival(sight.seen_ns, "seen")
    return Arrival(mtime_ns) if mtime_ns >= day.start_ns else None
