"""Lines of JSON objects as columns of text: by Arrow where a block is as it should be, else line by line.

Both ways give the same texts. Numbers have the text that ``exporter.profiling.cells`` gives them, however
they are spelled: ``1.0``, ``1`` and ``1e0`` are one. Of a key that stands twice the last counts.
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

PARSED_TOGETHER = 1 << 20  # bytes: more does not stay in the cache
SAMPLE = 20  # lines that tell which columns are numbers
_LONG = re.compile(rb"[0-9]{18}")  # what orjson may read as a float
_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}


@dataclass(slots=True)
class Block:
    """What a stretch of whole lines holds. ``values`` are texts by key, of the keys that were asked for."""

    values: dict[str, Any]
    rows: int
    keys: dict[str, None]  # of all objects, in the order in which they came
    malformed: Malformed = field(default_factory=Malformed)
    is_cut: bool = False  # the last line is no object


def read_block(data: bytes, wanted: Sequence[str], needles: tuple[bytes, ...], longest: int) -> Block:
    """Read whole lines. What is no object, or longer than ``longest``, is malformed; blank lines are none."""
    return _by_arrow(data, wanted) or _by_line(data, wanted, needles, longest)


def load(line: bytes) -> dict[str, Any] | None:
    """Return the object that a line is, ``None`` where it is none."""
    text: bytes | str = line
    if not (line.isascii() or utf8.is_valid(line)):
        text = utf8.repair(line)
    try:
        found: object = json.loads(text) if _LONG.search(line) else orjson.loads(text)
    except ValueError:
        try:
            found = json.loads(text)  # reads NaN and halves of letters, which others write
        except (ValueError, RecursionError):
            return None
    except RecursionError:
        return None
    return found if isinstance(found, dict) else None


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
        if not stripped:
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


def _by_arrow(data: bytes, wanted: Sequence[str]) -> Block | None:
    """Read a block of which each line is an object, as Arrow sees it; ``None`` where that is not sure."""
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    begun = data.startswith(b"{") + data.count(b"\n{")
    ended = data.count(b"}\n") + data.count(b"}\r\n") + data.endswith(b"}")
    if not begun == ended == lines or not (data.isascii() or utf8.is_valid(data)):
        return None
    first = load(data[: data.index(b"}\n") + 1] if b"}\n" in data else data)
    kinds = _kinds(data, wanted)
    if kinds is None:
        return None
    table = _parse(data, kinds)
    if table is None or table.num_rows != lines:
        return None
    keys = _keys(data, table, kinds, first or {})
    values = {}
    for key in wanted:
        column = table.column(key).combine_chunks()
        if pa.types.is_floating(column.type) and _is_vague(column):
            return None
        values[key] = texts(column)
    return Block(values, lines, keys)


def _kinds(data: bytes, wanted: Sequence[str]) -> dict[str, Any] | None:
    """Return the type of each key by the first lines; ``None`` where one is nested."""
    kinds: dict[str, Any] = dict.fromkeys(wanted, pa.string())
    for line in reversed(data.split(b"\n", SAMPLE)[:SAMPLE]):
        for key, value in (load(line) or {}).items():
            if key not in kinds or value is None:
                continue
            if type(value) not in _TYPES:
                return None
            kinds[key] = _TYPES[type(value)]
    return kinds


def _parse(data: bytes, kinds: Mapping[str, Any]) -> Any:
    """Return a table of all keys, whole numbers as floats where some have a fraction; ``None`` for others."""
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


def _keys(data: bytes, table: Any, kinds: Iterable[str], first: Mapping[str, Any]) -> dict[str, None]:
    """Return the keys that any line has; one without any value is looked for."""
    asked = frozenset(kinds)
    there = {
        key
        for key in table.column_names
        if key not in asked or table.column(key).null_count < table.num_rows or _stands(data, key)
    }
    return dict.fromkeys(key for key in (*first, *table.column_names) if key in there)


def _stands(data: bytes, key: str) -> bool:
    if json.dumps(key).encode() not in data and key.isascii():
        return False
    return any(key in (load(line) or {}) for line in data.split(b"\n"))


def _is_vague(column: Any) -> bool:
    """Tell whether some whole number is too large for a float."""
    values = np.frombuffer(column.buffers()[1], np.float64, len(column), column.offset * 8)
    with np.errstate(invalid="ignore"):
        return bool(np.any(np.abs(values[np.isfinite(values)]) >= WHOLE))
