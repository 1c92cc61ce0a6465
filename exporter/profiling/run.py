"""Profile a file: the only entry point of this package."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from exporter.feed import Form, Table
from exporter.model import Day, PartFile, Profile, SourceFile
from exporter.places.local import LocalFile
from exporter.places.opening import opened
from exporter.places.readable import FileChanged, OpenFile, Readable
from exporter.profiling import formats
from exporter.profiling.columns import tally_columns
from exporter.profiling.format import Advance, Counted, Format, Found, Work, run_all
from exporter.profiling.grammar import NotCsvError, UnpackError
from exporter.profiling.joined import Rows, join_columns, joined, named, placed
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.records import Sizes
from exporter.profiling.scan import begin_scan, tally_range
from exporter.profiling.tally import Tally
from exporter.profiling.unpack import USUAL, Expansion, temporary, unpacked, write_pieces
from exporter.registry import constants_of
from exporter.template import format_of

PLAIN = Form()
ReadFiles = Callable[[Sequence[PartFile], Work, int, Advance], Found]
PARQUET = b"PAR1"
LOOKED_AT = 4096  # bytes read to detect a format that the name does not give


FORMATS: Mapping[str, Format] = {form.name: form for form in constants_of(formats, "FORMAT")}
"""Every format by its name."""

__all__ = ["SPEC_VERSION", "FileChanged", "begin_scan", "open_part", "profile_file", "tally_range"]

SPEC_VERSION = 8
"""Increased when the meaning of any figure changes: profiles of other versions are recomputed."""


def profile_file(
    source: SourceFile,
    day: Day,
    *,
    table: Table,
    missing: MissingValues = NO_VALUE,
    threads: int = 1,
    sizes: Sizes | None = None,
    expansion: Expansion = USUAL,
    read: ReadFiles | None = None,
    advance: Advance = lambda _: None,
) -> Profile:
    """Read a file of a table once, or all of its parts, with ``threads``, and return its profile.

    ``read`` reads the bytes elsewhere; ``advance`` is called with the number of bytes read meanwhile.

    Raises OSError if the file cannot be read; NotCsvError (an OSError) if it is not a file of this feed;
    FileChanged (an OSError) if it differs from ``source.stamp``, or changes meanwhile.
    Memory depends on ``threads``, ``sizes``, and the distinct keys and ids counted, not on the file's size.
    """
    files = source.files
    work = Work(day, table, sizes or Sizes(), missing, expansion)
    found = (read or read_files)(files, work, threads, advance)
    nothing = tally_columns({}, 0, table, day, missing)
    total = nothing.merge(found.tally).counted(found.distinct)
    if not any(set(table.key) <= set(columns) for columns in found.columns):
        total = replace(total, keys=None)
    names = [part.path.name for part in files]
    columns, differing = join_columns(dict(zip(names, found.columns, strict=True)))
    return replace(total.seal(columns, table, day), differing_parts=differing)


def read_files(files: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
    """Read the files of a day with threads of this process."""
    abreast = max(1, min(threads, len(files)))
    several = len(files) > 1

    def read(numbered: tuple[int, PartFile]) -> Counted:
        number, part = numbered
        counted = read_part(part, work, threads // abreast, advance, several=several)
        return replace(counted, tally=placed(counted.tally, number))

    found = run_all(read, list(enumerate(files)), abreast)
    return Found(Tally().merge(*(one.tally for one in found)), tuple(one.columns for one in found))


def read_part(part: PartFile, work: Work, threads: int, advance: Advance, *, several: bool) -> Counted:
    """Read one file, which is named in errors if it is one of ``several``."""
    with naming(part, several=several), open_part(part, work.table.form, work.expansion) as file:
        return format_at(file, part.path.name, work.table.form).read(file, work, threads, advance)


@contextmanager
def naming(part: PartFile, *, several: bool) -> Iterator[None]:
    """Add to errors in which of several files they occurred."""
    try:
        yield
    except NotCsvError as error:
        raise named(error, part.path.name) if several else error from None


def format_at(file: Readable, name: str, form: Form) -> Format:
    """Return the format given by the contract or a file's name, otherwise by its first bytes."""
    said = form.format or format_of(name)
    if said is not None:
        return FORMATS[said]
    head = file.read(LOOKED_AT, 0)
    if head.startswith(PARQUET):
        return FORMATS["parquet"]
    return FORMATS["ndjson" if head.lstrip().startswith(b"{") else "csv"]


@contextmanager
def open_part(part: PartFile, form: Form = PLAIN, expansion: Expansion = USUAL) -> Iterator[Readable]:
    """Open one file, and make sure that it is the one that was found, and remains so.

    For a compressed file the plain bytes are read: figures and fingerprint are those of the original file.
    Text in another encoding is converted to UTF-8.
    """
    with opened(part) as file:
        check_stamp(file, part)
        try:
            name = part.path.name
            with unpacked(file, name, expansion, _encoding(name, form)) as plain:
                yield plain
        except UnpackError:
            check_stamp(file, part)  # a file still being written is incomplete, which is not an error
            raise
        check_stamp(file, part)


@contextmanager
def open_rows(source: SourceFile, form: Form = PLAIN, expansion: Expansion = USUAL) -> Iterator[Rows]:
    """Open all rows of a day as one CSV file in UTF-8, with its form.

    Raises NotCsvError if parts differ in their columns.
    """
    open_one = partial(_open_rows, form=form, expansion=expansion)
    if not source.parts:
        with open_one(source.files[0]) as found:
            yield found
        return
    with open_one(source.files[0]) as first, temporary() as together:
        write_pieces(joined(source.parts, open_one), together.fileno())
        yield replace(first, file=LocalFile(together.fileno()))


@contextmanager
def _open_rows(part: PartFile, form: Form, expansion: Expansion) -> Iterator[Rows]:
    with (
        open_part(part, form, expansion) as file,
        _as_rows(file, part.path.name, form, expansion) as found,
    ):
        yield found


@contextmanager
def rows_at(file: Readable, name: str, form: Form, expansion: Expansion) -> Iterator[Rows]:
    """Provide the rows of an open file like ``open_rows``, without checking for changes."""
    with (
        unpacked(file, name, expansion, _encoding(name, form)) as plain,
        _as_rows(plain, name, form, expansion) as found,
    ):
        yield found


@contextmanager
def _as_rows(file: Readable, name: str, form: Form, expansion: Expansion) -> Iterator[Rows]:
    written = format_at(file, name, form)
    if written.rows is None:
        yield Rows(file, form)
        return
    most = expansion.most(file.size)
    with temporary() as rows:
        write_pieces(written.rows(file), rows.fileno(), most)
        yield Rows(LocalFile(rows.fileno()), PLAIN, by_record=True)


def _encoding(name: str, form: Form) -> str:
    said = form.format or format_of(name)
    return form.encoding if said is None or FORMATS[said].is_text else PLAIN.encoding


def check_stamp(file: OpenFile, part: PartFile) -> None:
    """Raise FileChanged if an open file is not the one that was found."""
    if file.stamp() != part.stamp:
        raise FileChanged(part.path)
