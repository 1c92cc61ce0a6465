"""Rows without personal data: enough is left to see what is wrong with a row."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from exporter.feed import Column, Table
from exporter.profiling.missing import is_missing
from exporter.profiling.shapes import mask

LONGEST = 400  # characters of a cell that are shown
URL_COLUMNS = frozenset({"page_url", "referrer"})
OPEN_COLUMNS = frozenset({"timestamp", "event_name", "user_agent", "dq_reason", "referrer_host"})

TOKEN = re.compile(
    r"[^\s@/?&=,;:\"']+@[^\s@/?&=,;:\"']+"  # an e-mail address
    r"|(?<![A-Za-z0-9])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{12,}"  # long, with a digit: an id or a hash
)
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,18}(Z|[+-][0-9:]{4,6})?)?")
PERSONAL_KEY = re.compile(
    r"(^|_)(id|ids|email|mail|phone|name|first|last|address|zip|token|ip)$", re.IGNORECASE
)
MONEY = re.compile(r"revenue|price|amount|total|value|quantity|tax|shipping|discount", re.IGNORECASE)
THINGS = re.compile(r"item_|currency$")  # keys with texts of the shop, not of a person


def mask_row(row: Mapping[str, str], table: Table) -> dict[str, str]:
    """Return a row's cells in a form safe for anybody; a missing value stays visibly missing."""
    return {name: mask_cell(name, value, table.column(name)) for name, value in row.items()}


def mask_cell(  # noqa: PLR0911  one line per kind of column
    column: str, value: str, known: Column | None = None
) -> str:
    """Mask one cell by its column's contents; unknown columns are masked completely."""
    if is_missing(value):
        return value.strip()
    if known is not None and known.personal:
        return _mask(value)
    if known is not None and known.type:
        return shown(mask_url(value) if known.type == "url" else _open(value))
    if column in URL_COLUMNS:
        return shown(mask_url(value))
    if column == "event_data":
        return shown(_mask_json(value))
    if column in OPEN_COLUMNS:
        return shown(_open(value))
    return _mask(value)


def _open(value: str) -> str:
    """Return non-personal text without ids and addresses in it."""
    return value if INSTANT.fullmatch(value.strip()) else TOKEN.sub(_hidden, value)


def mask_field(value: str) -> str:
    """Mask a field of a malformed record, whose column is unknown: only its shape is left."""
    return value if INSTANT.fullmatch(value.strip()) else mask(value.strip())


def shown(value: str) -> str:
    """Return text that is safe on a terminal: no control characters, of bounded length."""
    plain = "".join(character if character.isprintable() else "?" for character in value)
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 3]}..."


def mask_url(url: str) -> str:
    """Keep scheme, host, path and the names of query parameters; ids in the path are masked."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return _mask(url)
    if not parts.scheme or not host:
        return _mask(url)
    path = "/".join(TOKEN.sub(_hidden, segment) for segment in parts.path.split("/"))
    return f"{parts.scheme}://{host}{path}{_mask_query(parts)}{'#*' if parts.fragment else ''}"


def _mask_query(parts: SplitResult) -> str:
    if not parts.query:
        return ""
    names = (pair.partition("=")[0] for pair in parts.query.split("&"))
    return "?" + "&".join(f"{TOKEN.sub(_hidden, name)}=*" for name in names)


def _mask_json(text: str) -> str:
    try:
        return json.dumps(_mask_value("", json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"[not JSON, {len(text)} characters: {mask(text.strip())}]"


def _mask_value(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {TOKEN.sub(_hidden, name): _mask_value(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mask_value(key, inner) for inner in value]
    things = THINGS.match(key) is not None
    personal = not things and PERSONAL_KEY.search(key) is not None
    if isinstance(value, str):
        named = things and TOKEN.search(value) is None
        if named or is_missing(value) or _is_amount(value, personal=personal):
            return value
        return mask(value.strip()) if MONEY.search(key) is not None and not personal else _mask(value)
    if isinstance(value, int) and not isinstance(value, bool) and personal:
        return _mask(str(value))
    return value


def _is_amount(value: str, *, personal: bool) -> bool:
    return not personal and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", value.strip()) is not None


def _mask(value: str) -> str:
    return f"[masked, {len(value.strip())} characters]"


def _hidden(match: re.Match[str]) -> str:
    return f"[masked, {len(match[0])} characters]"
