"""The patterns of values, by their distinct texts: numbers, times, addresses, and near misses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling.rfc3339 import parse_ns

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60))?"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"

PATTERNS = {
    "integer": r"[+-]?(0|[1-9][0-9]{0,17})",
    "zeros": r"0[0-9]+",  # as numbers they would lose leading zeros
    "long": r"[0-9]{19,}",  # as numbers they would lose digits
    "number": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?",
    "comma": r"[+-]?([0-9]+|[0-9]{1,3}([.' ][0-9]{3})+),[0-9]+",
    "thousands": r"[+-]?[0-9]{1,3}([,' ][0-9]{3})+(\.[0-9]+)?",
    "unit": r"[+-]?[€$£¥] ?[+-]?[0-9][0-9.,']*|[+-]?[0-9][0-9.,']* ?(%|€|\$|£|¥|EUR|USD|GBP|CHF)",
    "timestamp": rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt ]{_CLOCK}([.,][0-9]+)?"
    r"( ?([Zz]|UTC|utc|\+0000 UTC|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?))?",
    "date": r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "url": r"[A-Za-z][A-Za-z0-9+.-]*://\S+",
    "email": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "ip": r"(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}|"
    r"[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){4,7}",
    "epoch": r"1[0-9]{9}(\.[0-9]+)?|1[0-9]{12}|1[0-9]{15}",
}

_DATE_FORMS = {
    "%d.%m.%Y": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}",
    "%d/%m/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%m/%d/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%d-%m-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%m-%d-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%Y/%m/%d": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    "%Y.%m.%d": r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}",
    "%d-%b-%Y": rf"[0-9]{{1,2}}-{_MONTH}-[0-9]{{4}}",
    "%d %b %Y": rf"[0-9]{{1,2}} {_MONTH} [0-9]{{4}}",
    "%b %d, %Y": rf"{_MONTH} [0-9]{{1,2}}, [0-9]{{4}}",
    "%Y%m%d": r"(19|20)[0-9]{6}",
}
_CLOCK_FORMS = {
    "%H:%M:%S": r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}",
    "%H:%M:%S.%f": r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6}",
    "%H:%M": r"[0-9]{1,2}:[0-9]{2}",
    "%I:%M:%S %p": r"[0-9]{1,2}:[0-9]{2}:[0-9]{2} [AaPp][Mm]",
    "%I:%M %p": r"[0-9]{1,2}:[0-9]{2} [AaPp][Mm]",
}
FORMATS = {
    **_DATE_FORMS,
    **{
        f"{day} {clock}": f"{shape} {times}"
        for day, shape in _DATE_FORMS.items()
        for clock, times in _CLOCK_FORMS.items()
    },
    "%d/%b/%Y:%H:%M:%S %z": rf"[0-9]{{2}}/{_MONTH}/[0-9]{{4}}(:[0-9]{{2}}){{3}} [+-][0-9]{{4}}",
    "%Y%m%dT%H%M%S%z": r"(19|20)[0-9]{6}T[0-9]{6}(Z|[+-][0-9]{4})",
    "%Y%m%dT%H%M%S": r"(19|20)[0-9]{6}T[0-9]{6}",
    "%Y%m%d%H%M%S": r"(19|20)[0-9]{12}",
}
DATES = frozenset(_DATE_FORMS)
_DATE_LIKE = (  # checked before formats are tried one by one
    rf"[0-9]{{1,4}}[-/. ]([0-9]{{1,2}}|{_MONTH})[-/. ,].*|{_MONTH} [0-9]{{1,2}}, .*|"
    "(19|20)[0-9]{6}(T?[0-9]{6}(Z|[+-][0-9]{4})?)?"
)
SAMPLE = 2000  # distinct values that decide which patterns are tried on all of them
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Fits:
    """The number of rows that fit each pattern and format, for patterns that more than a few rows fit."""

    rows: dict[str, int]
    formats: dict[str, int]


def fit(values: Any, counts: Any) -> Fits:
    """Count the rows that fit each pattern; ``values`` are distinct, each occurs in ``counts`` rows."""
    sample, weights = _sample(values, counts)
    rows, formats = {}, {}
    for name, pattern in PATTERNS.items():
        if _matching(sample, weights, pattern):
            rows[name] = _matching(values, counts, pattern)
    half = HALF * (pc.sum(weights).as_py() or 0)
    for form, pattern in FORMATS.items() if _matching(sample, weights, _DATE_LIKE) > half else ():
        if _matching(sample, weights, pattern) > half:
            formats[form] = _valid(values, counts, form, pattern)
    return Fits(rows, formats)


def instants(values: Any, form: str | None) -> Iterator[tuple[datetime, bool]]:
    """Yield a sample of the times, as UTC or as written, and whether each has an offset."""
    for text in _sample(values, values)[0].to_pylist():
        if form is None:
            nanoseconds = parse_ns(text)
            if nanoseconds is not None and abs(nanoseconds) < _FARTHEST:
                when = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
                yield when.replace(tzinfo=None), _names_offset(text)
        else:
            try:
                when = datetime.strptime(text, form)  # noqa: DTZ007  including formats without an offset
                yield (
                    when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when,
                    form.endswith("%z"),
                )
            except (ValueError, OverflowError):
                continue


_FARTHEST = 7_000_000_000 * 1_000_000_000  # years 1748 to 2191


def _names_offset(text: str) -> bool:
    return re.search(r"([Zz]|UTC|utc|:\S*[+-][0-9:]+)$", text) is not None


def _sample(values: Any, counts: Any) -> tuple[Any, Any]:
    if len(values) <= SAMPLE:
        return values, counts
    step = len(values) / SAMPLE
    places = pa.array([int(index * step) for index in range(SAMPLE)])
    return values.take(places), counts.take(places)


def _matching(values: Any, counts: Any, pattern: str) -> int:
    mask = pc.match_substring_regex(values, f"^(?:{pattern})$")
    return int(pc.sum(counts.filter(mask)).as_py() or 0)


def _valid(values: Any, counts: Any, form: str, pattern: str) -> int:
    """Count rows that are possible dates: for many distinct values, by a sample."""
    some, weights = _sample(values, counts)
    rows: int = sum(
        count
        for text, count in zip(some.to_pylist(), weights.to_pylist(), strict=True)
        if _is_possible(text, form)
    )
    if len(some) == len(values):
        return rows
    total = pc.sum(weights).as_py() or 1
    if rows == total:
        return _matching(values, counts, pattern)
    return int(rows / total * (pc.sum(counts).as_py() or 0))


def _is_possible(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007  only checks that it can be read
    except ValueError:
        return False
    return True


def best_format(formats: dict[str, int], present: int, least: float) -> tuple[str | None, Sequence[str]]:
    """Return the best format, and others that fit equally well."""
    fitting = [form for form, rows in formats.items() if rows >= least * present]
    most = max((formats[form] for form in fitting), default=0)
    best = [form for form in fitting if formats[form] == most]
    return (best[0], best[1:]) if best else (None, ())
