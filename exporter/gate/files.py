"""Whether the files of a day are still the judged ones."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from exporter.discover.listing import Listing, list_directory
from exporter.errors import UserError, reason_of
from exporter.feed import Feed
from exporter.model import NANOSECONDS, Partition, SourceFile, Stage, Stamp
from exporter.places.url import shown

CLOCK_ROUNDING = 0.001  # seconds; the report keeps times as doubles


class Upstream(NamedTuple):
    """The data directory, and how its files are found; see ``list_directory``.

    Who waits lists it at most every ``interval`` seconds: listing object storage costs money.
    """

    data: Path
    feed: Feed
    marker: str | None = None
    outside: bool = False
    interval: float = 0.0


def changed(upstream: Upstream, day: Partition, stages: Mapping[str, Any]) -> str | None:
    """Say which file of a day differs from the judged one, by the report's ``stages`` of the day.

    Raises UserError if the directory cannot be listed.
    """
    listing = _list(upstream)
    for stage in Stage:
        if stage in listing.unlisted:
            return f"{day}: the folder of the {stage} file cannot be listed"
        difference = _difference(listing.files.get((day, stage)), stages.get(stage, {}))
        if difference is not None:
            return f"{day}: the {stage} file {difference}"
    if upstream.marker is not None and day not in listing.markers:
        return f"{day}: its completion marker does not exist"
    return None


def changed_since(upstream: Upstream, day: Partition, at: datetime) -> str | None:
    """Say which file of a day was written after an instant, or that there is none.

    Raises UserError if the directory cannot be listed.
    """
    files = [source for source in _list(upstream).files.values() if source.partition == day]
    if not any(source.stage is Stage.RAW for source in files):
        return "its raw file is missing"
    for source in files:
        if source.stamp.mtime_ns / NANOSECONDS > at.timestamp():
            return f"its {source.stage} file is newer than the audit log's last entry about it"
    return None


def _list(upstream: Upstream) -> Listing:
    try:
        return list_directory(upstream.data, upstream.feed, marker=upstream.marker, outside=upstream.outside)
    except OSError as error:
        raise UserError(f"{shown(upstream.data)}: {reason_of(error)}") from None


def _difference(source: SourceFile | None, judged: Mapping[str, Any]) -> str | None:
    """Say how a file differs from the judged one, either of which may not exist; ``None`` if it does not."""
    if source is None:
        return "is missing" if judged.get("present") else None
    if source.awaits is not None:
        return f"is not complete: {source.awaits}"
    if not _is_judged(source.stamp, judged):
        return f"{'has changed' if judged.get('present') else 'is new'} and has not been judged yet"
    if source.fault is not None and "error" not in judged:
        return f"cannot be read: {source.fault}"
    return None


def _is_judged(stamp: Stamp, stage: Mapping[str, Any]) -> bool:
    moved = abs(stamp.mtime_ns / NANOSECONDS - stage.get("updated_timestamp_seconds", 0)) > CLOCK_ROUNDING
    return not moved and stage.get("size_bytes") == stamp.size
