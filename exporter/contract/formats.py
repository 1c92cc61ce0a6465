"""Date formats: Java's notation in contracts, C's in Python."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

# Letters of java.time.format.DateTimeFormatter, repeated as often as allowed.
JAVA: Mapping[str, str] = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "MM": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "dd": "%d",
    "d": "%d",
    "M": "%m",
    "DDD": "%j",
    "EEE": "%a",
    "EEEE": "%A",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "a": "%p",
    "X": "%z",
    "XX": "%z",
    "XXX": "%z",
    "Z": "%z",
    "z": "%Z",
    "VV": "%Z",
} | {"S" * count: "%f" for count in range(1, 7)}
MEANT: Mapping[str, str] = {
    "YYYY": "yyyy",
    "YY": "yy",
    "DD": "dd",
    "D": "d",
}  # week-based years, days of the year
STANDARDS = frozenset(
    ("iso8601", "iso-8601", "iso_8601", "rfc3339", "rfc-3339", "date-time", "datetime", "date")
)
PIECES = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<rest>.)", re.DOTALL
)
SAMPLE = datetime(2025, 3, 9, 14, 5, 6, tzinfo=UTC)


class FormatError(ValueError):
    """A format that cannot be read; the message says why."""


def strptime_format(written: str) -> str | None:
    """Return a format as strptime reads it, ``None`` for RFC 3339. Raises FormatError."""
    if written.strip().lower() in STANDARDS:
        return None
    if "%" not in written:
        written = "".join(map(_piece, PIECES.finditer(written)))
    try:
        datetime.strptime(SAMPLE.strftime(written), written)  # noqa: DTZ007  only checks that it can be read
    except (ValueError, re.error) as error:
        raise FormatError(f"not a format that can be read: {error}") from None
    return written


def _piece(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return match["quoted"].replace("''", "'") or "'"
    if match["letters"] is None:
        return match["rest"]
    letters = match["letters"]
    if letters == "T":  # Java requires quotes, other writers omit them
        return letters
    if letters not in JAVA:
        hint = f", did you mean {MEANT[letters]}?" if letters in MEANT else ""
        raise FormatError(f"{letters} is not supported in a format{hint}")
    return JAVA[letters]
