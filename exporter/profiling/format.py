"""What a format of files is, and what its readers are given and give back."""

from collections.abc import Callable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``read`` profiles an open file over so many threads; ``rows`` yields it as CSV in UTF-8.

    Without ``rows`` the files are CSV themselves. Both raise NotCsvError where a file is none of the format.
    """

    name: str  # as contracts and ``exporter.template.FORMATS`` call it
    read: Callable[[Readable, Work, int], Counted]
    rows: Callable[[Readable], Iterator[bytes]] | None = None
    is_text: bool = True  # so that it has an encoding


def run_all(work: Callable[[Given], Result], given: Sequence[Given], threads: int) -> list[Result]:
    """Do all work, over so many threads; results are in order."""
    if threads <= 1 or len(given) <= 1:
        return [work(one) for one in given]
    with ThreadPoolExecutor(min(threads, len(given)), thread_name_prefix="range") as pool:
        return list(pool.map(work, given))
