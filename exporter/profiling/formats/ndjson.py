"""NDJSON, one object per line: split after line ends into byte ranges that are read separately."""

import csv
import errno
import io
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from exporter.feed import Table
from exporter.places.readable import FileChanged, Readable
from exporter.profiling import utf8
from exporter.profiling.columns import columns_read, packs_of
from exporter.profiling.form import name_magic, refuse_unknown
from exporter.profiling.format import Counted, Cut, Format, Range, Work, as_ranges
from exporter.profiling.grammar import BOM, Header, NotCsvError, rename
from exporter.profiling.json_lines import Block, cell, layout_of, load, read_block
from exporter.profiling.odd_values import spelled
from exporter.profiling.records import Sizes
from exporter.profiling.rows import places_of, tally_malformed, tally_rows
from exporter.profiling.strings import nothing, text_array
from exporter.profiling.tally import FIRST, OPEN, WHOLE, Part, Tally
from exporter.profiling.unread import columns_unread, look

LOOKED_AT = 4096
MOST_LOOKED_AT = 1 << 16  # if the first line is not an object, or a long one
_EMPTY = text_array([""])[0]


def _cut(file: Readable, work: Work) -> Cut:
    _refuse_others(file)
    ranges = as_ranges(_spans(file, work.sizes.span))
    return Cut(ranges, partial(_read, work), partial(_name_columns, work.table))


