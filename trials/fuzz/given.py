"""An input as targets read it: choices first, then bytes; and documents with odd values in some places."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

Option = TypeVar("Option")
Place = tuple[str | int, ...]

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    1e308,
    2**31,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    "",
    " ",
    "0",
    "a",
    "a:b",
    "../..",
    "x" * 300,
    "\u00e9\u2028\u202e",
    "\0",
    "[",
    "(((((a*)*)*)*)*)*b",
    "%",
    "{}",
    "1e999",
    "NaN",
    "2025-03-09",
    "9999-12-31",
    "2025-03-09T08:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "90s",
    "9999999999999d",
    "Europe/Berlin",
    [],
    {},
    [[]],
    [None],
    ["a", "a"],
    {"": None},
    {"a": {"a": []}},
)
ODD_OF_YAML: tuple[Any, ...] = (*ODD, float("nan"), float("inf"), 10**400, b"\xff", {1: 2})


class Given:
    """It reads choices from the start of an input; an exhausted input always chooses the first option."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def number(self) -> int:
        """Take a number below 256."""
        first, self.rest = self.rest[:1], self.rest[1:]
        return first[0] if first else 0

    def pick(self, options: Sequence[Option]) -> Option:
        """Take one of the options."""
        return options[self.number() % len(options)]

    def edited(self, document: Any, odd: Sequence[Any] = ODD) -> Any:
        """Return a document of mappings, lists and scalars with up to six places changed.

        The rest of the input is used: three bytes for a place, and one for the replacement.
        """
        changed = copy.deepcopy(document)
        for _ in range(6):
            if len(self.rest) < 4:
                break
            at = (self.number() << 8) | self.number()
            how, what = self.number(), self.pick(odd)
            places = list(_places(changed))
            if places:
                changed = _edit(changed, places[at % len(places)], how, what)
        return changed


def _places(document: Any, place: Place = ()) -> Iterator[Place]:
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for key, below in items:
        yield (*place, key)
        yield from _places(below, (*place, key))


def _edit(document: Any, place: Place, how: int, what: Any) -> Any:
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    last = place[-1]
    match how % 6:
        case 0:
            del holder[last]
        case 1 if isinstance(holder, dict):
            holder[what if isinstance(what, str) else "odd"] = holder.pop(last)
        case 2 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        case 3:
            holder[last] = [holder[last]]
        case _:
            holder[last] = copy.deepcopy(what)
    return document
