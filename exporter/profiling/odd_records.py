"""What a malformed record is, if that can be recognized: a trailer, a page, a row in another form."""

import csv
import re
from enum import StrEnum
from functools import lru_cache
from typing import Any

from exporter.profiling.grammar import Grammar
from exporter.profiling.rfc3339 import parse_ns


class OddRecord(StrEnum):
    """What a malformed record is. Each is complete: a file that ends with one is not cut off."""

    NULS = "NUL bytes"
    END_MARK = "an end-of-file mark"
    TRAILER = "a trailer"
    PAGE = "HTML or XML"
    JSON = "JSON"
    HEADER = "a row and a header"
    TWO_ROWS = "two rows"
    QUOTED = "quoted as a whole"
    QUOTES = "other quotes"
    ESCAPES = "escaped quotes"
    SPACES = "spaces before quotes"
    THOUSANDS = "unquoted thousands separators"
    SEMICOLONS = "semicolons"
    TABS = "tabs"
    BARS = "vertical bars"
    COMMAS = "commas"


DELIMITERS = {";": OddRecord.SEMICOLONS, "\t": OddRecord.TABS, "|": OddRecord.BARS, ",": OddRecord.COMMAS}
"""What separates the fields of rows in another form."""

LONGEST_LOOKED_AT = 1 << 14  # a longer record is hardly a row in another form
_END_MARK = b"\x1a"  # Ctrl-Z, with which DOS ends a file
_PAGE = re.compile(rb"<(?:!doctype\b|!--|\?xml\b|/?[a-z][a-z0-9]*(?:[\s>/]|\Z))", re.IGNORECASE)
_JSON = re.compile(rb"[{\[].*[}\]]\Z|[{}\[\],]*[{}\[\]],*\Z|[\"'][\w.-]+[\"']\s*:\s", re.DOTALL)
_TRAILER = re.compile(
    rb"""[^\w]*(?:
        (?:trailer|trl|tlr|footer|ftr|eof|end[ _-]of[ _-](?:file|data|report|export|extract))\b[^\r\n]{0,80}
      | end\W*
      | \d[\d,.]*\ (?:rows?|records?|lines?)\b[^\r\n]{0,40}
      | (?:(?:total|number|count)[ _]?(?:of[ _])?)?(?:rows?|records?|lines?|total|count)(?:[ _]?count)?
        (?:\ [a-z]{2,10})?[^\w\r\n]{1,4}\d[\d,.]*\W*
      | completion\ time:[^\r\n]{0,40}
    )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(rb"[A-Z]{1,3}([,|;:~^\t])\d+\Z")  # as in T|613


def recognize(record: bytes, width: int | None, grammar: Grammar) -> OddRecord | None:
    """Return what a record with ``width`` fields is, ``None`` if it has no end or is nothing known."""
    if width is None or len(record) > LONGEST_LOOKED_AT:
        return None
    text = record.strip(b" \t\r\n")
    if not text.strip(b"\0\x1a"):
        return None if not text else OddRecord.NULS if b"\0" in text else OddRecord.END_MARK
    if grammar.header and text.endswith(grammar.header) and len(text) > len(grammar.header):
        return OddRecord.HEADER
    found = _recognize_text(text, grammar) if width < grammar.width else None
    return found or _recognize_row(record.rstrip(b"\r\n"), width, grammar)


def _recognize_text(text: bytes, grammar: Grammar) -> OddRecord | None:
    if _PAGE.match(text):
        return OddRecord.PAGE
    if _JSON.match(text):
        return OddRecord.JSON
    code = _CODE.match(text)
    if _TRAILER.match(text) or (code and code[1] != grammar.delimiter.encode()):
        return OddRecord.TRAILER
    return None


def _recognize_row(record: bytes, width: int, grammar: Grammar) -> OddRecord | None:
    """Recognize a row in another form by the number of fields that it has if read in that form."""
    text = record.decode("latin-1")
    delimiter, quote = grammar.delimiter, grammar.quote
    if width == 1 and text.startswith(quote):
        inner = _split(text, delimiter, quote)
        return OddRecord.QUOTED if inner and _width(inner[0], delimiter, quote) == grammar.width else None
    if width == 2 * grammar.width - 1 and _has_two_times(_split(text, delimiter, quote), grammar):
        return OddRecord.TWO_ROWS
    kind = _recognize_delimiter(text, grammar) or _recognize_quotes(text, grammar)
    return kind or (OddRecord.THOUSANDS if width > grammar.width and _has_thousands(text, grammar) else None)


def _recognize_delimiter(text: str, grammar: Grammar) -> OddRecord | None:
    for sign, kind in DELIMITERS.items():
        if (
            sign != grammar.delimiter
            and text.count(sign) >= grammar.width - 1 > 0
            and _width(text, sign, grammar.quote) == grammar.width
        ):
            return kind
    return None


def _recognize_quotes(text: str, grammar: Grammar) -> OddRecord | None:
    delimiter, quote = grammar.delimiter, grammar.quote
    other = "'" if quote == '"' else '"'
    if other in text and _width(text, delimiter, other) == grammar.width:
        return OddRecord.QUOTES
    if f"\\{quote}" in text and _width(text, delimiter, quote, escape="\\") == grammar.width:
        return OddRecord.ESCAPES
    if f"{delimiter} {quote}" in text and _width(text, delimiter, quote, spaces=True) == grammar.width:
        return OddRecord.SPACES
    return None


def _has_two_times(fields: list[str], grammar: Grammar) -> bool:
    if grammar.timestamp is None or grammar.timestamp in (0, grammar.width - 1):
        return False  # one of the two is glued to another field
    return all(
        parse_ns(fields[place].strip()) is not None
        for place in (grammar.timestamp, grammar.timestamp + grammar.width - 1)
    )


def _has_thousands(text: str, grammar: Grammar) -> bool:
    return any(
        (joined := pattern.sub(lambda found: found[0].replace(grammar.delimiter, ""), text)) != text
        and _width(joined, grammar.delimiter, grammar.quote) == grammar.width
        for pattern in _thousands(grammar.delimiter)
    )


@lru_cache(maxsize=16)
def _thousands(delimiter: str) -> tuple[re.Pattern[str], ...]:
    """Return what numbers with separators look like: with decimals, which is surer, and any."""
    sign = re.escape(delimiter)
    start, decimals = rf"(?:(?<={sign})|\A)[-+]?\d{{1,3}}(?:{sign}\d{{3}})+", r"[.,]\d+"
    decimals = decimals.replace(delimiter, "")
    end = rf"(?={sign}|\Z)"
    return re.compile(start + decimals + end), re.compile(f"{start}(?:{decimals})?{end}")


def _width(text: str, delimiter: str, quote: str, **form: Any) -> int:
    return len(_split(text, delimiter, quote, **form))


def _split(text: str, delimiter: str, quote: str, *, escape: str = "", spaces: bool = False) -> list[str]:
    try:
        return next(
            csv.reader(
                [text],
                delimiter=delimiter,
                quotechar=quote,
                escapechar=escape or None,
                doublequote=not escape,
                skipinitialspace=spaces,
            ),
            [],
        )
    except csv.Error:
        return []
