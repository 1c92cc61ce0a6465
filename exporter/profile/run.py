"""Profile a file: the one entry to this package."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from exporter.model import Day, Profile, SourceFile, Stamp
from exporter.profile.columns import tally_columns
from exporter.profile.grammar import BOM, LONGEST_HEADER, read_header
from exporter.profile.plan import Scan, plan
from exporter.profile.records import Batch, Sizes, read_batches
from exporter.profile.tally import Tally
from exporter.profile.window import FileChanged, Span, Window

__all__ = ["SPEC_VERSION", "FileChanged", "begin_scan", "open_source", "profile_file", "tally_range"]

SPEC_VERSION = 1
"""Raised when the meaning of any figure changes: profiles of another version are made again."""


def profile_file(
    source: SourceFile, day: Day, *, aliases: Mapping[str, str], threads: int = 1, sizes: Sizes | None = None
) -> Profile:
    """Read a file once, by ranges over ``threads``, and return what was found in it.

    Raises OSError where the file cannot be read; NotCsvError (an OSError) where its first line never ends;
    FileChanged (an OSError) where it is not, or does not stay, the file that ``source.stamp`` describes.
    Memory depends on ``threads``, ``sizes`` and the number of distinct transaction ids, not on the file.
    """
    with open_source(source) as descriptor:
        scan = begin_scan(descriptor, source, day, aliases, sizes or Sizes())
        spans = plan(descriptor, source.stamp.size, scan)
        total = Tally().merge(*_map(partial(tally_range, descriptor, scan), spans, threads))
    return total.seal(scan.header.columns, day)


@contextmanager
def open_source(source: SourceFile) -> Iterator[int]:
    """Open a file for ``os.pread``, and make sure that it is and stays the one that was found."""
    descriptor = os.open(source.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _check(descriptor, source)
        yield descriptor
        _check(descriptor, source)
    finally:
        os.close(descriptor)


def begin_scan(
    descriptor: int, source: SourceFile, day: Day, aliases: Mapping[str, str], sizes: Sizes | None = None
) -> Scan:
    """Read the header."""
    data = os.pread(descriptor, len(BOM) + LONGEST_HEADER + 2, 0)
    return Scan(read_header(data, aliases), source.stage, day, sizes or Sizes())


def tally_range(descriptor: int, scan: Scan, span: Span) -> Tally:
    """Count the records of one range. Raises FileChanged where the file ends early."""
    window = Window(descriptor, span.start, span.end)
    tally = Tally(repaired_bytes=scan.header.repaired_bytes)
    if span.start == 0:
        window.fill(scan.header.length)
        window.drop(scan.header.length)
    columns = scan.columns
    batches = read_batches(window, scan.grammar, tuple(sorted(columns.values())), scan.sizes)
    tally = tally.merge(*(_tally_batch(batch, columns, scan.day) for batch in batches))
    digest = Tally(digests={span.start: (span.end - span.start, window.digest.digest())})
    return tally.merge(digest)


def _tally_batch(batch: Batch, columns: Mapping[str, int], day: Day) -> Tally:
    rest = Tally(rows=batch.malformed, malformed_rows=batch.malformed, repaired_bytes=batch.repaired_bytes)
    if batch.table is None or batch.table.num_rows == 0:
        return rest
    values = {name: batch.table.column(str(position)) for name, position in columns.items()}
    return rest.merge(tally_columns(values, batch.table.num_rows, day))


def _check(descriptor: int, source: SourceFile) -> None:
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(source.path))
    found = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    if found != source.stamp:
        raise FileChanged(source.path)


def _map(tally: "partial[Tally]", spans: list[Span], threads: int) -> list[Tally]:
    if threads <= 1 or len(spans) <= 1:
        return [tally(span) for span in spans]
    with ThreadPoolExecutor(min(threads, len(spans)), thread_name_prefix="range") as pool:
        return list(pool.map(tally, spans))
