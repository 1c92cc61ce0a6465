"""Parquet: row groups are read separately, and only the columns needed for figures."""

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from threading import Lock
from typing import Any

import pyarrow as pa
import xxhash
from pyarrow import csv
from pyarrow import parquet as pq

from exporter.feed import Table
from exporter.places.local import LocalFile
from exporter.places.readable import PlaceError, Readable
from exporter.plain import plain
from exporter.profiling.cells import texts
from exporter.profiling.columns import columns_read
from exporter.profiling.compression import PIECE, cut_off
from exporter.profiling.form import refuse_unknown
from exporter.profiling.format import Counted, Cut, Format, Range, Work, as_ranges, as_they_are
from exporter.profiling.grammar import Header, NotCsvError, UnpackError, rename
from exporter.profiling.odd_values import spelled
from exporter.profiling.rows import places_of, tally_rows
from exporter.profiling.strings import text_array
from exporter.profiling.tally import FIRST, Part, Tally

NAME = "Parquet"
MAGIC, ENCRYPTED = b"PAR1", b"PARE"
READ_TOGETHER = 2048  # rows decoded at once: a dictionary's value may be large, and occur in each row
COUNTED_TOGETHER = 1 << 16  # rows, or as many as fit in a block
TRAILER = 8  # bytes after the footer: its length and the magic
BUFFER = 1 << 20  # bytes of a column per read