def _name_columns(table: Table, keys: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return the columns of a file's keys."""
    del taken
    columns = rename(list(keys), table.aliases)
    refuse_unknown(columns, table, "not an NDJSON file of this feed")
    return columns


def _read(work: Work, file: Readable, span: Range) -> Counted:
    start, end = span.start, span.end
    sources = _sources(work.table)
    wanted = tuple(dict.fromkeys(key for keys in sources.values() for key in keys))
    needles = tuple(pack.needle for pack in packs_of(work.table) if pack.needle is not None)
    digest = xxhash.xxh3_128()
    total, keys, lines, cut = Tally(), dict[str, None](), 0, WHOLE
    malformed: list[int] = []
    repeated: list[int] = []
    for data in _blocks(file, (start, end), work.sizes, digest):
        plain = data.removeprefix(BOM) if start == 0 and lines == 0 else data
        block = read_block(plain, wanted, needles, work.sizes.record)
        keys |= block.keys
        tally, places = _tally_block(plain, block, sources, work)
        total = total.merge(tally)
        malformed += [lines + line for line in block.malformed.lines[: FIRST - len(malformed)]]
        repeated += [lines + place + 1 for place in places[: FIRST - len(repeated)]]
        lines += data.count(b"\n") + (not data.endswith(b"\n"))
        cut = OPEN if block.is_cut else WHOLE
    part = Part(end - start, digest.digest(), lines, tuple(malformed), tuple(repeated), cut)
    return Counted(total.merge(Tally(parts={start: part})), tuple(dict.fromkeys(key.strip() for key in keys)))


def _tally_block(
    data: bytes, block: Block, sources: Mapping[str, tuple[str, ...]], work: Work
) -> tuple[Tally, tuple[int, ...]]:
    is_text = b"\0" not in data and (data.isascii() or utf8.is_valid(data))
    odd = utf8.NO_LINES if is_text else utf8.find_odd_lines(_without_long(data, work.sizes.record), len(data))
    rest = tally_malformed(block.malformed, odd, work.table)
    if not block.rows:
        return rest, ()
    found = {
        name: _first_there([block.values[key] for key in keys if key in block.values], block.rows)
        for name, keys in sources.items()
    }
    cells, more = spelled(found, block.rows)
    values = {name: pa.chunked_array([array]) for name, array in cells.items()}
    others = {name: values.pop(name) for name in columns_unread(work.table) if name in values}
    names = tuple(values)
    settings = work.table, work.day, work.missing
    tally, repeats = tally_rows(values, block.rows, Header(names, 0, names), settings)
    there = {name: other for name, other in others.items() if not block.keys.keys().isdisjoint(sources[name])}
    tally = tally.merge(Tally(unread=look(there, work.missing)))
    escaped = Tally(invalid_utf8_lines=more.lines, odd_bytes=more.octets)
    return rest.merge(tally, escaped), places_of(repeats)


def _without_long(data: bytes, longest: int) -> bytes:
    """Return lines without those that are too long, of which a block may have only the beginning."""
    if len(data) <= longest:
        return data
    return b"\n".join(line for line in data.split(b"\n") if len(line) <= longest)


def _sources(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the possible keys of each column, likely ones first."""
    names = dict.fromkeys((*columns_read(table), *columns_unread(table)), ())
    aliases = {name: () if (column := table.column(name)) is None else column.aliases for name in names}
    return {name: (name, *aliases[name]) for name in names}


def _first_there(arrays: list[Any], rows: int) -> Any:
    """Return each row's value of the first of several keys that it has."""
    found = arrays[0] if arrays else nothing(rows)
    for other in arrays[1:]:
        found = pc.if_else(pc.equal(found, _EMPTY), other, found)
    return found


def _refuse_others(file: Readable) -> None:
    head = file.read(LOOKED_AT, 0).removeprefix(BOM).lstrip()
    if not head:
        return
    if head.startswith(b"{"):
        what = _layout(file, head)
    else:
        what = f"the file is {'one JSON array' if head.startswith(b'[') else name_magic(head) or 'no JSON'}"
    if what is not None:
        raise NotCsvError(errno.EILSEQ, f"not NDJSON, one object per line: {what}")


def _layout(file: Readable, head: bytes) -> str | None:
    """Say how objects are laid out if not one per line; more is read only if the first line is none."""
    if load(head.partition(b"\n")[0].strip()) is not None:
        return None
    return layout_of(file.read(MOST_LOOKED_AT, 0).removeprefix(BOM))


def _spans(file: Readable, span: int) -> list[tuple[int, int]]:
    """Split a file after line ends."""
    size = file.size
    cuts = {_after_line(file, place) for place in range(span, size - span // 2, span)}
    return list(pairwise([0, *sorted(cuts - {0, size}), size]))


def _after_line(file: Readable, place: int) -> int:
    while data := file.read(1 << 16, place):
        found = data.find(b"\n")
        if found >= 0:
            return place + found + 1
        place += len(data)
    return place


def _blocks(
    file: Readable, span: tuple[int, int], sizes: Sizes, digest: xxhash.xxh3_128 | None = None
) -> Iterator[bytes]:
    """Yield the complete lines of a range in blocks; of an overlong line only the beginning."""
    place, end = span
    file.expect(place, end)
    rest = bytearray()
    while place < end:
        data = file.read(min(sizes.block, end - place), place)
        if not data:
            raise FileChanged
        if digest is not None:
            digest.update(data)
        place += len(data)
        cut = len(data) if place >= end else data.rfind(b"\n") + 1
        if cut == 0:
            rest += data[: max(0, len(BOM) + sizes.record + 1 - len(rest))]
            continue
        yield bytes(rest + data[:cut])
        rest = bytearray(data[cut:])


def _rows(file: Readable) -> Iterator[bytes]:
    """Yield all objects as CSV with their keys as header; other lines as a single field."""
    _refuse_others(file)
    keys: dict[str, None] = {}
    for line in _lines(file):
        keys |= dict.fromkeys(load(line) or ())
    if keys:
        yield _written([list(keys)])
        for line in _lines(file):
            yield _written([_fields(line, keys)])


def _lines(file: Readable) -> Iterator[bytes]:
    for data in _blocks(file, (0, file.size), Sizes()):
        for line in data.split(b"\n"):
            if stripped := line.removeprefix(BOM).strip():
                yield stripped


def _fields(line: bytes, keys: Mapping[str, None]) -> list[str]:
    found = load(line)
    if found is None:
        return [utf8.repair(line).decode()]
    return [cell(found.get(key)) for key in keys]


def _written(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


FORMAT = Format("ndjson", _cut, _rows)
