"""Files that vanish all at once were lost, not deleted: a missing mount, a broken link."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from exporter.discover.listing import Listing, Report
from exporter.model import Partition, Stage
from exporter.places.url import is_remote, shown
from exporter.store.files import Key, KnownFile

LONGEST_LOSS = 86_400.0  # seconds that upstream's own reports count as last seen
FEWEST_LOST = 3  # raw files gone at once do not count as missing days


def loss_words(
    listing: Listing, files: Mapping[Key, KnownFile], window_days: int, directory: Path
) -> str | None:
    """Describe that known raw files are gone at once, including the newest: no retention removes those.

    The newest of all may be missing by itself, or be the only one back. If a newer day exists
    than any known one, time has passed and files arrive: nothing is lost.
    """
    known = sorted(day for day, stage in files if stage is Stage.RAW)
    recent = known[-window_days:]
    if any(day > recent[-1] for day, stage in listing.files if stage is Stage.RAW and recent):
        return None
    gone = [day for day in recent if (day, Stage.RAW) not in listing.files]
    is_all = len(gone) == len(recent) > 1
    if not is_all and (len(gone) < FEWEST_LOST or 2 * len(gone) < len(recent)):
        return None
    if not is_all and len(set(gone) & set(recent[-FEWEST_LOST:])) < FEWEST_LOST - 1:
        return None
    why = "is it still the right bucket?" if is_remote(directory) else "is the volume mounted?"
    count = len(gone) if is_all else f"{len(gone)} of {len(recent)}"
    return f"{count} known raw files are gone from {shown(directory)}: {why}"


@dataclass(slots=True)
class Losses:
    """Keeps upstream's reports, which are stored nowhere else, in case all of them vanish."""

    _reports: dict[str, tuple[tuple[Report, ...], float]] = field(default_factory=dict)  # and when listed

    def keep_lost(self, listing: Listing, files: Mapping[Key, KnownFile]) -> Listing:
        """Treat files that vanished all at once as a lost folder: they count as last seen.

        ``files`` are those that were read. Days whose other files have changed or vanished too are not
        kept: somebody is working there.
        """
        lines: list[str] = []
        lost: set[Key] = set()
        there = {stage for _, stage in listing.files} | listing.unlisted
        for stage in {Stage.CLEAN, Stage.REJECTS} - there:
            known = {key for key in files if key[1] is stage and _is_untouched(key[0], listing, files)}
            if len(known) > 1:
                lost |= known
                lines.append(f"{len(known)} known {stage} files are gone; their last known state is used")
        summaries = self._last_reports("DQ summaries", listing.dq_summaries, lines)
        runs = self._last_reports("task records", listing.task_runs, lines)
        return replace(
            listing,
            dq_summaries=summaries,
            task_runs=runs,
            problems=(*sorted(lines), *listing.problems),
            lost=frozenset(lost),
            lost_folders=len(lines),
        )

    def _last_reports(self, what: str, now: tuple[Report, ...], lines: list[str]) -> tuple[Report, ...]:
        """Return upstream's reports; if all have vanished, for a while the last known ones."""
        kept, seen_at = self._reports.get(what, ((), 0.0))
        if now or not kept or time.time() - seen_at > LONGEST_LOSS:
            self._reports[what] = (now, time.time())
            return now
        lines.append(f"{len(kept)} known {what} are gone; their last known state is used")
        return kept


def _is_untouched(day: Partition, listing: Listing, files: Mapping[Key, KnownFile]) -> bool:
    """Return whether a day's existing files are those that were read, including the raw one."""
    there = [key for stage in Stage if (key := (day, stage)) in listing.files]
    return (day, Stage.RAW) in there and all(
        key in files and files[key].stamp == listing.files[key].stamp for key in there
    )
