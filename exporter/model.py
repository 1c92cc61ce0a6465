"""The types. Everything that passes between stages is one of these frozen values.

A *partition* is one calendar day of the pipeline. A *stage* is upstream's output for it at one step:
raw events, clean events, rejects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

Partition = date

NANOSECONDS = 1_000_000_000
HOUR_NS = 3600 * NANOSECONDS
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)


def period_of(weekdays: Collection[object]) -> timedelta:
    """Return the time between the partitions of a feed that has one on these days of the week.

    More than one day of the week are a daily feed with gaps.
    """
    return ONE_WEEK if len(weekdays) == 1 else ONE_DAY


class Stage(StrEnum):
    """A step of the pipeline that leaves one file per partition."""

    RAW = "raw"
    CLEAN = "clean"
    REJECTS = "rejects"


SCHEMA_MISMATCH_REASON = "schema_mismatch_missing_columns"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's ``stat``: equal stamps mean that the file was not changed in between."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Place:
    """How object storage is accessed; the beginning of a file's path says where it is.

    It contains no secrets: credentials come from the environment. ``endpoint`` and ``region`` are those of a
    service other than the provider's own. A request that does not succeed in ``timeout`` seconds is
    repeated, with ``attempts`` in all.
    """

    endpoint: str = ""
    region: str = ""
    timeout: float = 20.0
    connect_timeout: float = 5.0
    attempts: int = 4


HERE = Place()


@dataclass(frozen=True, slots=True)
class PartFile:
    """One of the files of a day: everything needed to open it in any process."""

    path: Path
    stamp: Stamp
    place: Place = HERE


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the data directory that belongs to a partition and a stage.

    Several files, the ``parts``, count as one: ``path`` is then their folder, or the first of them, and
    ``stamp`` has the sum of their sizes and the newest of their times.
    """

    partition: Partition
    stage: Stage
    path: Path
    stamp: Stamp
    fault: str | None = None  # why it cannot be read: a folder, a pipe, a broken link
    parts: tuple[PartFile, ...] = ()
    touched_ns: int = 0  # when a part was last added to the folder or removed
    awaits: str | None = None  # why it is incomplete
    place: Place = HERE

    @property
    def files(self) -> tuple[PartFile, ...]:
        """Return the parts, or the one file."""
        return self.parts or (PartFile(self.path, self.stamp, self.place),)


@dataclass(frozen=True, slots=True)
class Day:
    """A partition's bounds in absolute time: ``[start, end)`` in nanoseconds since the epoch.

    ``zone`` is the timezone of timestamps without one. Days of a clock change have 23 or 25 hours.
    """

    partition: Partition
    start_ns: int
    end_ns: int
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class ColumnFigures:
    """What is known of one column of one file.

    ``numbers`` are its type's figures by name; unknown ones are absent. ``values`` are the rows by
    value, for categories; ``values_overflow`` those whose value did not fit the bound.
    """

    type: str
    numbers: Mapping[str, float]
    values: Mapping[str, int] = field(default_factory=dict)
    values_overflow: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)  # unreadable rows by what they look like
    placeholders: Mapping[str, int] = field(default_factory=dict)  # rows by placeholder of a date


NO_NAME = ""
"""The name for rows without a value."""


