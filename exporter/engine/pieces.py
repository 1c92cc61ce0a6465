"""The work of other processes: count ranges of files, and merge the counts.

Functions are found there by name, so only plain values are sent.
"""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

import exporter
from exporter.engine.engine import EngineError
from exporter.model import PartFile
from exporter.places.opening import opened
from exporter.profiling.format import Counted, Range, ReadRange, Work
from exporter.profiling.ids import Ids, share, unite
from exporter.profiling.joined import placed
from exporter.profiling.run import SPEC_VERSION, check_stamp, naming, read_part
from exporter.profiling.tally import Tally

Versions = Mapping[str, str]


class Numbered(NamedTuple):
    """One of the files of a day."""

    number: int
    part: PartFile
    several: bool  # it is not the only one


@dataclass(frozen=True, slots=True)
class Piece:
    """The counts of some ranges: their ids separately, and what is known of each file by its number."""

    tally: Tally
    files: Mapping[int, Counted]  # without tallies
    ids: Mapping[str, Ids] = field(default_factory=dict)
    distinct: Mapping[str, int] = field(default_factory=dict)  # of the total, once counted

    @classmethod
    def of(cls, counted: Counted, number: int) -> "Piece":
        """Return the counts of the ``number``-th of several files."""
        rest, ids = placed(counted.tally, number).detach()
        return cls(rest, {number: Counted(Tally(), counted.columns, counted.taken)}, ids)

    def settle(self) -> "Piece":
        """Return the total, with its ids counted."""
        return Piece(self.tally, self.files, distinct={name: ids.size for name, ids in self.ids.items()})


@cache
def versions() -> Versions:
    """Return the versions that figures may depend on, by name."""
    return {
        "exporter": f"{exporter.__version__} (figures {SPEC_VERSION})",
        "Python": platform.python_version(),
        "pyarrow": pa.__version__,
        "numpy": np.__version__,
    }


def differences(here: Versions, there: Versions) -> str:
    """Describe what differs; empty if nothing does."""
    return ", ".join(
        f"{name} is {here[name]} here and {there.get(name, 'unknown')} there"
        for name in here
        if here[name] != there.get(name)
    )


def checked(expected: Versions, work: Callable[..., Piece], *given: Any) -> Piece:
    """Do some work, provided that this process has the versions that the caller expects."""
    if expected != versions():
        raise EngineError(f"worker rejected: {differences(expected, versions())}")
    return work(*given)


def count_file(numbered: Numbered, work: Work) -> Piece:
    """Count a whole file, compressed or not."""
    number, part, several = numbered
    return Piece.of(read_part(part, work, 1, lambda _: None, several=several), number)


def count_range(numbered: Numbered, read: ReadRange, span: Range) -> Piece:
    """Count one range of a file, which must not have changed since it was split."""
    number, part, several = numbered
    with naming(part, several=several), opened(part) as file:
        check_stamp(file, part)
        counted = read(file, span)
        check_stamp(file, part)
    return Piece.of(counted, number)


def fold(*pieces: Piece) -> Piece:
    """Merge pieces in order."""
    files: dict[int, Counted] = {}
    for piece in pieces:
        for number, known in piece.files.items():
            files[number] = files[number].merge(known) if number in files else known
    names = dict.fromkeys(name for piece in pieces for name in piece.ids)
    return Piece(
        Tally().merge(*(piece.tally for piece in pieces)),
        files,
        {name: unite([piece.ids[name] for piece in pieces if name in piece.ids]) for name in names},
    )


def settle(piece: Piece) -> Piece:
    """Count the ids of a piece that is the total."""
    return piece.settle()


def strip(piece: Piece) -> Piece:
    """Return a piece without its ids."""
    return Piece(piece.tally, piece.files)


def ids_of(piece: Piece) -> Mapping[str, Ids]:
    """Return only a piece's ids."""
    return piece.ids


def sizes(ids: Mapping[str, Ids]) -> Mapping[str, int]:
    """Return how many ids of each name there are."""
    return {name: some.size for name, some in ids.items()}


def pick(ids: Mapping[str, Ids], name: str, number: int, shares: int) -> Ids | None:
    """Return one share of the ids of a name."""
    some = ids.get(name)
    return None if some is None else share(some, number, shares).copy()  # a view would keep all of them


def count(*shares: Ids | None) -> int:
    """Count the distinct ids of one share of all pieces."""
    known: Sequence[Ids] = [ids for ids in shares if ids is not None]
    return int(unite(known).size)
