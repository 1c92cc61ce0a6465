"""Typed and nested values as text, as a careful CSV writer would write them.

Timestamps and dates are ISO 8601, those with a timezone in UTC; decimals have no exponent; whole numbers have
no fraction; booleans are ``true`` and ``false``; nested values are JSON. Null is a missing value, as
is a NaN.
"""

import base64
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling import utf8
from exporter.profiling.strings import as_buffer, nothing, text_array

WHOLE = 2.0**53  # above this, floats do not represent every integer
_EMPTY = text_array([""])[0]
_EXPONENT = re.compile(r"[eE]")


def texts(array: Any) -> Any:
    """Return an Arrow array as an array of strings without nulls."""
    found = _as_text(array, array.type)
    return pc.fill_null(found, _EMPTY) if found.null_count else found


def number_text(number: float) -> str:
    """Return the text of a float, as ``texts`` does."""
    return str(texts(_floats([number]))[0])


def json_text(value: object) -> str:
    """Return nested values as JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _as_text(array: Any, kind: Any) -> Any:
    for kinds, write in _WRITERS:
        if any(is_kind(kind) for is_kind in kinds):
            return write(array)
    return _each(array, str)


def _cast(array: Any) -> Any:
    return array.cast(pa.string())


def _strings(array: Any) -> Any:
    return array if array.type == pa.string() else array.cast(pa.string())


def _dictionary(array: Any) -> Any:
    return _as_text(array.dictionary_decode(), array.type.value_type)


def _is_extension(kind: Any) -> bool:
    return isinstance(kind, pa.BaseExtensionType)


def _extension(array: Any) -> Any:
    if "uuid" in str(array.type):
        return _each(array, str)
    return _as_text(array.storage, array.type.storage_type)


def _nothing(array: Any) -> Any:
    return nothing(len(array))


def _numbers(array: Any) -> Any:
    """Format floats: whole ones without a fraction, others in the shortest form that reads back the same."""
    wide = array.cast(pa.float64())
    values = np.frombuffer(wide.buffers()[1], np.float64, len(wide), wide.offset * 8)
    with np.errstate(invalid="ignore"):
        whole = (np.trunc(values) == values) & (np.abs(values) < WHOLE)
    written = array.cast(pa.string()) if array.type != pa.float16() else wide.cast(pa.string())
    shorter = _integers(np.where(whole, values, 0.0).astype(np.int64)).cast(pa.string())
    text = pc.if_else(_flags(whole), shorter, written)
    return pc.if_else(pc.and_kleene(_flags(~np.isnan(values)), wide.is_valid()), text, _EMPTY)


def _decimals(array: Any) -> Any:
    found = array.cast(pa.string())
    if not any(_EXPONENT.search(text) for text in found.to_pylist() if text):
        return found
    return text_array([f"{Decimal(text):f}" if text else "" for text in found.to_pylist()])


def _timestamps(array: Any) -> Any:
    if array.type.tz is not None:
        array = array.cast(pa.timestamp(array.type.unit, "UTC"))
    return pc.replace_substring(array.cast(pa.string()), " ", "T", max_replacements=1)


def _durations(array: Any) -> Any:
    return array.cast(pa.int64()).cast(pa.string())


def _bytes(array: Any) -> Any:
    """Read bytes as text, as writers without a text type mean it; invalid UTF-8 is escaped."""
    return text_array([utf8.repair(value).decode() if value else "" for value in array.to_pylist()])


def _nested(array: Any) -> Any:
    return _each(array, json_text)


def _mapped(array: Any) -> Any:
    return _each(array, lambda pairs: json_text(dict(pairs)))


def _each(array: Any, write: Callable[[Any], str]) -> Any:
    return text_array(["" if value is None else utf8_safe(write(value)) for value in array.to_pylist()])


def utf8_safe(text: str) -> str:
    """Return a text without lone surrogates, which JSON can contain and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _plain(value: object) -> object:
    """Format what JSON does not support."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _floats(values: Sequence[float]) -> Any:
    data = as_buffer(np.array(values, np.float64))
    return pa.Array.from_buffers(pa.float64(), len(values), [None, data])


def _integers(values: Any) -> Any:
    return pa.Array.from_buffers(pa.int64(), len(values), [None, as_buffer(values)])


def _flags(values: Any) -> Any:
    bits = as_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, bits])


_types: Any = pa.types
_WRITERS: tuple[tuple[tuple[Callable[[Any], bool], ...], Callable[[Any], Any]], ...] = (
    ((_types.is_string, _types.is_large_string, _types.is_string_view), _strings),
    ((_types.is_dictionary,), _dictionary),
    ((_is_extension,), _extension),
    ((_types.is_null,), _nothing),
    ((_types.is_boolean, _types.is_integer, _types.is_date, _types.is_time), _cast),
    ((_types.is_floating,), _numbers),
    ((_types.is_decimal,), _decimals),
    ((_types.is_timestamp,), _timestamps),
    ((_types.is_duration,), _durations),
    ((_types.is_binary, _types.is_large_binary, _types.is_fixed_size_binary, _types.is_binary_view), _bytes),
    ((_types.is_map,), _mapped),
    ((_types.is_nested,), _nested),
)
