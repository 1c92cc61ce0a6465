"""What a format of files is, and what its readers are given and give back."""

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
    """What a file is read for, and how."""

    day: Day
    table: Table
    sizes: Sizes = field(default_factory=Sizes)
    missing: MissingValues = NO_VALUE
    expansion: Expansion = USUAL


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found in one file, and its columns, after aliases and in their order."""

    tally: Tally
    columns: tuple[str, ...]
    taken: int = 0  # bytes that the values of a format take that unpacks them

    def merge(self, *others: "Counted") -> "Counted":
        """Return what was found in all ranges of one file, in their order, which is that of the columns."""
        parts = (self, *others)
        known = dict.fromkeys(part.columns for part in parts if part.columns)
        together = tuple(dict.fromkeys(name for columns in known for name in columns))
        return Counted(
            Tally().merge(*(part.tally for part in parts)),
            next(iter(known)) if len(known) == 1 else together,  # a header may name a column twice
            sum(part.taken for part in parts),
        )


NOTHING = Counted(Tally(), ())
Told = Callable[[int], None]  # hears how many bytes more have been read


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in several files together, and the columns of each, after aliases and in their order."""

    tally: Tally
    columns: tuple[tuple[str, ...], ...]
    distinct: Mapping[str, int] = field(default_factory=dict)  # of ids that were counted apart from the tally


@dataclass(frozen=True, slots=True)
class Range:
    """The bytes ``[start, end)`` of a file, the ``number``-th of its ranges."""

    number: int
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.end - self.start


ReadRange = Callable[[Readable, Range], Counted]


@dataclass(frozen=True, slots=True)
class Cut:
    """A file as ranges that are read apart, in any process: ``read`` can be sent there.

    ``finish`` makes the file's columns of those that its ranges have and of the bytes that they took.
    """

    ranges: tuple[Range, ...]
    read: ReadRange
    finish: Callable[[tuple[str, ...], int], tuple[str, ...]]


def as_ranges(bounds: Iterable[tuple[int, int]]) -> tuple[Range, ...]:
    """Return the ranges of a file, numbered."""
    return tuple(Range(number, start, end) for number, (start, end) in enumerate(bounds))


def as_they_are(columns: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return columns that need nothing to be done."""
    del taken
    return columns


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``cut`` says how an open file is read by ranges; ``rows`` yields it as CSV in UTF-8.

    Without ``rows`` the files are CSV themselves. All raise NotCsvError where a file is none of the format.
    """

    name: str  # as contracts and ``exporter.template.FORMATS`` call it
    cut: Callable[[Readable, Work], Cut]
    rows: Callable[[Readable], Iterator[bytes]] | None = None
    is_text: bool = True  # so that it has an encoding

    def read(self, file: Readable, work: Work, threads: int, told: Told) -> Counted:
        """Profile an open file over so many threads."""
        cut = self.cut(file, work)

        def read(span: Range) -> Counted:
            counted = cut.read(file, span)
            told(span.size)
            return counted

        found = NOTHING.merge(*run_all(read, cut.ranges, threads))
        return Counted(found.tally, cut.finish(found.columns, found.taken), found.taken)


def run_all(work: Callable[[Given], Result], given: Sequence[Given], threads: int) -> list[Result]:
    """Do all work, over so many threads; results are in order."""
    if threads <= 1 or len(given) <= 1:
        return [work(one) for one in given]
    with ThreadPoolExecutor(min(threads, len(given)), thread_name_prefix="range") as pool:
        return list(pool.map(work, given))
