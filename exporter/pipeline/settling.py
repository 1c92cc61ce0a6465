"""Is a file still being written? It counts once its size and modification time have stopped changing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from exporter.model import NANOSECONDS, SourceFile, Stamp


@dataclass(slots=True)
class Settling:
    """Watches stamps. Times are passed in with each listing, for tests."""

    settle_seconds: float
    _first_seen: dict[Path, tuple[Stamp, float]] = field(default_factory=dict)

    def seconds_to_wait(
        self,
        source: SourceFile,
        *,
        wall_ns: int,
        monotonic: float,
        believe_mtime: bool = True,
        past: bool = False,
    ) -> float:
        """Return 0 for a file that has stopped changing, otherwise how long until that is certain.

        At the first listing of a directory an old modification time is sufficient: ``believe_mtime``.
        Afterwards, or without it (a fast clock), the stamp must have been seen unchanged for as long: if the
        clock of a file server is slow, a growing file looks old. Parts copied with their
        times look old too: the time of their folder counts then, but not as of the ``past``.
        """
        changed_ns = source.stamp.mtime_ns if past else max(source.stamp.mtime_ns, source.touched_ns)
        age = (wall_ns - changed_ns) / NANOSECONDS
        if believe_mtime and age >= self.settle_seconds:
            return 0.0
        stamp, since = self._first_seen.get(source.path, (None, monotonic))
        if stamp != source.stamp:
            since = monotonic
            self._first_seen[source.path] = (source.stamp, since)
        by_watching = self.settle_seconds - (monotonic - since)
        by_age = self.settle_seconds - age if believe_mtime and age >= 0 else by_watching
        return max(0.0, min(by_watching, by_age))

    def forget_all_but(self, paths: Iterable[Path]) -> None:
        """Drop what is no longer awaited."""
        keep = set(paths)
        self._first_seen = {path: seen for path, seen in self._first_seen.items() if path in keep}
