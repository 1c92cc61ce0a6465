"""Whether a contract has the standard's shape, by the JSON schema that the standard publishes.

What the schema's few keywords mean is told here, so that each mistake has its exact place and plain words:
general validators answer with the schema's own terms, and take thirty times as long.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from exporter.nearest import did_you_mean
from exporter.strict import Place, Problem

Schema = Mapping[str, Any]

KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys",
    "null": "nothing",
}


def shape_problems(value: Mapping[str, Any]) -> list[Problem]:
    """Return everything that the published schema forbids, each thing once."""
    shape = _Shape()
    return list(dict.fromkeys(shape.check(value, schema(), ())))


@cache
def schema() -> Schema:
    """Return the published schema, which the standard's own package carries."""
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    found: Schema = json.loads(text)
    return found


@cache
def _definition(reference: str) -> Schema:
    found: Any = schema()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    known: Schema = found
    return known


def keys_of(name: str) -> frozenset[str]:
    """Return the keys that a definition of the schema declares, those of all its variants included."""
    return frozenset(_declared(_definition(f"#/$defs/{name}"), None))


class _Shape:
    """One walk. What a YAML alias repeats is looked at once: aliases can nest without end."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def check(self, value: Any, under: Schema, place: Place) -> Iterator[Problem]:
        """Yield what is wrong with a value and with all below it."""
        if isinstance(value, Mapping | list):
            walk = (id(value), id(under))
            if walk in self._seen:
                return
            self._seen.add(walk)
        kind = under.get("type")
        if kind is not None and not _is(value, kind):
            yield Problem(place, _wrong_kind(value, kind))
            return
        yield from self._value(value, under, place)
        yield from self._variants(value, under, place)
        if isinstance(value, Mapping):
            yield from self._mapping(value, under, place)
        elif isinstance(value, list) and "items" in under:
            for index, entry in enumerate(value):
                yield from self.check(entry, under["items"], (*place, index))

    def _variants(self, value: Any, under: Schema, place: Place) -> Iterator[Problem]:
        if "$ref" in under:
            yield from self.check(value, _definition(under["$ref"]), place)
        for part in under.get("allOf", ()):
            yield from self.check(value, part, place)
        if "if" in under and _fits(value, under["if"]):
            yield from self.check(value, under.get("then", {}), place)
        if "anyOf" in under and not any(_fits(value, part) for part in under["anyOf"]):
            yield Problem(place, _choices(under["anyOf"]))
        if "not" in under and _fits(value, under["not"]):
            keys = ", ".join(under["not"].get("required", ()))
            yield Problem(place, f"{keys} has no place here")
        if "oneOf" in under:
            yield from self._one_of(value, under["oneOf"], place)

    def _value(self, value: Any, under: Schema, place: Place) -> Iterator[Problem]:
        if "enum" in under and value not in under["enum"]:
            yield Problem(place, f"{_short(value)} is none of {', '.join(map(str, under['enum']))}")
        if "const" in under and value != under["const"]:
            yield Problem(place, f"must be {under['const']}")
        if isinstance(value, str) and "pattern" in under and re.search(under["pattern"], value) is None:
            yield Problem(place, f"{_short(value)} does not match {under['pattern']}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value < under.get("minimum", value):
                yield Problem(place, f"must be at least {under['minimum']}")
            if "exclusiveMinimum" in under and value <= under["exclusiveMinimum"]:
                yield Problem(place, f"must be above {under['exclusiveMinimum']}")
        if isinstance(value, list):
            if not under.get("minItems", 0) <= len(value) <= under.get("maxItems", len(value)):
                yield Problem(place, f"must have {_how_many(under)}")
            if under.get("uniqueItems") and _repeats(value):
                yield Problem(place, "the same stands in it twice")

    def _mapping(self, value: Mapping[str, Any], under: Schema, place: Place) -> Iterator[Problem]:
        for key in under.get("required", ()):
            if key not in value:
                yield Problem(place, f"{key} is missing")
        for key, below in under.get("properties", {}).items():
            if key in value:
                yield from self.check(value[key], below, (*place, key))
        if under.get("unevaluatedProperties") is False or under.get("additionalProperties") is False:
            known = _declared(under, value)
            for key in value:
                if key not in known:
                    yield Problem((*place, str(key)), f"unknown key{did_you_mean(str(key), known)}")

    def _one_of(self, value: Any, choices: list[Schema], place: Place) -> Iterator[Problem]:
        keys = [choice["required"][0] for choice in choices if len(choice.get("required", ())) == 1]
        if len(keys) == len(choices) and isinstance(value, Mapping):
            written = [choice for choice, key in zip(choices, keys, strict=True) if key in value]
            if len(written) == 1:
                yield from self.check(value, written[0], place)
            else:
                several = [key for key in keys if key in value]
                said = (
                    f"{' and '.join(several)} exclude each other" if several else f"one of {', '.join(keys)}"
                )
                yield Problem(place, said if several else f"needs {said}")
            return
        fitting = [choice for choice in choices if _is(value, _kind(choice))]
        if not fitting:
            yield Problem(place, _choices(choices))
        elif not any(_fits(value, choice) for choice in fitting):
            yield from self.check(value, fitting[0], place)


def _fits(value: Any, under: Schema) -> bool:
    return next(_Shape().check(value, under, ()), None) is None


def _declared(under: Schema, value: Mapping[str, Any] | None) -> dict[str, None]:
    """Return the keys that a schema knows, of its variants those that apply to ``value``."""
    known = dict.fromkeys(under.get("properties", {}))
    if "$ref" in under:
        known |= _declared(_definition(under["$ref"]), value)
    for part in (*under.get("allOf", ()), *under.get("oneOf", ()), *under.get("anyOf", ())):
        known |= _declared(part, value)
    if "then" in under and (value is None or _fits(value, under["if"])):
        known |= _declared(under["then"], value) | _declared(under["if"], value)
    return known


def _kind(choice: Schema) -> str | None:
    """Return the type that a variant asks for, wherever it says so."""
    if "$ref" in choice:
        return _kind(_definition(choice["$ref"]))
    kind: str | None = choice.get("type")
    if kind is None and "anyOf" in choice:
        return _kind(choice["anyOf"][0])
    return kind


def _is(value: Any, kind: str | None) -> bool:
    if kind is None:
        return True
    if kind == "string":
        return isinstance(value, str | date | datetime)  # YAML reads 2025-03-09 as a date
    if kind in {"number", "integer"}:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (kind == "number" or value == value // 1)
    return isinstance(value, {"boolean": bool, "array": list, "object": Mapping, "null": type(None)}[kind])


def _wrong_kind(value: Any, kind: str) -> str:
    if value is None:
        return f"is empty, must be {KINDS[kind]}"
    if kind == "string" and isinstance(value, int | float):
        return f"must be text: write it in quotes, not as {_short(value)}"
    return f"must be {KINDS[kind]}, not {_short(value)}"


def _choices(choices: list[Schema]) -> str:
    return "must be " + " or ".join(dict.fromkeys(KINDS[_kind(choice) or "object"] for choice in choices))


def _how_many(under: Schema) -> str:
    least, most = under.get("minItems", 0), under.get("maxItems")
    return f"{least} entries" if least == most else f"at least {least} {'entry' if least == 1 else 'entries'}"


def _repeats(values: list[Any]) -> bool:
    return any(value in values[:index] for index, value in enumerate(values))


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004  enough to find it
