"""Lines of JSON objects as columns of text: by Arrow if a block is regular, otherwise line by line.

Both ways give the same texts. Numbers are formatted by ``exporter.profiling.cells``, however
they are written: ``1.0``, ``1`` and ``1e0`` are equal. Of a duplicate key the last counts.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import json as pajson

from exporter.profiling import utf8
from exporter.profiling.cells import WHOLE, json_text, number_text, texts, utf8_safe
from exporter.profiling.malformed import Malformed
from exporter.profiling.strings import text_array

PARSED_TOGETHER = 1 << 20  # bytes: more would not fit in the cache
SAMPLE = 20  # lines used to detect numeric columns
LINE_END, RETURN, OPENING, CLOSING = b"\n\r{}"
SHORTEST = 2  # bytes of a line with an object
_LONG = re.compile(rb"[0-9]{18}")  # what orjson may read as a float
_BLANK = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}


@dataclass(slots=True)
class Block:
    """The content of a stretch of complete lines. ``values`` are texts by key, for the requested keys."""

    values: dict[str, Any]
    rows: int
    keys: dict[str, None]  # of all objects, those of the first lines in order of appearance
    malformed: Malformed = field(default_factory=Malformed)
    is_cut: bool = False  # the last line is not an object


def read_block(data: bytes, wanted: Sequence[str], needles: tuple[bytes, ...], longest: int) -> Block:
    """Read complete lines. Lines without an object, or longer than ``longest``, are malformed.

    Blank lines are ignored. Keys that are in no line have no values.
    """
    return _by_arrow(data, wanted, longest) or _by_line(data, wanted, needles, longest)


def load(line: bytes) -> dict[str, Any] | None:
    """Return a line's object, or ``None`` if it is not one."""
    text: bytes | str = line
    if not (line.isascii() or utf8.is_valid(line)):
        text = utf8.repair(line)
    try:
        found: object = json.loads(text) if _LONG.search(line) else orjson.loads(text)
    except ValueError:
        try:
            found = json.loads(text)  # reads NaN and lone surrogates, which some writers produce
        except (ValueError, RecursionError):
            return None
    except RecursionError:
        return None
    return found if isinstance(found, dict) else None


def layout_of(head: bytes) -> str | None:
    """Say how objects are laid out otherwise than one per line, by the beginning of a file.

    ``None`` if one has a line of its own, or if the text is not JSON to begin with: then single lines are
    malformed.
    """
    text = utf8.repair(head).decode()
    found: list[str] = []
    place = _after_blank(text, 0)
    while text.startswith("{", place):
        try:
            _, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            if any(load(line.encode()) is not None for line in text[place:].split("\n")):
                return None  # a broken line among others that are as they should be
            break  # the beginning of an object
        if (how := _how(text, place, end)) is None:
            return None
        found.append(how)
        place = _after_blank(text, end)
    return found[0] if found else None


def _how(text: str, start: int, end: int) -> str | None:
    """Say how an object is laid out, ``None`` if it has a line of its own."""
    if "\n" in text[start:end]:
        return "its objects are spread over several lines"
    before = text[text.rfind("\n", 0, start) + 1 : start].strip()
    behind = text[end:].partition("\n")[0].strip()
    if before or behind.startswith("{"):
        return "its lines hold more than one object"
    is_listed = behind.startswith(",") or text[:start].rstrip().endswith(",")
    return "its lines end with a comma" if is_listed else None


def _after_blank(text: str, place: int) -> int:
    """Return where the next object may begin, behind blanks, line ends and commas."""
    found = _BLANK.match(text, place)
    return place if found is None else found.end()


