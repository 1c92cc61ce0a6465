"""Validates a contract against the standard's published JSON schema.

The few keywords of the schema are implemented here, so that each mistake has its exact place and plain words:
general validators report in the schema's own terms, and take thirty times as long.
"""

import json
import re
from collections.abc import Mapping
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
CLASSES = {"boolean": bool, "array": list, "object": dict, "null": type(None)}
SIMPLE = frozenset(
    ("enum", "const", "pattern", "minimum", "exclusiveMinimum", "minItems", "maxItems", "uniqueItems")
)
VARIED = frozenset(("$ref", "allOf", "anyOf", "oneOf", "not", "then"))


def shape_problems(value: Mapping[str, Any]) -> list[Problem]:
    """Return every violation of the published schema, each once."""
    shape = _Shape()
    shape.check(dict(value), schema(), ())
    return list(dict.fromkeys(shape.problems))


@cache
def schema() -> Schema:
    """Return the published schema, included in the standard's own package."""
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


class _Plan:
    """The requirements of one part of the schema, looked up once: each part is used a hundred times."""

    __slots__ = ("closed", "items", "kind", "known", "properties", "required", "simple", "varied")

    def __init__(self, under: Schema) -> None:
        self.kind: str | list[str] | None = under.get("type")
        self.simple = not SIMPLE.isdisjoint(under)
        self.varied = not VARIED.isdisjoint(under)
        self.required: list[str] = under.get("required", [])
        self.properties: Schema = under.get("properties", {})
        self.items: Schema | None = under.get("items")
        self.closed = under.get("unevaluatedProperties", under.get("additionalProperties")) is False
        self.known = frozenset(_declared(under, {})) if self.closed else frozenset()


_PLANS: dict[int, _Plan] = {}  # by the part's identity: the schema is read once and kept


def _plan(under: Schema) -> _Plan:
    plan = _PLANS.get(id(under))
    if plan is None:
        plan = _PLANS[id(under)] = _Plan(under)
    return plan


