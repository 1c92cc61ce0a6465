"""Profile a file: the one entry to this package."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from exporter.feed import Form, Table
from exporter.model import Day, PartFile, Profile, SourceFile, Stamp
from exporter.profiling.columns import packs_of, tally_columns
from exporter.profiling.form import refuse_other_forms
from exporter.profiling.grammar import BOM, LONGEST_HEADER, NotCsvError, UnpackError, read_header
from exporter.profiling.headers import Repeats, take_out
from exporter.profiling.joined import Counted, join_columns, joined, named, placed, run_all
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.names import Names
from exporter.profiling.plan import Scan, plan
from exporter.profiling.records import Batch, Sizes, read_batches
from exporter.profiling.tally import FIRST, WHOLE, Part, Tally
from exporter.profiling.unpack import USUAL, Expansion, temporary, unpacked, write_pieces
from exporter.profiling.window import FileChanged, Span, Window

PLAIN = Form()
MERGED = 4  # tallies that are merged together, which is faster than one by one

__all__ = ["SPEC_VERSION", "FileChanged", "begin_scan", "open_source", "profile_file", "tally_range"]

SPEC_VERSION = 4
"""Raised when the meaning of any figure changes: profiles of another version are made again."""


def profile_file(
    source: SourceFile,
    day: Day,
    *,
    table: Table,
    missing: MissingValues = NO_VALUE,
    threads: int = 1,
    sizes: Sizes | None = None,
    expansion: Expansion = USUAL,
) -> Profile:
    """Read a file of a table once, or all of its parts, over ``threads``, and return what was found in it.

    Raises OSError where the file cannot be read; NotCsvError (an OSError) where it is no file of this feed;
    FileChanged (an OSError) where it is not, or does not stay, the file that ``source.stamp`` describes.
    Memory depends on ``threads``, ``sizes``, and the distinct keys and ids that are counted, not on the file.
    """
    files = source.files
    work = Work(day, table, sizes or Sizes(), missing, expansion)
    abreast = max(1, min(threads, len(files)))
    read = partial(_read_part, work, threads // abreast, several=len(files) > 1)
    found = run_all(read, list(enumerate(files)), abreast)
    nothing = tally_columns({}, 0, table, day, missing)
    total = nothing.merge(*(counted.tally for counted in found))
    names = [part.path.name for part in files]
    columns, differing = join_columns(dict(zip(names, (one.columns for one in found), strict=True)))
    return replace(total.seal(columns, table, day), differing_parts=differing)


@dataclass(frozen=True, slots=True)
class Work:
    """What a file is read for, and how."""

    day: Day
    table: Table
    sizes: Sizes
    missing: MissingValues
    expansion: Expansion


def _read_part(work: Work, threads: int, numbered: tuple[int, PartFile], *, several: bool) -> Counted:
    number, part = numbered
    try:
        with open_part(part, work.table.form, work.expansion) as descriptor:
            counted = _read_csv(descriptor, work, threads)
    except NotCsvError as error:
        raise named(error, part.path.name) if several else error from None
    return Counted(placed(counted.tally, number), counted.columns)


def _read_csv(descriptor: int, work: Work, threads: int) -> Counted:
    scan = begin_scan(descriptor, work.day, work.table, sizes=work.sizes, missing=work.missing)
    spans = plan(descriptor, os.fstat(descriptor).st_size, scan)
    found = run_all(partial(tally_range, descriptor, scan), spans, threads)
    return Counted(Tally().merge(*found), scan.header.columns)


@contextmanager
def open_source(source: SourceFile, form: Form = PLAIN, expansion: Expansion = USUAL) -> Iterator[int]:
    """Open a file for ``os.pread``, and make sure that it is and stays the one that was found.

    Of a compressed file its plain bytes are read: figures and fingerprint are those of the file that it was.
    Text of another encoding than UTF-8 is given in UTF-8, and parts behind each other under one header.
    Raises NotCsvError where their headers differ.
    """
    if not source.parts:
        with open_part(source.files[0], form, expansion) as descriptor:
            yield descriptor
        return
    with temporary() as file:
        opened = partial(open_part, form=form, expansion=expansion)
        write_pieces(joined(source.parts, form, opened), file.fileno())
        yield file.fileno()


@contextmanager
def open_part(part: PartFile, form: Form = PLAIN, expansion: Expansion = USUAL) -> Iterator[int]:
    """Open one file as ``open_source`` does."""
    descriptor = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _check(descriptor, part)
        try:
            with unpacked(descriptor, part.path.name, expansion, form.encoding) as plain:
                yield plain
        except UnpackError:
            _check(descriptor, part)  # what is still being written is not whole, and is no fault
            raise
        _check(descriptor, part)
    finally:
        os.close(descriptor)


def begin_scan(
    descriptor: int,
    day: Day,
    table: Table,
    *,
    sizes: Sizes | None = None,
    missing: MissingValues = NO_VALUE,
) -> Scan:
    """Read the header. Raises NotCsvError where the file has another form than this feed's."""
    data = os.pread(descriptor, len(BOM) + LONGEST_HEADER + 2, 0)
    header = read_header(data, table.aliases, table.form.delimiter, table.form.quote)
    refuse_other_forms(data, header, table)
    return Scan(header, table, day, sizes or Sizes(), missing)


