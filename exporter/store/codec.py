"""Profiles as JSON in the state database, encoded and decoded without loss."""

from collections.abc import Mapping
from dataclasses import asdict
from operator import index
from typing import Any

import orjson

from exporter.model import ColumnFigures, Profile, Split
from exporter.profiling.pack import known_packs

COUNTS = (
    "missing",
    "reasons",
    "timestamp_shapes",
    "malformed_fields",
    "odd_bytes",
    "odd_records",
    "constants",
    "unread",
)
LISTS = ("columns", "malformed_lines", "repeated_header_lines", "hours")


def encode_profile(profile: Profile) -> bytes:
    """Write a profile; floats keep every bit."""
    return orjson.dumps(asdict(profile), option=orjson.OPT_NON_STR_KEYS)


def decode_profile(body: bytes) -> Profile | None:
    """Decode a profile, or ``None`` for anything invalid, which is then read from its file again."""
    try:
        fields: dict[str, Any] = orjson.loads(body)
        for name in LISTS:
            fields[name] = tuple(fields[name])
        for name in COUNTS:
            fields[name] = _counts(fields[name])
        fields["figures"] = {str(column): _figures(known) for column, known in fields["figures"].items()}
        for name in ("placeholders", "looks"):
            fields[name] = {str(column): _counts(known) for column, known in fields[name].items()}
        packs = known_packs()
        fields["packs"] = {name: packs[name].decode(known) for name, known in fields["packs"].items()}
        fields["splits"] = tuple(_split(known) for known in fields["splits"])
        for name, read in (("answers", float), ("unanswered", str), ("differing_parts", str)):
            fields[name] = {str(query): read(found) for query, found in fields.get(name, {}).items()}
        return Profile(**fields)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _figures(fields: Mapping[str, Any]) -> ColumnFigures:
    numbers = {str(name): _number(number) for name, number in fields["numbers"].items()}
    counts = {name: _counts(fields[name]) for name in ("values", "shapes", "placeholders")}
    return ColumnFigures(**{**fields, "numbers": numbers, **counts})


def _number(value: Any) -> float:
    """Return a number as it is: a whole one that became a fraction would be other content (2 and 2.0)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return value


def _split(fields: Mapping[str, Any]) -> Split:
    amounts = fields["amounts"]
    known = None if amounts is None else {str(name): float(amount) for name, amount in amounts.items()}
    return Split(**{**fields, "rows": _counts(fields["rows"]), "amounts": known})


def _counts(fields: Mapping[str, Any]) -> dict[str, int]:
    return {str(key): index(count) for key, count in fields.items()}
