"""Timestamps as nanoseconds since the epoch: RFC 3339, and a few other unambiguous spellings."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from exporter.model import NANOSECONDS

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SECONDS_OF_DAY = 86_400

_PATTERN = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:[.,](\d+))?)?"
    r"(?: ?([Zz]|UTC|utc|\+0000 UTC|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?))?",
    re.ASCII,
)


def parse_ns(text: str, zone: tzinfo = UTC) -> int | None:
    """Return the instant in nanoseconds since the epoch, or ``None`` if ``text`` is not a timestamp.

    Beyond RFC 3339, section 5.6, these variants are read: a space for the ``T``, no seconds,
    a decimal comma, ``UTC`` for ``Z`` (BigQuery), ``+0000 UTC`` (Go), an offset without its colon or its
    minutes (Postgres), and a space before any of them. A timestamp without an offset is in ``zone``; in an
    hour that occurs twice there, the first is used. Digits beyond nanoseconds are cut off. A leap second
    (``:60``) is the second after ``:59``. A date alone is not a timestamp.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, offset = match.groups()
    days = _days(day)
    if days is None:
        return None
    seconds = days * SECONDS_OF_DAY + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    shift = _named_offset(offset) if offset else _offset_in(zone, seconds)
    nanoseconds = int(fraction[:9].ljust(9, "0")) if fraction else 0
    return (seconds - shift) * NANOSECONDS + nanoseconds


def read_form(form: str, text: str) -> datetime | None:
    """Return what strptime reads by ``form``, or ``None``; of digits only ASCII, as other readers do."""
    if not text.isascii() and any(letter.isdecimal() and not letter.isascii() for letter in text):
        return None
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  callers add a missing zone
    except ValueError:
        return None


def parse_form(form: str, text: str, zone: tzinfo = UTC) -> int | None:
    """Return the instant that ``read_form`` reads, in nanoseconds since the epoch, or ``None``.

    A timestamp without an offset is in ``zone``.
    """
    moment = read_form(form, text)
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except OverflowError:
        return None
    return (since.days * SECONDS_OF_DAY + since.seconds) * NANOSECONDS + since.microseconds * 1000


@lru_cache(maxsize=1024)
def _days(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() - EPOCH_ORDINAL
    except ValueError:
        return None


def _named_offset(text: str) -> int:
    if text in ("Z", "z", "UTC", "utc", "+0000 UTC"):
        return 0
    seconds = int(text[1:3]) * 3600 + int(text[-2:] if len(text) > len("+hh") else 0) * 60
    return -seconds if text[0] == "-" else seconds


def _offset_in(zone: tzinfo, wall_seconds: int) -> int:
    if zone is UTC:
        return 0
    try:
        wall = datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=wall_seconds)
        offset = wall.utcoffset() or timedelta(0)
    except OverflowError:  # the last day of year 9999
        return 0
    return round(offset.total_seconds())
