"""What a cell with an order looks like if it is not the JSON object that it should be.

Shapes are descriptions for messages: they reveal no content but the name of an outer field.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

NOTHING = "nothing"  # the shape of a missing value
NO_JSON = "no JSON"  # the shape of anything else
EMPTY = "an empty JSON object"
WITHIN = "an object with the order in its field"
OTHER_FIELDS = "a JSON object without revenue, transaction_id and items"

OWN = ("revenue", "transaction_id", "items")
DEEPEST = 3  # objects around an order
PLAIN_NAME = re.compile(r"\w{1,30}", re.ASCII)
LONGEST_REPAIRED = 65_536  # characters; longer texts are not repaired to find out what is wrong

_LOOKS = (
    ("[object Object]", re.compile(r"\[object Object\]")),
    ("JSON within a JSON text", re.compile(r'".*"', re.DOTALL)),
    ("a Python dict", re.compile(r"\{\s*'.*", re.DOTALL)),
    ("JSON with its quotes doubled", re.compile(r'\{\s*""(?!\s*:).*', re.DOTALL)),
    ("JSON with its quotes escaped", re.compile(r'\{\s*\\".*', re.DOTALL)),
    (
        "JSON with typographic quotes",
        re.compile("\\{\\s*[\u2018-\u201f\u00ab\u00bb\u2032\u2033].*", re.DOTALL),
    ),
    (
        "JSON with &quot; for its quotes",
        re.compile(r"\{\s*&(?:quot|#0*34|#x0*22);.*", re.DOTALL | re.IGNORECASE),
    ),
    ("URL-encoded JSON", re.compile(r"%7B(?:%22|%0A|%20|%7D|\+).*", re.DOTALL | re.IGNORECASE)),
    ("Base64 of JSON", re.compile(r"e(?:w[o-r]|y[A-DI-L])[A-Za-z0-9+/_-]{8,}={0,2}")),
    ("JSON with its keys unquoted", re.compile(r"\{\s*[A-Za-z_$][\w$]*\s*:.*", re.DOTALL)),
    ("a JSON list", re.compile(r"\[.*\]", re.DOTALL)),
)
CUT_OFF = "JSON that is cut off"
MORE_TEXT = "JSON with more text after it"


def _without(pattern: str, put: str) -> Callable[[str], object]:
    """Return what parses a text after a replacement."""
    found = re.compile(pattern)
    return lambda text: json.loads(found.sub(put, text))


_WORD = r"(?<=[:,\[])(\s*)(?:%s)(?=\s*[,}\]])"
_REPAIRS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("JSON with NaN or Infinity", json.loads),
    ("JSON with unescaped control characters", lambda text: json.loads(text, strict=False)),
    ("JSON with a comma before a closing bracket", _without(r",(\s*[}\]])", r"\1")),
    ("JSON with Python's None, True or False", _without(_WORD % "None|True|False", r"\1null")),
    ("JSON with JavaScript's undefined", _without(_WORD % "undefined", r"\1null")),
    ("JSON with a field without a value", _without(r":(\s*[,}])", r":null\1")),
    ("JSON with an invalid escape", _without(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})|\\', "_")),
    (MORE_TEXT, json.JSONDecoder().raw_decode),
)
"""What is wrong with a text if it can be parsed after one change. They are tried in this order."""


def shape_of_broken(text: str) -> str:
    """Return what a trimmed text that is not a JSON object looks like."""
    looks = next((name for name, pattern in _LOOKS if pattern.fullmatch(text)), None)
    if looks is None and text.startswith("{"):
        looks = _repaired(text)
    return looks or ("broken JSON" if text.startswith(("{", "[")) else NO_JSON)


def _repaired(text: str) -> str | None:
    """Return what is wrong with the text of an object; most broken texts are cut off, so that goes fast."""
    whole = text.endswith("}")
    if len(text) <= LONGEST_REPAIRED:
        for name, parse in _REPAIRS if whole else _REPAIRS[-1:]:
            try:
                parse(text)
            except (ValueError, RecursionError):
                continue
            return name
    return None if whole or text == "{" else CUT_OFF


def is_of_object(shape: str) -> bool:
    """Return whether a shape is that of a missing value or of an object, which is not unparseable."""
    return shape in {NOTHING, EMPTY, OTHER_FIELDS} or shape.startswith(WITHIN)


def shape_of_object(order: Mapping[str, Any]) -> str | None:
    """Return the shape of an object that has nothing of an order, or ``None`` if it has something."""
    if not order:
        return EMPTY
    if _has_own(order):
        return None
    path = _path_within(order, DEEPEST)
    if path is None:
        return OTHER_FIELDS
    if all(PLAIN_NAME.fullmatch(name) for name in path):
        return f"{WITHIN} {'.'.join(path)}"
    return f"{WITHIN} of another name"


def _has_own(order: Mapping[str, Any]) -> bool:
    return any(order.get(name) not in (None, "", [], {}) for name in OWN)


def _path_within(outer: Mapping[str, Any], depth: int) -> tuple[str, ...] | None:
    """Return the names of the fields around an order, from the outside."""
    for name, value in outer.items():
        if isinstance(value, dict):
            if _has_own(value):
                return (name,)
            inner = _path_within(value, depth - 1) if depth > 1 else None
            if inner is not None:
                return (name, *inner)
    return None
