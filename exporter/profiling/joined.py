"""Several files of a day as one: their merged tallies, their columns, their rows under one header."""

import errno
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from exporter.feed import Form
from exporter.model import PartFile
from exporter.places.readable import Readable
from exporter.plain import plain
from exporter.profiling.compression import PIECE
from exporter.profiling.grammar import BOM, LONGEST_HEADER, NEWLINE, NotCsvError, read_header
from exporter.profiling.tally import FILE_BITS, Tally

MOST_NAMED = 20  # parts that differ


@dataclass(frozen=True, slots=True)
class Rows:
    """An open CSV file in UTF-8, and its form. ``by_record``: converted from a file with other lines."""

    file: Readable
    form: Form
    by_record: bool = False


Opened = Callable[[PartFile], AbstractContextManager[Rows]]


def placed(tally: Tally, number: int) -> Tally:
    """Return a file's tally as that of the ``number``-th of several."""
    if not number:
        return tally
    return replace(tally, parts={(number << FILE_BITS) + place: part for place, part in tally.parts.items()})


def named(error: NotCsvError, name: str) -> NotCsvError:
    """Name the file among several."""
    return type(error)(error.errno, f"{plain(name)}: {error.strerror}")


def join_columns(columns: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return all columns of files by name, and how some differ from most; empty files are ignored."""
    known = {name: found for name, found in columns.items() if found}
    if len({frozenset(found) for found in known.values()}) <= 1:
        return next(iter(known.values()), ()), {}
    usual = Counter(map(frozenset, known.values())).most_common(1)[0][0]
    together = tuple(dict.fromkeys(name for found in known.values() for name in found))
    differing = {
        plain(name): _difference(found, usual) for name, found in known.items() if frozenset(found) != usual
    }
    return together, dict(list(differing.items())[:MOST_NAMED])


def _difference(found: tuple[str, ...], usual: frozenset[str]) -> str:
    lacking, more = sorted(usual.difference(found)), [name for name in found if name not in usual]
    words = [f"lacks {', '.join(map(plain, lacking))}"] if lacking else []
    words += [f"has {', '.join(map(plain, more))}"] if more else []
    return " and ".join(words)


def joined(parts: Sequence[PartFile], opened: Opened) -> Iterator[bytes]:
    """Yield the rows of CSV files under one header. Raises NotCsvError if headers differ."""
    header: tuple[str, ...] | None = None
    for part in parts:
        with opened(part) as rows:
            file, form = rows.file, rows.form
            data = file.read(len(BOM) + LONGEST_HEADER + 2, 0)
            found = read_header(data, {}, form.delimiter, form.quote)
            if not found.columns:
                continue
            if header is not None and found.columns != header:
                name = plain(part.path.name)
                raise NotCsvError(errno.EILSEQ, f"the columns of {name} are not those of the part before it")
            yield from _ended(file, 0 if header is None else found.length)
            header = found.columns


def _ended(file: Readable, place: int) -> Iterator[bytes]:
    """Yield a file's bytes, with a line end if the last line has none."""
    piece = b"\n"
    file.expect(place, file.size)
    while data := file.read(PIECE, place):
        piece = data
        place += len(data)
        yield piece
    if NEWLINE.fullmatch(piece[-1:]) is None:
        yield b"\n"
