"""The records of a byte range as tables of the requested columns, block by block."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
from pyarrow import csv

from exporter.profiling import utf8
from exporter.profiling.empties import take_out
from exporter.profiling.grammar import BOM, NEWLINE, Grammar, NotCsvError
from exporter.profiling.malformed import Malformed, count_fields
from exporter.profiling.odd_records import recognize
from exporter.profiling.sift import Sifted, sift
from exporter.profiling.tally import WHOLE
from exporter.profiling.unread import Read
from exporter.profiling.window import FEED, NUL, RETURN, Window


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bytes are processed together. Only the last two can affect results, for longer records."""

    span: int = 32 << 20  # read by one worker
    block: int = 8 << 20  # turned into one table
    parse: int = 512 << 10  # parsed at once: more would not fit in the cache
    record: int = 32 << 20  # the longest record
    proof: int = 64 << 10  # the longest line that can prove to start a record; at most ``record``


@dataclass(frozen=True, slots=True)
class Batch:
    """Good records of a block, counts of the others, and the block itself.

    ``block`` has complete lines as read, valid until the next batch is requested.
    """

    table: pa.Table | None
    malformed: Malformed
    block: memoryview | bytes
    lines: int  # in the block
    odd: utf8.OddLines
    cut: int  # how the block ends, if nothing follows; see ``Part.cut``
    empty: int = 0  # records without any value, which are not in the table
    others: Read | None = None  # reads other columns of the same records


def read_batches(window: Window, grammar: Grammar, columns: tuple[int, ...], sizes: Sizes) -> Iterator[Batch]:
    """Yield every record of the span once. Tables name the requested ``columns`` by position."""
    skipping = torn = False  # torn: the block begins within a line whose start was dropped
    while not window.final or window.filled:
        if not window.final:
            window.fill(sizes.block)
        end = window.line_end()
        if end == 0 and window.certain > sizes.record:
            yield _give_up(window, grammar, first=not skipping)
            skipping = torn = True
        elif end:
            batch = (
                None if skipping or end > sizes.record else _read_lines(window, end, grammar, columns, sizes)
            )
            if batch is None:
                data = bytes(window.view(0, end))
                found = sift(data, grammar, longest=sizes.record, final=window.final, skipping=skipping)
                batch = _read_sifted(data, found, grammar, columns, sizes, torn=torn)
                end, skipping, torn = found.consumed, found.skipping, torn and found.consumed == 0
            yield batch
            window.drop(end)


def _give_up(window: Window, grammar: Grammar, *, first: bool) -> Batch:
    """Drop most of an overlong line; what remains is still too long to prove anything."""
    view = window.view(0, window.filled)
    cut = utf8.char_start(view, window.filled - grammar.longest_proof - 1)
    malformed = Malformed(grammar.needles)
    if first:
        malformed.add(b"", 1, None)
    window.drop(cut)
    return Batch(None, malformed, b"", 0, utf8.NO_LINES, WHOLE)


def _read_lines(
    window: Window, end: int, grammar: Grammar, columns: tuple[int, ...], sizes: Sizes
) -> Batch | None:
    """Read a block in which every line is one record; ``None`` if that is not so, or unknown."""
    block = window.view(0, end)
    if grammar.line.match(block, window.last_line(end)) is None:  # quotes are open at the end
        return None
    invalid = not (window.is_ascii or utf8.is_valid(block))
    data = utf8.repair(block) if invalid else block
    parsed = _parse(data, grammar, columns, sizes.parse)
    if parsed is None:
        return None
    table, malformed = parsed
    lines = window.count_lines(end)
    # A record has at least one line, a line at most one record: if there are as many, each line is one.
    if table.num_rows + malformed.count != lines:
        return None
    table, empty = _without_empty(table, data, grammar, sizes.parse)
    odd = utf8.find_odd_lines(block, sizes.record) if invalid or window.has_nuls else utf8.NO_LINES
    others = _others(data, grammar, sizes.parse)
    return Batch(table, malformed, block, lines, odd, _cut(window, end, grammar), empty, others)