def cell(value: object) -> str:
    """Return a value's text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return utf8_safe(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return number_text(value) if isinstance(value, float) else utf8_safe(json_text(value))


def _by_line(data: bytes, wanted: Sequence[str], needles: tuple[bytes, ...], longest: int) -> Block:
    cells: dict[str, list[str]] = {key: [] for key in wanted}
    block = Block({}, 0, {}, Malformed(needles))
    for number, line in enumerate(data.split(b"\n"), start=1):
        stripped = line.strip()
        block.is_cut = False
        if not stripped:  # as after the last line end
            continue
        found = None if len(line) > longest else load(stripped)
        block.is_cut = found is None
        if found is None:
            block.malformed.add(stripped if len(line) <= longest else b"", number, None)
            continue
        block.rows += 1
        block.keys |= dict.fromkeys(map(utf8_safe, found))
        for key, column in cells.items():
            column.append(cell(found.get(key)))
    block.values = {key: text_array(column) for key, column in cells.items()}
    return block


def _by_arrow(data: bytes, wanted: Sequence[str], longest: int) -> Block | None:
    """Read a block of lines that are all objects, with Arrow; ``None`` if that is not certain."""
    lines = _count_objects(data, longest)
    if not lines or not (data.isascii() or utf8.is_valid(data)):
        return None
    sample = [load(line) or {} for line in data.split(b"\n", SAMPLE)[:SAMPLE]]
    kinds = _kinds(sample, frozenset(wanted))
    table = None if kinds is None else _parse(data, kinds)
    if kinds is not None and table is not None and (late := _late(table, kinds, wanted)):
        kinds |= dict.fromkeys(late, pa.string())
        table = _parse(data, kinds)
    if kinds is None or table is None or table.num_rows != lines or _late(table, kinds, wanted):
        return None
    values = {}
    for key in kinds:
        column = table.column(key).combine_chunks()
        if pa.types.is_floating(column.type) and _is_vague(column):
            return None
        values[key] = texts(column)
    seen = (utf8_safe(key) for found in sample for key in found)  # Arrow begins with those asked for
    return Block(values, lines, dict.fromkeys((*seen, *table.column_names)))


def _count_objects(data: bytes, longest: int) -> int:
    """Count the lines; zero if any line is too long, or does not begin and end like an object."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == LINE_END)
    if not data.endswith(b"\n"):
        ends = np.append(ends, octets.size)
    starts = np.concatenate([np.zeros(1, ends.dtype), ends[:-1] + 1])
    lengths = ends - starts
    if not ends.size or np.any(lengths < SHORTEST) or np.any(lengths > longest):
        return 0
    last = octets[ends - 1]
    last = np.where(last == RETURN, octets[ends - 2], last)
    whole = np.all(octets[starts] == OPENING) and np.all(last == CLOSING)
    return int(ends.size) if whole else 0


def _kinds(sample: Iterable[Mapping[str, Any]], wanted: frozenset[str]) -> dict[str, Any] | None:
    """Return the type of each key in the first lines; ``None`` if one is nested."""
    kinds: dict[str, Any] = {}
    for found in sample:
        for key, value in found.items():
            if key in wanted and kinds.get(key) is None:
                kinds[key] = None if value is None else type(value)
    if not all(kind is None or kind in _TYPES for kind in kinds.values()):
        return None
    return {key: pa.string() if kind is None else _TYPES[kind] for key, kind in kinds.items()}


def _late(table: Any, kinds: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    """Return the keys that only later lines have, whose type was guessed."""
    return [key for key in wanted if key not in kinds and key in table.column_names]


def _parse(data: bytes, kinds: Mapping[str, Any]) -> Any:
    """Return a table of all keys, integers as floats if some have a fraction; ``None`` for other blocks."""
    wider = {key: pa.float64() if kind == pa.int64() else kind for key, kind in kinds.items()}
    source: Any = pa.BufferReader(data)
    for tried in (kinds, wider) if wider != kinds else (kinds,):
        try:
            return pajson.read_json(
                source,
                pajson.ReadOptions(use_threads=False, block_size=PARSED_TOGETHER),
                pajson.ParseOptions(explicit_schema=pa.schema(list(tried.items()))),
            )
        except (pa.ArrowException, ValueError):
            source.seek(0)
    return None


def _is_vague(column: Any) -> bool:
    """Return whether some integer is too large for a float."""
    values = np.frombuffer(column.buffers()[1], np.float64, len(column), column.offset * 8)
    with np.errstate(invalid="ignore"):
        return bool(np.any(np.abs(values[np.isfinite(values)]) >= WHOLE))
