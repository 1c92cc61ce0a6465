"""The file that a day was judged by, found again: rows are shown of no other."""

from collections.abc import Sequence
from pathlib import Path

from exporter.discover.listing import find_file
from exporter.feed import Table
from exporter.model import Partition, SourceFile, StageFacts


def find_judged(
    directory: Path,
    partition: Partition,
    known: StageFacts,
    table: Table,
    tables: Sequence[Table],
    *,
    follow_outside: bool,
) -> SourceFile | None:
    """Return the file of a stage, or ``None`` if it was not read, is gone, has changed or is refused.

    ``follow_outside``: links out of the directory are followed, as the pass does.
    """
    if known.profile is None:
        return None
    try:
        found = find_file(directory, partition, table, tables, outside=follow_outside)
    except OSError:
        return None
    if found is None or found.fault is not None:
        return None
    is_same = (found.stamp.size, found.stamp.mtime_ns) == (known.size_bytes, known.updated_ns)
    return found if is_same else None