@dataclass(frozen=True)
class _File:
    """An open file, its columns after aliases, and the position of each row group."""

    stored: Readable
    table: Table
    known: Any  # pyarrow.parquet.ParquetFile

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The columns' names as written in the file."""
        return tuple(self.known.schema_arrow.names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, trimmed and after aliases."""
        return rename([name.strip() for name in self.written], self.table.aliases)

    @cached_property
    def read(self) -> Mapping[str, str]:
        """The names in the file of the columns needed for figures; the first of two with the same name."""
        return {
            name: self.written[self.columns.index(name)]
            for name in columns_read(self.table)
            if name in self.columns
        }

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """All bytes of the file, divided among the row groups.

        A group's start is not queried: for an encrypted column that crashes the process.
        """
        size, groups = self.stored.size, max(1, self.known.metadata.num_row_groups)
        return list(pairwise(size * group // groups for group in range(groups + 1)))

    @property
    def is_near(self) -> bool:
        """Whether all its bytes may be read, or only those needed for figures."""
        return isinstance(self.stored, LocalFile)

    def again(self) -> Any:
        """Open the file again, for another thread."""
        return _open(self.stored, self.known.metadata)


@dataclass(slots=True)
class _Meter:
    """Counts the bytes of values, over all threads."""

    most: int
    total: int = 0
    lock: Lock = field(default_factory=Lock)

    def add(self, size: int) -> None:
        """Add to the count. Raises UnpackError once there are too many."""
        with self.lock:
            self.total += size
        if self.total > self.most:
            raise UnpackError(errno.EFBIG, f"{NAME} file expands to more than {self.most:,} bytes, not read")


@dataclass(slots=True)
class _Share:
    """Counts the bytes of the values of one row group."""

    meter: _Meter
    total: int = 0

    def add(self, size: int) -> None:
        """Add to the count, here and for the whole file."""
        self.total += size
        self.meter.add(size)


def _cut(stored: Readable, work: Work) -> Cut:
    if stored.size == 0:
        return Cut((), _Groups(work, 0), as_they_are)
    with _telling(stored):
        file = _File(stored, work.table, _open(stored))
        refuse_unknown(file.columns, work.table, f"not a {NAME} file of this feed")
        work = replace(work, table=_as_typed(work.table, file))
        ranges = as_ranges(file.spans)
    most = work.expansion.most(stored.size)
    return Cut(ranges, _Groups(work, most, file), partial(_refuse_too_large, most))


def _refuse_too_large(most: int, columns: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return the columns. Raises UnpackError if all groups together are too large."""
    _Meter(most).add(taken)
    return columns


class _Groups:
    """Counts row groups. In another process the file's schema is read again for each group."""

    def __init__(self, work: Work, most: int, file: _File | None = None) -> None:
        self._work, self._most, self._file = work, most, file
        self._meter = _Meter(most)

    def __reduce__(self) -> tuple[type["_Groups"], tuple[Work, int]]:
        """Pickle without open files."""
        return _Groups, (self._work, self._most)

    def __call__(self, stored: Readable, span: Range) -> Counted:
        """Count one row group."""
        share = _Share(self._meter)
        with _telling(stored, span.number):
            file = self._file or _File(stored, self._work.table, _open(stored))
            found = _tally_group(file, self._work, share, span)
        return Counted(found, file.columns, share.total)


def _tally_group(file: _File, work: Work, share: _Share, span: Range) -> Tally:
    header = Header(file.columns, 0, tuple(name.strip() for name in file.written))
    settings = work.table, work.day, work.missing
    found = Tally()
    lines = 0
    repeated: list[int] = []
    seen = xxhash.xxh3_128(b"" if file.is_near or span.number else _footer(file.stored))
    for values, rows in _blocks(file, work, span.number, share):
        if not file.is_near:
            seen.update(pa.RecordBatch.from_pydict(values).serialize())
        cells, odd = spelled(values, rows)
        chunked = {name: pa.chunked_array([array]) for name, array in cells.items()}
        tally, repeats = tally_rows(chunked, rows, header, settings)
        found = found.merge(tally, Tally(invalid_utf8_lines=odd.lines, odd_bytes=odd.octets))
        repeated += [lines + place + 1 for place in places_of(repeats)][: FIRST - len(repeated)]
        lines += rows
    digest = _digest(file.stored, span) if file.is_near else seen.digest()
    part = Part(span.size, digest, lines, repeated_header_lines=tuple(repeated))
    return found.merge(Tally(parts={span.start: part}))


def _blocks(file: _File, work: Work, group: int, share: _Share) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield blocks of the read columns as texts, with their number of rows."""
    if group >= file.known.metadata.num_row_groups:
        return
    waiting: list[dict[str, Any]] = []
    rows = size = 0
    for batch in file.again().iter_batches(
        READ_TOGETHER, row_groups=[group], columns=list(file.read.values()), use_threads=False
    ):
        cells = {
            name: texts(batch.column(batch.schema.get_all_field_indices(written)[0]))
            for name, written in file.read.items()
        }
        waiting.append(cells)
        rows += batch.num_rows
        grown = sum(array.nbytes for array in cells.values())
        share.add(grown)
        size += grown
        if rows >= COUNTED_TOGETHER or size >= work.sizes.block:
            yield _together(waiting), rows
            waiting, rows, size = [], 0, 0
    if rows:
        yield _together(waiting), rows


def _together(waiting: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name: pa.concat_arrays([cells[name] for cells in waiting]) for name in waiting[0]}


def _rows(file: Readable) -> Iterator[bytes]:
    """Yield all columns as CSV."""
    if file.size == 0:
        return
    with _telling(file):
        known = _open(file)
        names = known.schema_arrow.names
        places = [str(place) for place in range(len(names))]
        yield _written(pa.table([text_array([name]) for name in names], places))
        for batch in known.iter_batches(READ_TOGETHER, use_threads=False):
            arrays, _ = spelled({place: texts(batch.column(int(place))) for place in places}, batch.num_rows)
            yield _written(pa.table([arrays[place] for place in places], places))


def _written(table: pa.Table) -> bytes:
    out: Any = pa.BufferOutputStream()
    csv.write_csv(table, out, csv.WriteOptions(include_header=False))
    written: bytes = out.getvalue().to_pybytes()
    return written


def _open(file: Readable, metadata: Any = None) -> Any:
    is_near = isinstance(file, LocalFile)  # otherwise one request per column, not per megabyte
    return pq.ParquetFile(file.arrow(), metadata=metadata, buffer_size=BUFFER, pre_buffer=not is_near)


def _footer(file: Readable) -> bytes:
    """Return the footer, which also covers columns that are not read."""
    length = int.from_bytes(file.read(4, file.size - TRAILER), "little") + TRAILER
    return file.read(length, max(0, file.size - length))


def _digest(file: Readable, span: Range) -> bytes:
    digest = xxhash.xxh3_128()
    start = span.start
    while start < span.end and (data := file.read(min(PIECE, span.end - start), start)):
        digest.update(data)
        start += len(data)
    return digest.digest()


def _as_typed(table: Table, file: _File) -> Table:
    """Return the table without time formats for columns with typed times."""
    arrow: Any = pa.types
    kinds = {name: file.known.schema_arrow.field(file.columns.index(name)).type for name in file.read}
    return replace(
        table,
        columns=tuple(
            replace(column, format=None)
            if column.name in kinds and arrow.is_temporal(kinds[column.name])
            else column
            for column in table.columns
        ),
    )


@contextmanager
def _telling(file: Readable, group: int | None = None) -> Iterator[None]:
    """Describe why a file cannot be read, without any of its values."""
    try:
        yield
    except (NotCsvError, PlaceError):
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise _fault(file, str(error), group) from None


def _fault(file: Readable, words: str, group: int | None) -> NotCsvError:
    size = file.size
    head, tail = file.read(4, 0), file.read(4, max(0, size - 4))
    if tail == ENCRYPTED or "decrypt" in words.lower():
        return UnpackError(errno.EILSEQ, f"{NAME} file is encrypted and cannot be read")
    if head != MAGIC:
        return UnpackError(errno.EILSEQ, f"not a {NAME} file, although its name says so")
    if tail != MAGIC:
        return cut_off(NAME, size)
    if group is None:
        return UnpackError(errno.EILSEQ, f"{NAME} file is damaged: {plain(words, 80)}")
    return UnpackError(errno.EILSEQ, f"{NAME} file of {size:,} bytes is damaged in row group {group + 1}")


FORMAT = Format("parquet", _cut, _rows, is_text=False)
