"""The shape of an unreadable timestamp: a description, never the value itself."""

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

from exporter.profiling.rfc3339 import parse_ns

LONGEST_MASK = 40
SHOWN = frozenset(("Sc", "Sm"))  # Unicode's categories of signs of currencies and of arithmetic
NO_NUMBERS = frozenset(
    ("#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#n/a", "#error!", "inf", "infinity")
)
"""What spreadsheets and programs write for a number that there is not, in lower case."""

ADDRESS = "a web address"

CLOCK = "a 12-hour clock"
IMPOSSIBLE = "no possible date or time"
ISO, ISO_DATE = "ISO 8601", "%Y-%m-%d"
DATES = frozenset(("a date with slashes", "a date with dots", "a month by name"))  # of any clock
AS_THEY_ARE = frozenset((*DATES, IMPOSSIBLE, CLOCK))  # a format of its own tells more of them apart
EXAMPLE = datetime(2025, 11, 22, 13, 14, 15, 161718, UTC)  # two digits each

_PATTERNS = (
    (ADDRESS, r"https?://.*"),
    ("epoch seconds", r"-?\d{9,10}(\.\d*)?"),
    ("epoch milliseconds", r"-?\d{12,13}(\.\d*)?"),
    ("epoch microseconds", r"-?\d{15,16}(\.\d*)?"),
    ("epoch nanoseconds", r"-?\d{18,19}"),
    ("a number in exponent form", r"-?\d(\.\d+)?e\+?\d+"),
    ("a spreadsheet's day number", r"\d{5}([.,]\d+)?"),
    ("a date without a time", r"\d{4}-\d\d-\d\d|\d{8}|\d{4}/\d\d/\d\d"),
    ("a time without a date", r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?"),
    (
        IMPOSSIBLE,
        r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(z|utc|[+-]\d\d(:?\d\d)?))?",
    ),
    ("ISO 8601 without separators", r"\d{8}t?\d{4,6}(\.\d+)?(z|[+-]\d\d:?\d\d)?"),
    ("a date with slashes", r"\d{1,4}/\d{1,2}/\d{1,4}\b.*"),
    ("a date with dots", r"\d{1,2}\.\d{1,2}\.\d{2,4}\b.*"),
    ("a month by name", r".*\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*"),
    (CLOCK, r".*\d ?[ap]\.?m\.?"),
    ("two time zones", r"\d{4}-\d\d-\d\d[t ][\d:.,]+(z|[+-]\d\d:?\d\d) ?(z|utc|[+-]\d\d:?\d\d)"),
    (
        "a time zone by name",
        r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d([.,]\d+)?)?(z|[+-]\d\d:?\d\d)? ?\[?[a-z/_+-]+\d*\]?",
    ),
)
_SHAPES = tuple((name, re.compile(pattern, re.ASCII | re.IGNORECASE)) for name, pattern in _PATTERNS)
_CLOCK = re.compile(dict(_PATTERNS)[CLOCK], re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"(?<!9)99?(?!9)")  # of one or two digits, such as a day


@lru_cache(maxsize=4096)
def name_shape(text: str, form: str | None = None) -> str:
    """Name the shape of a timestamp that is not read, by ``rfc3339`` or its column's ``form``.

    An unknown one is named by its mask, in which every digit is ``9`` and every letter ``a``, so that it
    reveals only the shape.
    """
    name = next((name for name, pattern in _SHAPES if pattern.fullmatch(text)), None)
    if form is not None and (name is None or name in AS_THEY_ARE):
        return _beside(text, form)
    if name in DATES and _CLOCK.fullmatch(text):
        return f"{name} and {CLOCK}"
    return mask(text) if name is None else name


def _beside(text: str, form: str) -> str:
    """Name a timestamp's shape so that its difference from the expected one shows."""
    shape = mask(text)
    if _NUMBER.sub("9", shape) == _NUMBER.sub("9", shape_of(form)):
        return IMPOSSIBLE
    if not form.startswith(ISO_DATE) and parse_ns(text) is not None:
        return ISO
    return f"{shape} ({CLOCK})" if _CLOCK.fullmatch(text) and "%p" not in form else shape


def shape_of(form: str) -> str:
    """Return the mask of the times that a strptime format writes."""
    return mask(EXAMPLE.strftime(form))


@lru_cache(maxsize=4096)
def name_number(text: str) -> str:
    """Name the shape of a text that is not a number: a word for such as it is, others by a mask."""
    return text if text.lower().lstrip("+-") in NO_NUMBERS else mask(text)


@lru_cache(maxsize=4096)
def mask(text: str) -> str:
    """Return a text's shape: digits as ``9``, letters as ``a``, other non-ASCII as ``?``.

    Signs of currencies and punctuation stay, as they show the reason; digits of other scripts become a nine
    of theirs.
    """
    shown = "".join(_mask_one(letter) for letter in text[:LONGEST_MASK])
    return f"{shown}..." if len(text) > LONGEST_MASK else shown


def _mask_one(letter: str) -> str:
    if letter.isdecimal():  # the digits of a script are in order
        return chr(ord(letter) - unicodedata.decimal(letter) + 9)
    if letter.isdigit():
        return "9"
    if letter.isalpha():
        return "a"
    if letter.isascii():
        return letter if letter.isprintable() else "?"
    kind = unicodedata.category(letter)
    return " " if kind == "Zs" else letter if kind[0] == "P" or kind in SHOWN else "?"
