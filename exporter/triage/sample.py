"""A few of the rows behind a check, in one or two streaming passes over the file."""

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterator

from exporter.feed import Table
from exporter.model import Day, SourceFile
from exporter.triage.evidence import Evidence
from exporter.triage.records import Allowance, Record, read_source

SCANNED = 2_000_000  # records read: takes seconds, for any file
MOST_GROUPS = 1000  # kept at a time


def sample_records(
    source: SourceFile,
    evidence: Evidence,
    day: Day,
    most: int,
    *,
    table: Table,
    allow: Callable[[], Allowance] = Allowance,
) -> list[Record]:
    """Return up to ``most`` of the rows, in the order of ``Evidence``; none of an unreadable file.

    ``allow`` is called once per pass over the file.
    """

    def matches() -> Iterator[tuple[Hashable, Record]]:
        records = read_source(source, table, evidence.needle, allow())
        try:
            for record in itertools.islice(records, SCANNED):
                if (key := evidence.key(record, day)) is not None:
                    yield key, record
        except (OSError, csv.Error):  # what was read before is still worth showing
            return

    if evidence.repeated:
        count = Counter(hash(key) for key, _ in matches())
        return _whole(((key, record) for key, record in matches() if count[hash(key)] > 1), most)
    return _in_turns(matches(), most)


def _whole(found: Iterator[tuple[Hashable, Record]], most: int) -> list[Record]:
    """Return the rows group by group."""
    groups = _grouped(found, most)
    return list(itertools.chain.from_iterable(groups.values()))[:most]


def _in_turns(found: Iterator[tuple[Hashable, Record]], most: int) -> list[Record]:
    """Return one row of each group, then a second one of each, and so on."""
    turns = itertools.chain.from_iterable(itertools.zip_longest(*_grouped(found, most).values()))
    return [record for record in turns if record is not None][:most]


def _grouped(found: Iterator[tuple[Hashable, Record]], most: int) -> dict[Hashable, list[Record]]:
    groups: dict[Hashable, list[Record]] = {}
    for key, record in found:
        if key in groups or len(groups) < MOST_GROUPS:
            kept = groups.setdefault(key, [])
            if len(kept) < most:
                kept.append(record)
        if key == "" and len(groups[key]) >= most:  # this is the only group
            break
    return groups
