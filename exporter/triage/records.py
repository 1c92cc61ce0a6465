"""A file's records with their line numbers, one at a time, for looking them up in the file."""

import csv
import io
import math
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TextIO

from exporter.feed import Table
from exporter.model import PartFile, SourceFile
from exporter.places.opening import opened
from exporter.places.readable import OpenFile, Readable
from exporter.places.stream import Stream
from exporter.profiling.joined import Rows
from exporter.profiling.rfc3339 import parse_ns
from exporter.profiling.run import check_stamp, rows_at
from exporter.profiling.unpack import USUAL, Expansion

LONGEST_LINE = 1 << 20  # characters; longer lines are cut, and so are not records
READ_TOGETHER = 1 << 18  # bytes
MOST_LINES = 200  # of one record; in a longer one a quote was never closed


@dataclass(frozen=True, slots=True)
class Record:
    """A record and its first line; the header is on line 1. For Parquet it is the row's number.

    ``row`` is ``None`` where the number of fields is not the header's ``width``.
    """

    line: int
    cells: tuple[str, ...]
    width: int
    row: Mapping[str, str] | None
    part: str = ""  # the name of the file, if a day has several


@dataclass(slots=True)
class Allowance:
    """How much of a file may be read: a number of characters, and a deadline on the monotonic clock.

    ``expansion`` is what a compressed file may expand to. ``spent``: it was exhausted, so
    the file contains more than was read.
    """

    characters: float = math.inf
    until: float = math.inf
    expansion: Expansion = USUAL
    spent: bool = False

    def covers(self, text: str) -> bool:
        """Deduct a piece of the file; return whether it may be read."""
        self.characters -= len(text)
        self.spent = self.spent or self.characters < 0 or time.monotonic() > self.until
        return not self.spent


def read_source(
    source: SourceFile, table: Table, needle: str | None = None, allowance: Allowance | None = None
) -> Iterator[Record]:
    """Yield the records of a day's file, or of its parts in turn; see ``read_records``."""
    for part in source.files:
        for record in read_records(part, table, needle, allowance):
            yield replace(record, part=part.path.name) if source.parts else record


def read_records(
    part: PartFile, table: Table, needle: str | None = None, allowance: Allowance | None = None
) -> Iterator[Record]:
    """Yield the records of a table's file, in bounded memory. Column names are as in profiles.

    ``needle`` skips lines that do not contain it, unparsed. Bytes that are not UTF-8 stay lone surrogates.
    What exceeds the ``allowance`` is left out. Raises OSError, FileChanged if the file is no longer the one
    that was found, and csv.Error.
    """
    csv.field_size_limit(sys.maxsize)
    allowed = allowance or Allowance()
    with opened(part) as stored:
        check_stamp(stored, part)  # by now the name may be a link to something else
        yield from _of_stored(stored, part, table, needle, allowed)


def _of_stored(
    stored: OpenFile, part: PartFile, table: Table, needle: str | None, allowed: Allowance
) -> Iterator[Record]:
    with rows_at(stored, part.path.name, table.form, allowed.expansion) as rows:
        if not rows.by_record:
            yield from _records(rows, table, needle, allowed)
            return
        for number, record in enumerate(_records(rows, table, None, allowed), start=1):
            yield replace(record, line=number)


def _records(rows: Rows, table: Table, needle: str | None, allowance: Allowance) -> Iterator[Record]:
    reader, quote = _Reader(rows.form.delimiter, rows.form.quote), rows.form.quote
    with _text(rows.file) as file:
        header = named(reader.parse([file.readline(LONGEST_LINE)])[0], table.aliases)
        pending: list[str] = []
        begun = 0
        for number, text in _lines(file, allowance):
            if pending and reader.proves(text, header, table.event_time):
                yield _record(begun, reader.parse(pending)[0], header)
                pending = []
            if not pending:
                if not text.strip("\r\n") or (needle and needle not in text and text.count(quote) % 2 == 0):
                    continue
                begun = number
            pending.append(text)
            if len(pending) > 1 and quote not in text and len(pending) < MOST_LINES:
                continue  # nothing in it ends the quote
            cells, is_open = reader.parse(pending)
            if is_open and len(pending) < MOST_LINES:
                continue
            yield _record(begun, cells, header)
            pending = []
        if pending and not allowance.spent:
            yield _record(begun, reader.parse(pending)[0], header)


def _text(file: Readable) -> TextIO:
    stream = io.BufferedReader(Stream(file), READ_TOGETHER)
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def named(header: Sequence[str], aliases: Mapping[str, str]) -> list[str]:
    """Return a header's names, trimmed and without aliases."""
    trimmed = [name.strip() for name in header]
    return [aliases[name] if name in aliases and aliases[name] not in trimmed else name for name in trimmed]


def _lines(file: TextIO, allowance: Allowance) -> Iterator[tuple[int, str]]:
    number = 2
    while (text := file.readline(LONGEST_LINE)) and allowance.covers(text):
        yield number, text
        while not text.endswith(("\n", "\r")) and (text := file.readline(LONGEST_LINE)):
            if not allowance.covers(text):  # the rest of an overlong line
                return
        number += 1


class _Reader:
    """Reads records with one delimiter and one quote."""

    def __init__(self, delimiter: str, quote: str) -> None:
        self._delimiter = delimiter
        self._quote = quote
        sign = re.escape(quote)
        field = rf"(?:{sign}(?:[^{sign}]|{sign}{sign})*{sign}|[^{sign}{re.escape(delimiter)}]*)"
        # Quotes only at the start and end of fields.
        self._strict = re.compile(rf"{field}(?:{re.escape(delimiter)}{field})*")

    def parse(self, lines: Sequence[str]) -> tuple[list[str], bool]:
        """Return the fields of the first record in the lines, and whether a quote is still open."""
        reader = csv.reader([*lines, "\n"], delimiter=self._delimiter, quotechar=self._quote)
        cells = next(reader, [])
        is_open = reader.line_num > len(lines)
        return [cell.removesuffix("\n") for cell in cells] if is_open else cells, is_open

    def proves(self, text: str, header: Sequence[str], event_time: str | None) -> bool:
        """Return whether a line is a record by itself: the header's fields, a timestamp in position."""
        if event_time not in header or self._strict.fullmatch(text.rstrip("\r\n")) is None:
            return False
        cells, _ = self.parse([text])
        return len(cells) == len(header) and parse_ns(cells[header.index(event_time)].strip()) is not None


def _record(line: int, cells: Sequence[str], header: Sequence[str]) -> Record:
    row = dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None
    return Record(line, tuple(cells), len(header), row)