@dataclass(frozen=True, slots=True)
class Split:
    """A total of one file by value of one column; ``metric`` is what exposes the total.

    ``type`` is the column's; for a ``url`` the values are hosts. ``rows`` are those in the total, by
    value, ``NO_NAME`` if there is none; those whose name did not fit the bound are ``overflow``.
    ``amounts`` are what they add up to, or ``None`` if the rows themselves are the total.
    """

    metric: str
    column: str
    type: str
    rows: Mapping[str, int]
    overflow: int = 0
    amounts: Mapping[str, float] | None = None
    amounts_overflow: float = 0.0
    of: str = ""  # the summed column, if the metric has a sample per column


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of one file. Counts are rows unless stated; times are nanoseconds since the epoch.

    ``None`` means unknown (no parseable timestamp, a file without rows), never zero.
    """

    fingerprint: str  # of the bytes that were read
    columns: tuple[str, ...]  # of the header, trimmed, after aliases, in file order
    rows: int  # records, malformed ones included
    malformed_rows: int
    missing: Mapping[str, int]  # by required column
    event_time: str | None  # the column that says when, or ``None`` if none does
    unparseable_timestamps: int
    timestamp_shapes: Mapping[str, int]  # of the unparseable ones, by shape
    timestamp_shapes_overflow: int
    out_of_day_rows: int
    first_event_ns: int | None
    last_event_ns: int | None
    longest_silence_seconds: int | None
    reasons: Mapping[str, int]  # rejects only: by reason, detail cut off
    reasons_overflow: int
    invalid_utf8_lines: int  # lines, including the header's, with bytes that are not text: invalid UTF-8, NUL
    malformed_fields: Mapping[str, int]  # malformed records by how many fields they have
    malformed_lines: tuple[int, ...]  # where the first malformed records begin, lines counted from 1
    repeated_headers: int  # records that repeat the header; they are not rows
    repeated_header_lines: tuple[int, ...]  # of the first of them
    truncated: bool  # the file ends within a record
    figures: Mapping[str, ColumnFigures] = field(default_factory=dict)  # by column that has a type
    duplicate_keys: int | None = None  # rows whose key occurred before; None: no key, or too many
    packs: Mapping[str, object] = field(default_factory=dict)  # what each pack of the table found
    constants: Mapping[str, int] = field(default_factory=dict)  # rows by column whose rows have one value
    unread: Mapping[str, int] = field(
        default_factory=dict
    )  # rows with a value of a column that no figure needs, if they have one value at most
    placeholders: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # rows by column, by word
    looks: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # rows by column, see profiling.looks
    odd_bytes: Mapping[str, int] = field(default_factory=dict)  # in the lines that are not text, by kind
    silence_start_ns: int | None = None  # when the longest silence began, to the minute
    hours: tuple[int, ...] = ()  # rows by hour of the day, counted from its start; empty: no event time
    answers: Mapping[str, float] = field(default_factory=dict)  # to the contract's queries, by name
    unanswered: Mapping[str, str] = field(default_factory=dict)  # why others have no result, by name
    differing_parts: Mapping[str, str] = field(default_factory=dict)  # differences of columns, by part's name
    splits: tuple[Split, ...] = ()  # totals by value of a column
    empty_rows: int = 0  # records of nothing but delimiters, as spreadsheets write; they are not rows
    odd_records: Mapping[str, int] = field(
        default_factory=dict
    )  # malformed records by what they are, if known

    @property
    def good_rows(self) -> int:
        """How many records have as many fields as the header."""
        return self.rows - self.malformed_rows


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What is known of one stage of one partition. ``profile`` is ``None`` where the file cannot be read."""

    size_bytes: int
    updated_ns: int
    arrival_ns: int | None  # of the first content with rows; None: unknown
    profile: Profile | None
    error: str | None = None  # why it cannot be read
    arrival_clock: str = "mtime"  # what the arrival was read from: mtime, or seen by the exporter
    identity: str = ""  # a digest of the profile's figures, if already known


@dataclass(frozen=True, slots=True)
class DqClaim:
    """The rows that the newest DQ summary claims for a partition."""

    raw: int
    clean: int
    rejects: int


@dataclass(frozen=True, slots=True)
class TaskRun:
    """The latest run of one task for one partition, as ``puffy-exporter task run`` recorded it."""

    task: str
    started_at: datetime
    ended_at: datetime | None  # None: still running, or never ended
    exit_code: int | None
    usual_seconds: float | None = None  # median of the successful runs before it, of any partition
    succeeded_at: datetime | None = None  # end of the newest successful run for the same partition
    unended: bool = False  # without an end for longer than a run can take

    @property
    def seconds(self) -> float | None:
        """How long the run took; ``None`` without an end."""
        return None if self.ended_at is None else max(0.0, (self.ended_at - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Replaced:
    """The content that a stage's file had before it was last replaced, and when that was noticed."""

    stage: Stage
    at_ns: int
    before: Profile


@dataclass(frozen=True, slots=True)
class Gone:
    """A stage's file that was read and no longer exists: when it had arrived, if known, and what it held."""

    stage: Stage
    arrival_ns: int | None
    before: Profile


@dataclass(frozen=True, slots=True)
class EventChanges:
    """How a day's events differ from those of the days before."""

    vanished: Mapping[str, float] = field(default_factory=dict)  # usual rows per day, by name
    appeared: Mapping[str, int] = field(default_factory=dict)  # rows, by name
    lost_orders: float | None = None  # usual orders a day, if there are none


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """Everything known of one partition before anything is computed from it."""

    day: Day
    due_ns: int
    alertable: bool
    stages: Mapping[Stage, StageFacts] = field(default_factory=dict)
    dq: DqClaim | None = None
    tasks: Mapping[str, TaskRun] = field(default_factory=dict)
    content: str = ""  # identifies the files' content
    acknowledged: frozenset[str] = frozenset()  # checks acknowledged for this content
    standing: Mapping[tuple[str, str], Sequence[tuple[str, Collection[tuple[str, str]]]]] = field(
        default_factory=dict
    )
    """What was acknowledged in advance, by cause and subject: the highest severity, and to which side."""
    held: bool = False  # this content is held
    serves: bool | None = None  # a person's choice whether it is in baselines
    new_level: frozenset[str] | None = frozenset()  # checks whose new level begins here, None: all of them
    replaced: tuple[Replaced, ...] = ()  # of the stages whose content changed after it had been read
    gone: tuple[Gone, ...] = ()  # files of the stages that had been read and do not exist any more
    changes: EventChanges | None = None  # of its events compared with the days before
    beside: tuple[str, ...] = ()  # files with the day in their name that match no pattern
    beside_is: tuple[str, ...] = ()  # what each of them is, if the raw file is missing
    unsettled: bool = False  # a file of the day is still changing, so nothing is recorded yet

    @property
    def partition(self) -> Partition:
        """The calendar day."""
        return self.day.partition

    @property
    def is_readable(self) -> bool:
        """Whether the raw file exists and has been read: only then is the day a member of others' windows."""
        raw = self.stages.get(Stage.RAW)
        return raw is not None and raw.profile is not None
