"""What a file format is, with its readers' input and output."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from exporter.feed import Table
from exporter.model import Day
from exporter.places.readable import Readable
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.records import Sizes
from exporter.profiling.tally import Tally
from exporter.profiling.unpack import USUAL, Expansion

Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Work:
    """The settings for reading a file."""

    day: Day
    table: Table
    sizes: Sizes = field(default_factory=Sizes)
    missing: MissingValues = NO_VALUE
    expansion: Expansion = USUAL


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one file, and its columns, after aliases and in order."""

    tally: Tally
    columns: tuple[str, ...]
    taken: int = 0  # bytes of the unpacked values, for formats that unpack them

    def merge(self, *others: "Counted") -> "Counted":
        """Return the counts of all ranges of one file, in order, which also orders the columns."""
        parts = (self, *others)
        known = dict.fromkeys(part.columns for part in parts if part.columns)
        together = tuple(dict.fromkeys(name for columns in known for name in columns))
        return Counted(
            Tally().merge(*(part.tally for part in parts)),
            next(iter(known)) if len(known) == 1 else together,  # a header may name a column twice
            sum(part.taken for part in parts),
        )


NOTHING = Counted(Tally(), ())
Advance = Callable[[int], None]  # called with the number of bytes read since


@dataclass(frozen=True, slots=True)
class Found:
    """The counts of several files together, and the columns of each, after aliases and in order."""

    tally: Tally
    columns: tuple[tuple[str, ...], ...]
    distinct: Mapping[str, int] = field(default_factory=dict)  # of ids counted separately from the tally


@dataclass(frozen=True, slots=True)
class Range:
    """The bytes ``[start, end)`` of a file, the ``number``-th of its ranges."""

    number: int
    start: int
    end: int

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.end - self.start


ReadRange = Callable[[Readable, Range], Counted]


@dataclass(frozen=True, slots=True)
class Cut:
    """A file as ranges that are read separately, in any process: ``read`` is picklable.

    ``finish`` derives the file's columns from those of its ranges and from the bytes that they took.
    """

    ranges: tuple[Range, ...]
    read: ReadRange
    finish: Callable[[tuple[str, ...], int], tuple[str, ...]]


def as_ranges(bounds: Iterable[tuple[int, int]]) -> tuple[Range, ...]:
    """Return the ranges of a file, numbered."""
    return tuple(Range(number, start, end) for number, (start, end) in enumerate(bounds))


def as_they_are(columns: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return columns unchanged."""
    del taken
    return columns


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``cut`` splits an open file into ranges; ``rows`` yields it as CSV in UTF-8.

    Without ``rows`` the files are CSV themselves. All raise NotCsvError if a file has another format.
    """

    name: str  # its name in contracts and ``exporter.template.FORMATS``
    cut: Callable[[Readable, Work], Cut]
    rows: Callable[[Readable], Iterator[bytes]] | None = None
    is_text: bool = True  # and so has an encoding

    def read(self, file: Readable, work: Work, threads: int, advance: Advance) -> Counted:
        """Profile an open file with some threads."""
        cut = self.cut(file, work)

        def read(span: Range) -> Counted:
            counted = cut.read(file, span)
            advance(span.size)
            return counted

        found = NOTHING.merge(*run_all(read, cut.ranges, threads))
        return Counted(found.tally, cut.finish(found.columns, found.taken), found.taken)


def run_all(work: Callable[[Given], Result], given: Sequence[Given], threads: int) -> list[Result]:
    """Do all work with some threads; results are in order."""
    if threads <= 1 or len(given) <= 1:
        return [work(one) for one in given]
    with ThreadPoolExecutor(min(threads, len(given)), thread_name_prefix="range") as pool:
        return list(pool.map(work, given))
