"""The shape of an unreadable timestamp: a description, never the value itself."""

import re
import unicodedata
from functools import lru_cache

LONGEST_MASK = 40
SHOWN = frozenset(("Sc", "Sm"))  # Unicode's categories of signs of currencies and of arithmetic
NO_NUMBERS = frozenset(
    ("#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!", "#n/a", "#error!", "inf", "infinity")
)
"""What spreadsheets and programs write for a number that there is not, in lower case."""

ADDRESS = "a web address"

_SHAPES = tuple(
    (name, re.compile(pattern, re.ASCII | re.IGNORECASE))
    for name, pattern in (
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
            "no possible date or time",
            r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(z|utc|[+-]\d\d(:?\d\d)?))?",
        ),
        ("ISO 8601 without separators", r"\d{8}t?\d{4,6}(\.\d+)?(z|[+-]\d\d:?\d\d)?"),
        ("a date with slashes", r"\d{1,4}/\d{1,2}/\d{1,4}\b.*"),
        ("a date with dots", r"\d{1,2}\.\d{1,2}\.\d{2,4}\b.*"),
        ("a month by name", r".*\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*"),
        ("a 12-hour clock", r".*\d ?[ap]\.?m\.?"),
        ("two time zones", r"\d{4}-\d\d-\d\d[t ][\d:.,]+(z|[+-]\d\d:?\d\d) ?(z|utc|[+-]\d\d:?\d\d)"),
        (
            "a time zone by name",
            r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d([.,]\d+)?)?(z|[+-]\d\d:?\d\d)? ?\[?[a-z/_+-]+\d*\]?",
        ),
    )
)


@lru_cache(maxsize=4096)
def name_shape(text: str) -> str:
    """Name the shape of a timestamp that ``rfc3339`` rejects; an unknown one by its mask.

    In a mask every digit is ``9`` and every letter ``a``, so that it reveals only the shape.
    """
    for name, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return name
    return mask(text)


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
