"""One mapping of a contract, with its position and the notes of its readers."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from exporter.strict import Place, Problem

ENGINE = "puffy-exporter"  # our name among engines and vendors
NEAR = 0.8  # a name this similar to one of ours is a misspelling, not another tool's property

# Our custom properties, and the levels where each is allowed. docs/contracts.md describes them.
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "stage": ("table",),
    "pack": ("table",),
    "successFile": ("table",),
    "trends": ("contract", "table"),
    "checks": ("contract", "table"),
    "weekdays": ("contract", "service level"),
    "aliases": ("column",),
    "eventTime": ("column",),
    "reason": ("column",),
    "type": ("column",),
    "expected": ("column",),
    "delimiter": ("server",),
    "quote": ("server",),
    "owner": ("rule",),
    "blocking": ("rule",),
    "summary": ("rule",),
    "resolution": ("rule",),
}


@dataclass(slots=True)
class Notes:
    """Mistakes in a contract, and valid parts that this tool does not support."""

    problems: list[Problem] = field(default_factory=list)
    beyond: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one of our custom properties. Its readers note mistakes and return ``None``."""

    value: Any
    place: Place
    notes: Notes

    def wrong(self, reason: str, *below: str | int) -> None:
        """Note a mistake."""
        self.notes.problems.append(Problem((*self.place, *below), reason))

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.wrong("must be true or false")
        return self.value is True

    def text(self) -> str | None:
        """Return one line of text."""
        if isinstance(self.value, str) and self.value.strip() and self.value.isprintable():
            return self.value.strip()
        self.wrong("must be one line of text")
        return None

    def choice(self, choices: Mapping[str, Any] | tuple[str, ...]) -> str | None:
        """Return one of a few words."""
        if isinstance(self.value, str) and self.value in choices:
            return self.value
        self.wrong(f"{self.value!r} is not one of {', '.join(choices)}")
        return None

    def words(self) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one."""
        entries = [self.value] if isinstance(self.value, str) else self.value
        if not isinstance(entries, list) or not entries:
            self.wrong("must be a list of strings")
            return ()
        found = []
        for index, entry in enumerate(entries):
            if isinstance(entry, str) and entry.strip() and entry.isprintable():
                found.append(entry.strip())
            else:
                self.wrong("must be one line of text", index)
        return tuple(found)

    def mapping(self) -> Iterator[tuple[str, "Node"]]:
        """Yield names and the mappings under them."""
        if not isinstance(self.value, Mapping):
            self.wrong("must be a mapping of names")
            return
        for name, below in self.value.items():
            if not isinstance(name, str):
                self.wrong(f"the name {name!r} must be text")
            elif isinstance(below, Mapping):
                yield name, Node(below, (*self.place, name), self.notes)
            else:
                self.wrong("must be a mapping of keys", name)


def number_of(value: object) -> float | None:
    """Return a value that is a number, ``None`` for any other; infinity for one that is too large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return value


@dataclass(frozen=True, slots=True)
class Node:
    """A mapping of the contract. Values of the wrong type count as absent: the shape is checked elsewhere."""

    value: Mapping[str, Any]
    place: Place
    notes: Notes

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def wrong(self, reason: str, *below: str | int) -> None:
        """Note a mistake."""
        self.notes.problems.append(Problem((*self.place, *below), reason))

    def beyond(self, reason: str, *below: str | int) -> None:
        """Note what this tool does not support."""
        self.notes.beyond.append(Problem((*self.place, *below), reason))

    def text(self, key: str) -> str | None:
        """Return a text."""
        found = self.value.get(key)
        if isinstance(found, date):  # how YAML reads 2025-03-09
            return found.isoformat() if not isinstance(found, datetime) else str(found)
        return found if isinstance(found, str) else None

    def number(self, key: str) -> float | None:
        """Return a number; infinity for one that is too large."""
        return number_of(self.value.get(key))

    def flag(self, key: str) -> bool:
        """Return whether a key is true."""
        return self.value.get(key) is True

    def node(self, key: str) -> "Node":
        """Return a mapping below, an empty one if there is none."""
        found = self.value.get(key)
        return Node(found if isinstance(found, Mapping) else {}, (*self.place, key), self.notes)

    def nodes(self, key: str) -> "list[Node]":
        """Return the mappings of a list."""
        found = self.value.get(key)
        return [
            Node(entry, (*self.place, key, index), self.notes)
            for index, entry in enumerate(found if isinstance(found, list) else ())
            if isinstance(entry, Mapping)
        ]

    def own(self, level: str) -> Mapping[str, Value]:
        """Return our custom properties by name; note misspelt and misplaced ones and those of other tools."""
        found: dict[str, Value] = {}
        for entry in self.nodes("customProperties"):
            name = entry.text("property")
            if name is None or "value" not in entry.value:
                continue
            fault = _fault(name, entry.text("vendor"), level)
            if fault is None and name in found:
                fault = f"{name} appears twice"
            if fault is not None:
                entry.wrong(fault, "property")
            elif level in PROPERTIES.get(name, ()) and entry.text("vendor") in {None, ENGINE}:
                found[name] = Value(entry.value["value"], (*entry.place, "value"), self.notes)
            else:
                entry.beyond(f"{name} is not a property of this tool", "property")
        return found


def _fault(name: str, vendor: str | None, level: str) -> str | None:
    if vendor not in {None, ENGINE}:
        return None
    if name in PROPERTIES:
        places = PROPERTIES[name]
        return None if level in places else f"{name} belongs to a {' or a '.join(places)}, not to a {level}"
    bare = {known.lower(): known for known in PROPERTIES}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), bare, 1, NEAR)
    if near:
        return f"unknown property {name}, did you mean {bare[near[0]]}?"
    return f"unknown property {name} (known: {', '.join(PROPERTIES)})" if vendor == ENGINE else None
