r"""Where records begin and end in bytes: RFC 4180, with a rule for unclosed quotes.

Lines end with ``\n``, ``\r\n`` or a lone ``\r``. Within quotes they do not end a record, except before a line
that *proves* to start a record: by itself it has as many fields as the header, an RFC 3339 timestamp in
the timestamp's position, and quotes only around whole fields (and doubled ones within). Such a line always
starts a record, even inside quotes. So an unclosed quote damages only the record that it is in, and a
file can be split before any proven line without changing the result. The last line of a quoted
text of several lines proves nothing: its closing quote is where none is allowed.
"""

import csv
import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exporter.errors import WordedError
from exporter.profiling import utf8
from exporter.profiling.rfc3339 import parse_ns

BOM = b"\xef\xbb\xbf"
LONGEST_HEADER = 1 << 20

NEWLINE = re.compile(rb"\r\n?|\n")
# Written with a comma as the delimiter and a quotation mark as the quote; others replace them.
_FIELD = rb'(?:"(?:[^"]++|"")*+"[^,\r\n]*+|(?!")[^,\r\n]*+)'
_FIELD_OF_LINE = rb'(?:"(?:[^"\r\n]++|"")*+"[^,\r\n]*+|(?!")[^,\r\n]*+)'
_STRICT_FIELD = rb'(?:"(?:[^"\r\n]++|"")*+"(?=[,\r\n]|\Z)|[^",\r\n]*+)'
_END = rb"(?=[\r\n]|\Z)"


class NotCsvError(WordedError):
    """The bytes are not a CSV file at all."""


class UnpackError(NotCsvError):
    """A compressed file that cannot be decompressed: retrying is pointless until its bytes change."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first non-blank line of a file."""

    columns: tuple[str, ...]  # trimmed, after aliases, in file order
    length: int  # bytes up to the first byte after its line end
    cells: tuple[str, ...] = ()  # as written, trimmed
    line: bytes = b""  # as written, without byte order mark and line end
    lines: int = 1  # up to its end, including blank ones before it
    invalid_utf8: bool = False

    @property
    def width(self) -> int:
        """The number of fields of a record."""
        return len(self.columns)

    def position(self, column: str) -> int | None:
        """Return a column's position; of several with the name, the first."""
        return self.columns.index(column) if column in self.columns else None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form of a good record in one file."""

    width: int
    timestamp: int | None  # the position of the timestamp column
    longest_proof: int  # in bytes; a longer line proves nothing, which limits the search
    delimiter: str = ","
    quote: str = '"'
    needles: tuple[bytes, ...] = ()  # the bytes searched for in malformed records
    header: bytes = b""  # the header's line, if it is searched for in them

    @property
    def good(self) -> re.Pattern[bytes]:
        """Match a record with the right number of fields."""
        return _good(self.width, self.delimiter, self.quote)

    @property
    def good_lines(self) -> re.Pattern[bytes]:
        """Match any number of lines that are each a record with the right number of fields."""
        return _good_lines(self.width, self.delimiter, self.quote)

    @property
    def record(self) -> re.Pattern[bytes]:
        """Match a record of any number of fields."""
        return _fields(_FIELD, self.delimiter, self.quote)

    @property
    def line(self) -> re.Pattern[bytes]:
        """Match a line that is a record of any number of fields."""
        return _fields(_FIELD_OF_LINE, self.delimiter, self.quote)

    def proves(self, data: bytes, start: int) -> bool:
        """Return whether the line of ``data`` at ``start`` always starts a record."""
        if self.timestamp is None:
            return False
        match = _proof(self.width, self.timestamp, self.delimiter, self.quote).match(data, start)
        if match is None or match.end() - start > self.longest_proof:
            return False
        return parse_ns(unquote(match[1], self.quote.encode()).decode("utf-8", "replace").strip()) is not None

    def first_proof(self, data: bytes, start: int, end: int) -> int | None:
        """Return the start of the first proven line after a line end within ``[start, end)``."""
        for newline in NEWLINE.finditer(data, start, end):
            if newline.end() < end and self.proves(data, newline.end()):
                return newline.end()
        return None


def read_header(data: bytes, aliases: Mapping[str, str], delimiter: str = ",", quote: str = '"') -> Header:
    """Read the header from the first bytes of a file; without one ``columns`` is empty.

    An alias never overrides a column that exists under its real name. Quotes in a header end with its line.
    Raises NotCsvError if the first line is longer than ``LONGEST_HEADER``.
    """
    start = len(BOM) if data.startswith(BOM) else 0
    lines = 1
    while newline := NEWLINE.match(data, start):
        start = newline.end()
        lines += 1
    newline = NEWLINE.search(data, start)
    end = newline.start() if newline else len(data)
    if end > LONGEST_HEADER:
        raise NotCsvError(errno.EILSEQ, f"not CSV: its first line is longer than {LONGEST_HEADER} bytes")
    line = data[start:end]
    cells = _cells(utf8.repair(line).decode(), delimiter, quote)
    return Header(
        columns=rename(cells, aliases),
        length=newline.end() if newline else end,
        cells=tuple(cells),
        line=line,
        lines=lines,
        invalid_utf8=b"\0" in line or not utf8.is_valid(line),
    )


def unquote(field: bytes, quote: bytes = b'"') -> bytes:
    """Return the value of a field with quotes only around it, and doubled ones within."""
    return field[1:-1].replace(quote + quote, quote) if field.startswith(quote) else field


def _cells(text: str, delimiter: str, quote: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, quotechar=quote), [])]
    except csv.Error as error:
        raise NotCsvError(errno.EILSEQ, f"not CSV: {error}") from None


def rename(cells: list[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """Return names after aliases, which never override a column that exists under its real name."""
    taken = set(cells)
    columns = []
    for cell in cells:
        real = aliases.get(cell, cell)
        columns.append(cell if real in taken else real)
        taken.add(columns[-1])
    return tuple(columns)


def _compile(pattern: bytes, delimiter: str, quote: str) -> re.Pattern[bytes]:
    """Compile a pattern written with commas and quotation marks, replaced by the feed's own characters."""
    signs = {b",": re.escape(delimiter).encode(), b'"': re.escape(quote).encode()}
    return re.compile(re.sub(b'[,"]', lambda sign: signs[sign[0]], pattern))


@lru_cache(maxsize=64)
def _good(width: int, delimiter: str, quote: str) -> re.Pattern[bytes]:
    return _compile(b"(?:%b,){%d}%b%b" % (_FIELD, width - 1, _FIELD, _END), delimiter, quote)


@lru_cache(maxsize=64)
def _good_lines(width: int, delimiter: str, quote: str) -> re.Pattern[bytes]:
    line = b"(?![\r\n])(?:%b,){%d}%b(?:\r\n?|\n)" % (_FIELD_OF_LINE, width - 1, _FIELD_OF_LINE)
    return _compile(b"(?:%b)*+" % line, delimiter, quote)


@lru_cache(maxsize=64)
def _fields(field: bytes, delimiter: str, quote: str) -> re.Pattern[bytes]:
    return _compile(field + b"(?:," + field + b")*+" + _END, delimiter, quote)


@lru_cache(maxsize=64)
def _proof(width: int, timestamp: int, delimiter: str, quote: str) -> re.Pattern[bytes]:
    before = b"(?:%b,){%d}" % (_STRICT_FIELD, timestamp)
    after = b"(?:,%b){%d}" % (_STRICT_FIELD, width - timestamp - 1)
    return _compile(before + b"(" + _STRICT_FIELD + b")" + after + _END, delimiter, quote)