def tally_range(descriptor: int, scan: Scan, span: Span) -> Tally:
    """Count the records of one range. Raises FileChanged where the file ends early."""
    window = Window(descriptor, span.start, span.end)
    found: list[Tally] = []
    lines = 0
    if span.start == 0:
        window.fill(scan.header.length)
        window.drop(scan.header.length)
        found.append(Tally(invalid_utf8_lines=int(scan.header.invalid_utf8)))
        lines = scan.header.lines if scan.header.columns else 0
    columns = scan.columns
    malformed: list[int] = []
    repeats: list[int] = []
    cut = WHOLE
    for batch in read_batches(window, scan.grammar, tuple(sorted(columns.values())), scan.sizes):
        tally, repeated = _tally_batch(batch, columns, scan)
        found.append(tally)
        if len(found) > MERGED:
            found = [Tally().merge(*found)]
        malformed += [lines + line for line in batch.malformed.lines[: FIRST - len(malformed)]]
        repeats += [lines + line for line in repeated.lines[: FIRST - len(repeats)]]
        lines += batch.lines
        cut = batch.cut
    part = Part(
        length=span.end - span.start,
        digest=window.digest.digest(),
        lines=lines,
        malformed_lines=tuple(malformed),
        repeated_header_lines=tuple(repeats),
        cut=cut,
    )
    return Tally(parts={span.start: part}).merge(*found)


def _tally_batch(batch: Batch, columns: Mapping[str, int], scan: Scan) -> tuple[Tally, Repeats]:
    malformed = batch.malformed
    rest = Tally(
        rows=malformed.count,
        malformed_rows=malformed.count,
        malformed_fields=Names.bounded(malformed.fields),
        invalid_utf8_lines=batch.odd.lines,
        odd_bytes=batch.odd.octets,
        packs={
            pack.name: pack.malformed(malformed.holding[pack.needle])
            for pack in packs_of(scan.table)
            if pack.needle is not None and malformed.count
        },
    )
    if batch.table is None or batch.table.num_rows == 0:
        return rest, Repeats()
    values = {name: batch.table.column(str(position)) for name, position in columns.items()}
    tally = tally_columns(values, batch.table.num_rows, scan.table, scan.day, scan.missing)
    repeats = take_out(values, scan.table.event_time, tally, scan.header, batch.block)
    if repeats.count:
        kept = {name: values[name].filter(repeats.others) for name in values}
        rows = batch.table.num_rows - repeats.count
        tally = tally_columns(kept, rows, scan.table, scan.day, scan.missing) if rows else Tally()
        tally = tally.merge(Tally(repeated_headers=repeats.count))
    return rest.merge(tally), repeats


def _check(descriptor: int, part: PartFile) -> None:
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(part.path))
    found = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    if found != part.stamp:
        raise FileChanged(part.path)
