"""One file as columns of text: a limited number of bytes, and never an exception for its content."""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unicodedata import category

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from exporter.errors import UserError, reason_of
from exporter.places.local import LocalFile
from exporter.places.readable import Readable
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.run import FORMATS
from exporter.profiling.strings import nothing
from exporter.profiling.unpack import READERS, temporary, unpacked
from exporter.sniff.dialect import SAMPLE_BYTES, Dialect, Sample, decode, records
from exporter.sniff.walk import Found
from exporter.template import ending_of, format_of

MOST_BYTES = 64 * 1024 * 1024
_UNWRITABLE = frozenset(("Cc", "Cs", "Zl", "Zp"))
Texts = Any  # a chunked array of strings, unknown to the stubs


@dataclass(frozen=True, slots=True)
class Rows:
    """A file's columns, with trimmed names in file order. ``cut``: only a part was read."""

    columns: dict[str, Texts]
    count: int
    malformed: int = 0
    cut: bool = False
    doubled: frozenset[str] = frozenset()  # duplicate column names; the first counts


def read_sample(found: Found, name: str) -> Sample:
    """Read a file's first bytes, or those of the first non-empty part. Raises UserError."""
    samples = (Sample(name, _read(path, name, SAMPLE_BYTES)) for path in found.paths)
    return next((sample for sample in samples if sample.is_filled), Sample(name, b""))


def read_rows(found: Found, name: str, dialect: Dialect, most: int = MOST_BYTES) -> Rows:
    """Read the columns of a file or its parts as text. Records of another width are only counted.

    Raises UserError if the file cannot be read.
    """
    tables = []
    for path in found.paths:
        tables.append(_read_rows(path, name, dialect, most))
        most -= min(most, _size(path))
        if most <= 0:
            break
    return tables[0] if len(tables) == 1 else _joined(tables, cut=len(tables) < len(found.paths))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # deleted since it was read
        return 0


def _joined(tables: Sequence[Rows], *, cut: bool) -> Rows:
    """Return the rows of several files as one; a column absent from a file is missing in its rows."""
    names = dict.fromkeys(name for rows in tables for name in rows.columns)
    columns = {
        name: pa.chunked_array(
            [
                chunk
                for rows in tables
                for chunk in (rows.columns[name].chunks if name in rows.columns else [nothing(rows.count)])
            ],
            pa.string(),
        )
        for name in names
    }
    return Rows(
        columns,
        sum(rows.count for rows in tables),
        sum(rows.malformed for rows in tables),
        cut or any(rows.cut for rows in tables),
        frozenset(name for rows in tables for name in rows.doubled),
    )


def _read_rows(path: Path, name: str, dialect: Dialect, most: int) -> Rows:
    data = _read(path, name, most + 1)
    cut = len(data) > most
    if cut:
        end = data.rfind(b"\n", 0, most) + 1
        data = data[:end] if end else data[:most]
    data = _plain(data).strip(b"\r\n")
    head = records(data[:SAMPLE_BYTES], dialect.delimiter)
    if not head:
        return Rows({}, 0)
    names = [name.strip() for name in head[0]]
    table, malformed = _parse(data, name, dialect.delimiter, len(names))
    table = _without_headers(table, names)
    columns: dict[str, Texts] = {}
    for place, column in enumerate(names):
        if _is_name(column) and column not in columns:
            columns[column] = table.column(place)
    doubled = frozenset(name for name in columns if names.count(name) > 1)
    return Rows(columns, table.num_rows, malformed, cut, doubled)


def _is_name(column: str) -> bool:
    """Return whether a name is non-empty and can be in a contract: no control characters or line ends."""
    return bool(column) and not any(category(letter) in _UNWRITABLE for letter in column)


def _read(path: Path, name: str, most: int) -> bytes:
    """Return a file's first bytes as CSV: decompressed, and converted from other formats."""
    try:
        with path.open("rb") as file:
            return _head(LocalFile(file.fileno()), path.name, most)
    except NotCsvError as error:
        raise UserError(f"{name}: {error.strerror}") from None
    except OSError as error:
        raise UserError(f"{name}: {reason_of(error)}") from None


def _head(stored: Readable, name: str, most: int) -> bytes:
    ending, form = ending_of(name), FORMATS.get(format_of(name) or "csv")
    if form is None or form.rows is None:
        return stored.read(most, 0) if ending is None else _some(READERS[ending](stored), most)
    if not form.is_text:
        with unpacked(stored, name) as plain:
            return _some(form.rows(plain), most)
    head = stored.read(most, 0) if ending is None else _some(READERS[ending](stored), most)
    whole = head if len(head) < most else head[: head.rfind(b"\n") + 1]
    with temporary() as file:  # the columns are the keys of all inspected lines
        file.write(whole)
        return _some(form.rows(LocalFile(file.fileno())), most)


def _some(pieces: Iterator[bytes], most: int) -> bytes:
    """Return the first bytes of several pieces."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


def _plain(data: bytes) -> bytes:
    """Return the bytes as valid UTF-8 without a byte order mark."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" not in data:
        try:
            data.decode()
        except UnicodeDecodeError:
            pass
        else:
            return data
    return decode(data).encode()


def _parse(data: bytes, name: str, delimiter: str, width: int) -> tuple[pa.Table, int]:
    malformed = 0

    def skip(_: object) -> Literal["skip"]:
        nonlocal malformed
        malformed += 1
        return "skip"

    names = [str(place) for place in range(width)]
    try:
        table = pacsv.read_csv(
            io.BytesIO(data),
            read_options=pacsv.ReadOptions(column_names=names, block_size=max(len(data) + 1, 1 << 16)),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
    except (pa.ArrowException, ValueError) as error:
        raise UserError(f"{name}: cannot be read as CSV: {' '.join(str(error).split())[:200]}") from None
    return table, malformed


def _without_headers(table: pa.Table, names: list[str]) -> pa.Table:
    """Remove the header, and repeated ones in concatenated files."""
    repeats: Any = None
    for place, name in enumerate(names):
        same = pc.equal(pc.utf8_trim_whitespace(table.column(place)), pa.scalar(name))
        repeats = same if repeats is None else pc.and_(repeats, same)
    return table if repeats is None else table.filter(pc.invert(repeats))