def _cut(window: Window, end: int, grammar: Grammar) -> int:
    """Return the number of fields of the last line, if it has no end and too few of them."""
    if not window.final or window.buffer[end - 1 : end] in (FEED, RETURN):
        return WHOLE
    last = bytes(window.view(window.last_line(end), end))
    width = None if grammar.good.match(last) else count_fields(last, grammar.delimiter, grammar.quote)
    short = width is not None and width < grammar.width and recognize(last, width, grammar) is None
    return width if short and width is not None else WHOLE


def _read_sifted(
    data: bytes, found: Sifted, grammar: Grammar, columns: tuple[int, ...], sizes: Sizes, *, torn: bool
) -> Batch:
    consumed = data[: found.consumed]
    invalid = not utf8.is_valid(consumed)
    known = consumed[_first_line_end(consumed) :] if torn else consumed
    batch = Batch(
        table=None,
        malformed=found.malformed,
        block=consumed,
        lines=len(NEWLINE.findall(consumed)),
        odd=utf8.find_odd_lines(known, sizes.record) if invalid or NUL in known else utf8.NO_LINES,
        cut=found.cut,
    )
    if found.good == 0:
        return batch
    clean = b"\n".join(found.runs)
    if invalid:
        clean = utf8.repair(clean)
    parsed = _parse(clean, grammar, columns, sizes.parse)
    if parsed is None:  # a record is longer than a parsed block
        parsed = _parse(clean, grammar, columns, len(clean) + 1)
    if parsed is None or (parsed[0].num_rows, parsed[1].count) != (found.good, 0):
        raise NotCsvError(errno.EILSEQ, "not CSV: two parsers read it differently")
    table, empty = _without_empty(parsed[0], clean, grammar, len(clean) + 1)
    return replace(batch, table=table, empty=empty, others=_others(clean, grammar, None))


def _others(data: memoryview | bytes, grammar: Grammar, size: int | None) -> Read:
    """Return what reads other columns; all records without a ``size``, as some may have several lines."""

    def read(columns: tuple[int, ...], most: int | None) -> pa.Table | None:
        some = data if most is None or size is None else _first_lines(data, most)
        parsed = _parse(some, grammar, columns, size or len(data) + 1) if some else None
        return None if parsed is None else parsed[0]

    return read


def _first_lines(data: memoryview | bytes, most: int) -> bytes:
    first = bytes(data[:most])
    return first if len(first) == len(data) else first[: first.rfind(b"\n") + 1]


def _without_empty(
    table: pa.Table, data: memoryview | bytes, grammar: Grammar, size: int
) -> tuple[pa.Table, int]:
    def read_all() -> pa.Table | None:
        parsed = _parse(data, grammar, tuple(range(grammar.width)), size)
        return None if parsed is None else parsed[0]

    return (table, 0) if grammar.width == 1 else take_out(table, read_all)


def _first_line_end(data: bytes) -> int:
    newline = NEWLINE.search(data)
    return newline.end() if newline else len(data)


def _parse(
    data: memoryview | bytes, grammar: Grammar, columns: tuple[int, ...], size: int
) -> tuple[pa.Table, Malformed] | None:
    malformed = Malformed(grammar.needles)

    def skip(row: csv.InvalidRow) -> Literal["skip"]:
        # The number is the record's, which equals its line if each line is a record: otherwise it is not
        # used.
        malformed.add(row.text.encode(), row.number or 0, row.actual_columns, grammar)
        return "skip"

    read, convert = _options(grammar.width, columns, size)
    parse = csv.ParseOptions(
        delimiter=grammar.delimiter,
        quote_char=grammar.quote,
        newlines_in_values=True,
        invalid_row_handler=skip,
    )
    if bytes(data[: len(BOM)]) == BOM:  # part of a value: Arrow would drop it as if a file began
        data = b"\n" + bytes(data)
    source: Any = pa.BufferReader(data)
    try:
        table = csv.read_csv(source, read, parse, convert)
    except pa.ArrowInvalid:  # lines that are not records, or longer than a parsed block
        return None
    return table, malformed


@lru_cache(maxsize=64)
def _options(width: int, columns: tuple[int, ...], size: int) -> tuple[csv.ReadOptions, csv.ConvertOptions]:
    names = [str(position) for position in range(width)]
    wanted = [str(position) for position in columns or (0,)]  # for none, Arrow would read all and guess types
    return (
        csv.ReadOptions(use_threads=False, block_size=size, column_names=names),
        csv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            check_utf8=False,  # done for the whole block
        ),
    )
