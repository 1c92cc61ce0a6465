"""A file that shrank or arrived empty is probably being written: it is judged after a grace period."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from exporter.model import NANOSECONDS, SourceFile, Stage, Stamp
from exporter.store.files import Key


@dataclass(slots=True)
class Shrinking:
    """Records since when files have been smaller than when last read."""

    grace_seconds: float = 0.0
    since_ns: dict[Key, int] = field(default_factory=dict)

    def seconds_left(
        self,
        source: SourceFile,
        known: Stamp | None,
        due_ns: int,
        now_ns: int,
        *,
        began_ns: int | None = None,
    ) -> float:
        """Return how long to wait before judging a file, 0 for one that has not shrunk.

        ``known`` is the stamp of the content last read, or ``None`` if there was none. The grace lasts for
        ``grace_seconds``, and at least until the day is due. It begins now, for a file that existed
        before the first listing at ``began_ns``.
        """
        key = (source.partition, source.stage)
        if not _has_shrunk(source, known):
            self.since_ns.pop(key, None)
            return 0.0
        since = self.since_ns.setdefault(key, now_ns if began_ns is None else min(began_ns, now_ns))
        end = max(since + round(self.grace_seconds * NANOSECONDS), due_ns if self.grace_seconds else 0)
        return max(0.0, (end - now_ns) / NANOSECONDS)

    def end(self, key: Key) -> None:
        """Note that a file has been judged as it is: if it shrinks again, that is another grace."""
        self.since_ns.pop(key, None)

    def forget_all_but(self, keys: Iterable[Key]) -> None:
        """Drop what is gone."""
        keep = set(keys)
        self.since_ns = {key: since for key, since in self.since_ns.items() if key in keep}


def _has_shrunk(source: SourceFile, known: Stamp | None) -> bool:
    """Return whether a file is empty or was truncated in place: one moved into place is complete.

    Parts are never moved into place together.

    A rerun of the DQ step may leave less: no rejects after a repair, or fewer clean rows.
    """
    found = source.stamp
    if found == known:  # judged as it is, now read again with other settings
        return False
    in_place = known is not None and (bool(source.parts) or found.inode == known.inode)
    cut = in_place and known is not None and found.size < known.size
    empty = found.size == 0 and source.stage is not Stage.REJECTS
    return empty or (source.stage is Stage.RAW and cut)