class _Shape:
    """One walk. What a YAML alias repeats is checked once: aliases can nest without end."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seen: set[tuple[int, int]] = set()

    def wrong(self, place: Place, reason: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, reason))

    def check(self, value: Any, under: Schema, place: Place) -> None:
        """Note the mistakes in a value and everything below it."""
        if isinstance(value, dict | list):
            walk = (id(value), id(under))
            if walk in self._seen:
                return
            self._seen.add(walk)
        plan = _plan(under)
        if plan.kind is not None and not _is(value, plan.kind):
            self.wrong(place, _wrong_kind(value, plan.kind))
            return
        if plan.simple:
            self._value(value, under, place)
        if plan.varied:
            self._variants(value, under, place)
        if isinstance(value, dict):
            self._mapping(value, plan, under, place)
        elif isinstance(value, list) and plan.items is not None:
            for index, entry in enumerate(value):
                self.check(entry, plan.items, (*place, index))

    def _variants(self, value: Any, under: Schema, place: Place) -> None:
        if "$ref" in under:
            self.check(value, _definition(under["$ref"]), place)
        for part in (under, *under.get("allOf", ())):
            if "then" in part:
                if _applies(value, part["if"]):
                    self.check(value, part["then"], place)
            elif part is not under:
                self.check(value, part, place)
        if "anyOf" in under and not any(_fits(value, part) for part in under["anyOf"]):
            self.wrong(place, _choices(under["anyOf"]))
        if "not" in under and _fits(value, under["not"]):
            keys = ", ".join(under["not"].get("required", ()))
            self.wrong(place, f"{keys} is not allowed here")
        if "oneOf" in under:
            self._one_of(value, under["oneOf"], place)

    def _value(self, value: Any, under: Schema, place: Place) -> None:
        if "enum" in under and value not in under["enum"]:
            self.wrong(place, f"{_short(value)} is not one of {', '.join(map(str, under['enum']))}")
        if "const" in under and value != under["const"]:
            self.wrong(place, f"must be {under['const']}")
        if isinstance(value, str) and "pattern" in under and re.search(under["pattern"], value) is None:
            self.wrong(place, f"{_short(value)} does not match {under['pattern']}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value < under.get("minimum", value):
                self.wrong(place, f"must be at least {under['minimum']}")
            if "exclusiveMinimum" in under and value <= under["exclusiveMinimum"]:
                self.wrong(place, f"must be above {under['exclusiveMinimum']}")
        if isinstance(value, list):
            if not under.get("minItems", 0) <= len(value) <= under.get("maxItems", len(value)):
                self.wrong(place, f"must have {_how_many(under)}")
            if under.get("uniqueItems") and _repeats(value):
                self.wrong(place, "it has duplicate entries")

    def _mapping(self, value: dict[str, Any], plan: _Plan, under: Schema, place: Place) -> None:
        for key in plan.required:
            if key not in value:
                self.wrong(place, f"{key} is missing")
        for key, entry in value.items():
            below = plan.properties.get(key)
            if below is not None:
                self.check(entry, below, (*place, key))
        if plan.closed and not plan.known.issuperset(value):
            known = _declared(under, value)
            for key in value:
                if key not in known:
                    self.wrong((*place, str(key)), f"unknown key{did_you_mean(str(key), known)}")

    def _one_of(self, value: Any, choices: list[Schema], place: Place) -> None:
        keys = [choice["required"][0] for choice in choices if len(choice.get("required", ())) == 1]
        if len(keys) == len(choices) and isinstance(value, dict):
            written = [choice for choice, key in zip(choices, keys, strict=True) if key in value]
            if len(written) == 1:
                self.check(value, written[0], place)
            elif written:
                said = " and ".join(key for key in keys if key in value)
                self.wrong(place, f"{said} are mutually exclusive")
            else:
                self.wrong(place, f"needs one of {', '.join(keys)}")
            return
        fitting = [choice for choice in choices if _is(value, _kind(choice))]
        if not fitting:
            self.wrong(place, _choices(choices))
        elif not any(_fits(value, choice) for choice in fitting):
            self.check(value, fitting[0], place)


def _fits(value: Any, under: Schema) -> bool:
    if len(under) == 1 and "type" in under:
        return _is(value, under["type"])
    shape = _Shape()
    shape.check(value, under, ())
    return not shape.problems


def _applies(value: Any, condition: Schema) -> bool:
    """Return whether a condition on existing keys holds.

    Strictly, a column without a ``logicalType`` meets every condition on it, and needs everything that any
    type needs: v3.2 would reject every contract that leaves out a type.
    """
    if "anyOf" in condition:
        return any(_applies(value, part) for part in condition["anyOf"])
    for key, below in condition["properties"].items():
        if key not in value or (
            value[key] != below["const"] if "const" in below else not _fits(value[key], below)
        ):
            return False
    return True


def _declared(under: Schema, value: Mapping[str, Any] | None) -> dict[str, None]:
    """Return the keys that a schema knows, with those of its variants that fit ``value``; ``None``: all."""
    known = dict.fromkeys(under.get("properties", {}))
    if "$ref" in under:
        known |= _declared(_definition(under["$ref"]), value)
    for part in (*under.get("allOf", ()), *under.get("oneOf", ()), *under.get("anyOf", ())):
        known |= _declared(part, value)
    if "then" in under and (value is None or _applies(value, under["if"])):
        known |= _declared(under["then"], value)
    return known


def _kind(choice: Schema) -> str | None:
    """Return the type that a variant requires, wherever it is given."""
    if "$ref" in choice:
        return _kind(_definition(choice["$ref"]))
    kind: str | None = choice.get("type")
    if kind is None and "anyOf" in choice:
        return _kind(choice["anyOf"][0])
    return kind


def _is(value: Any, kind: str | list[str] | None) -> bool:
    if kind is None:
        return True
    if isinstance(kind, list):
        return any(_is(value, one) for one in kind)
    if kind == "string":
        return isinstance(value, str | date | datetime)  # YAML reads 2025-03-09 as a date
    if kind in {"number", "integer"}:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (kind == "number" or value == value // 1)
    return isinstance(value, CLASSES[kind])


def _wrong_kind(value: Any, kind: str | list[str]) -> str:
    wanted = " or ".join(KINDS[one] for one in ([kind] if isinstance(kind, str) else kind))
    if value is None:
        return f"is empty, must be {wanted}"
    if kind == "string" and isinstance(value, int | float):
        return f"must be text: write it in quotes, not as {_short(value)}"
    return f"must be {wanted}, not {_short(value)}"


def _choices(choices: list[Schema]) -> str:
    return "must be " + " or ".join(dict.fromkeys(KINDS[_kind(choice) or "object"] for choice in choices))


def _how_many(under: Schema) -> str:
    least, most = under.get("minItems", 0), under.get("maxItems")
    return f"{least} entries" if least == most else f"at least {least} {'entry' if least == 1 else 'entries'}"


def _repeats(values: list[Any]) -> bool:
    return any(_same(value, other) for index, value in enumerate(values) for other in values[:index])


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are equal in JSON, where 1 is not true; deeper ones count as different."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(
            not isinstance(below, Mapping | list) and _same(below, other[key]) for key, below in one.items()
        )
    return (
        isinstance(one, bool) == isinstance(other, bool) and not isinstance(one, list) and bool(one == other)
    )


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004  enough to find it
