"""A property of a contract's table, as a column."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from exporter.contract.formats import FormatError, strptime_format
from exporter.contract.node import Node, Value
from exporter.feed import Column, Limits

TYPES: Mapping[str, str] = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "time": "text",
}
CHOSEN = ("text", "category", "number", "integer", "boolean", "timestamp", "date", "url", "none")
NUMBERS = frozenset(("number", "integer"))
TIMES = frozenset(("timestamp", "date"))
WORDED = frozenset(("text", "category", "url"))
PERSONAL = frozenset(
    ("personal", "confidential", "restricted", "pii", "phi", "sensitive", "secret", "private")
)
OPEN = frozenset(("public", "internal", "open", "unclassified", "non-sensitive", "none"))
EMPTY = Limits()


def column_of(node: Node, *, packed: bool) -> Column:
    """Return a column. A pack reads its table's rows itself, so there only an explicit ``type`` counts."""
    own = node.own("column")
    logical = node.text("logicalType")
    options = node.node("logicalTypeOptions")
    kind = _type(node, logical, own, options, packed=packed)
    declared = "" if logical is None else TYPES.get(logical, "")
    event_time = _is_event_time(own, kind or declared)
    limits = _limits(node, options, kind or declared)
    if limits != EMPTY and not (kind or packed):
        node.beyond("its limits are not checked: values of a column without a type never are")
    return Column(
        name=(node.text("name") or "").strip(),
        type=kind,
        required=node.flag("required"),
        aliases=_aliases(node, own),
        personal=_is_personal(node),
        event_time=event_time,
        reason="reason" in own and own["reason"].flag(),
        format=_format(options, kind or declared) if kind or event_time else None,
        limits=limits if kind else Limits(values=limits.values) if packed else EMPTY,  # packs use names
        expected="expected" not in own or own["expected"].flag(),
        description=node.text("description") or "",
    )


def _type(node: Node, logical: str | None, own: Mapping[str, Value], options: Node, *, packed: bool) -> str:
    if "type" in own:
        chosen = own["type"].choice(CHOSEN)
        return "" if chosen in {None, "none"} else str(chosen)
    if logical is not None and logical not in TYPES and not packed:
        node.beyond(f"{logical} values are not checked, only whether the column exists", "logicalType")
    if packed or logical is None:
        return ""
    if logical == "time":
        node.beyond("times of the day are read as text", "logicalType")
    if logical == "string" and "enum" in node:
        return "category"
    if logical == "string" and options.text("format") in {"uri", "url"}:
        return "url"
    return TYPES.get(logical, "")


def _aliases(node: Node, own: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the other names that a header may use; ``physicalName`` is one."""
    written = own["aliases"].words() if "aliases" in own else ()
    name, physical = node.text("name"), node.text("physicalName")
    if physical is not None and physical not in {name, *written}:
        return (*written, physical)
    return written


def _is_personal(node: Node) -> bool:
    word = (node.text("classification") or "none").strip().lower()
    if word not in PERSONAL | OPEN:
        node.beyond(
            f"{word} has no effect: only personal values are hidden",
            "classification",
        )
    return word in PERSONAL


def _is_event_time(own: Mapping[str, Value], kind: str) -> bool:
    if "eventTime" not in own or not own["eventTime"].flag():
        return False
    if kind != "timestamp":
        own["eventTime"].wrong("only a column of logicalType timestamp can be the event time")
    return True


def _format(options: Node, kind: str) -> str | None:
    written = options.text("format")
    if written is None:
        return None
    if kind in TIMES:
        try:
            return strptime_format(written)
        except FormatError as error:
            options.wrong(str(error), "format")
            return None
    if written not in {"uri", "url"} or kind != "url":
        options.beyond(f"the format {written} is not checked", "format")
    return None


def _limits(node: Node, options: Node, kind: str) -> Limits:
    for key in ("multipleOf", "timezone", "defaultTimezone"):
        if key in options and options.value[key] not in {"UTC", "Etc/UTC", False}:
            options.beyond(f"{key} is not checked", key)
    if kind not in NUMBERS:
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if key in options:
                options.beyond("limits of times are not checked", key)
    limits = Limits(
        values=_values(node.nodes("enum")) if "enum" in node else None,
        pattern=options.text("pattern"),
        minimum=_end(options, kind, "inimum", math.inf),
        maximum=_end(options, kind, "aximum", -math.inf),
        shortest=_whole(options.number("minLength")),
        longest=_whole(options.number("maxLength")),
    )
    refuse_impossible(options, limits)
    return limits


def refuse_impossible(node: Node, limits: Limits) -> None:
    """Note limits that no value can satisfy, and invalid patterns."""
    if limits.minimum is not None and limits.maximum is not None and limits.minimum > limits.maximum:
        node.wrong(f"minimum {limits.minimum:g} is larger than maximum {limits.maximum:g}", "minimum")
    if limits.shortest is not None and limits.longest is not None and limits.shortest > limits.longest:
        node.wrong(f"minLength {limits.shortest} is larger than maxLength {limits.longest}", "minLength")
    if limits.pattern is not None:
        try:
            re.compile(limits.pattern)
        except (re.error, OverflowError, RecursionError) as error:
            node.wrong(f"not a regular expression: {error}", "pattern")


def _end(options: Node, kind: str, ending: str, inwards: float) -> float | None:
    """Return one end of the range; an exclusive one is the next number inwards."""
    if kind not in NUMBERS:
        return None
    closed, opened = options.number(f"m{ending}"), options.number(f"exclusiveM{ending}")
    for key, number in ((f"m{ending}", closed), (f"exclusiveM{ending}", opened)):
        if number is not None and not math.isfinite(number):
            options.wrong("must be a finite number", key)
            return None
    if opened is None:
        return None if closed is None else float(closed)
    if kind == "integer":
        inner = math.floor(opened) + 1.0 if inwards > 0 else math.ceil(opened) - 1.0
    else:
        inner = math.nextafter(opened, inwards)
    if closed is None:
        return inner
    return max(inner, closed) if inwards > 0 else min(inner, closed)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _values(entries: Iterable[Node]) -> tuple[str, ...]:
    found = []
    for entry in entries:
        if entry.value.get("value") is None:
            if "value" in entry.value:
                entry.beyond("null is not a value: remove required to allow it", "value")
        else:
            found.append(as_text(entry.value["value"]))
    return tuple(dict.fromkeys(found))


def as_text(value: Any) -> str:
    """Format a value as it would appear in a file."""
    return str(value).lower() if isinstance(value, bool) else str(value)
