"""Paths with a date in them: ``events_{date:%Y%m%d}.csv``, ``dt={date:%Y-%m-%d}/flights.csv``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath

PLACE = re.compile(r"\{date:([^{}]*)\}")
DIRECTIVE = re.compile(r"%(.)", re.DOTALL)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PARTS = {
    "Y": ("year", "[0-9]{4}"),
    "y": ("short_year", "[0-9]{2}"),
    "m": ("month", "[0-9]{2}"),
    "d": ("day", "[0-9]{2}"),
    "j": ("day_of_year", "[0-9]{3}"),
    "b": ("month_name", "[A-Za-z]{3}"),
}
# Endings of files that are decompressed.
COMPRESSED = (".gz", ".zst", ".zstd", ".bz2", ".lz4", ".xz", ".zip")
# Formats by file ending.
FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv", ".txt", ".dat"), "csv"),
    **dict.fromkeys((".parquet", ".parq", ".pq"), "parquet"),
    **dict.fromkeys((".ndjson", ".jsonl", ".json"), "ndjson"),
}
# What notes and manifests end in as well: such a file counts where the contract says so
# or where nothing else is there.
WEAK = (".txt", ".dat", ".json")
NUMBER = r"[-_.](?:part[-_]?)?(?P<number>[0-9]{1,5})(?:[-_]?of[-_]?(?P<total>[0-9]{1,5}))?"
LETTERS = {"Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "j": "DDD", "b": "MMM"}
FIRST_YEAR, LAST_YEAR = 1970, 2199  # both ends and their neighbours fit in 64 bits as nanoseconds


def ending_of(name: str) -> str | None:
    """Return the compression in a file's name, or ``None``."""
    return next((ending for ending in COMPRESSED if name.endswith(ending)), None)


def format_of(name: str) -> str | None:
    """Return the format in a file's name, compressed or not, or ``None``."""
    ending = PurePosixPath(stripped(name)).suffix
    return FORMATS.get(ending)


def is_weak(name: str) -> bool:
    """Whether a name's ending is ambiguous."""
    return stripped(name).endswith(WEAK)


def stem_of(name: str) -> str:
    """Return a name without the endings for format and compression."""
    plain = stripped(name)
    ending = PurePosixPath(plain).suffix
    return plain.removesuffix(ending) if ending in FORMATS else plain


def stripped(name: str) -> str:
    """Return a name without the ending for compression."""
    ending = ending_of(name)
    return name if ending is None else name.removesuffix(ending)


class TemplateError(ValueError):
    """A path template that cannot be used; the message says why."""


@dataclass(frozen=True)
class PathTemplate:
    """The path of a table's file of a day, relative to the data directory, with ``/`` between folders.

    ``{date:FORMAT}`` is the day in strftime format; %Y, %y, %m, %d, %j and %b are supported. The
    date may also be in folders, and be spread over them. If a day has several files, ``*`` in the
    file's name matches what they differ in. Raises TemplateError if a path would not determine a day.
    """

    text: str

    def __post_init__(self) -> None:
        """Reject invalid templates."""
        if not self.text or self.text.startswith("/") or "\\" in self.text or "\0" in self.text:
            raise TemplateError("a path relative to the data directory, with / between folders")
        if any(part in {"", ".", ".."} for part in self.parts):
            raise TemplateError("folders without ., .. and //")
        if "{" in PLACE.sub("", self.text) or "}" in PLACE.sub("", self.text):
            raise TemplateError("write the date as {date:%Y%m%d}")
        if any("*" in part for part in self.parts[:-1]):
            raise TemplateError("* matches the parts of a day, so it is allowed in the file's name only")
        unknown = sorted(set(self._directives()) - set(PARTS))
        if unknown:
            known = ", ".join(f"%{sign}" for sign in PARTS)
            raise TemplateError(f"%{unknown[0]} is not supported (known: {known})")
        self._refuse_halves()

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The folders and the file name."""
        return tuple(self.text.split("/"))

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """The pattern of each part."""
        return tuple(re.compile(_pattern(part)) for part in self.parts)

    @property
    def has_parts(self) -> bool:
        """Whether the path matches several files per day."""
        return "*" in self.parts[-1]

    @cached_property
    def stem(self) -> re.Pattern[str]:
        """The pattern of names that differ only in format and compression."""
        return re.compile(_pattern(stem_of(self.parts[-1])))

    @cached_property
    def numbered(self) -> re.Pattern[str]:
        """The pattern of such names followed by a part's number."""
        return re.compile(self.stem.pattern + NUMBER)

    @cached_property
    def folder(self) -> str:
        """The folder of all files, ``""`` for the data directory itself."""
        fixed = []
        for part in self.parts[:-1]:
            if PLACE.search(part):
                break
            fixed.append(part)
        return "/".join(fixed)

    @property
    def spelled(self) -> str:
        """The path for people: ``events_YYYYMMDD.csv``."""
        return PLACE.sub(lambda place: DIRECTIVE.sub(lambda sign: LETTERS[sign[1]], place[1]), self.text)

    def format(self, day: date) -> str:
        """Return the path of a day's file."""
        return PLACE.sub(lambda place: _write(day, place[1]), self.text)

    def plain(self, name: str) -> str:
        """Return the name or path without a compression's ending."""
        ending = ending_of(name)
        return name if ending is None or self.text.endswith(ending) else name.removesuffix(ending)

    def date_of(self, path: str) -> date | None:
        """Return the day of a path, or ``None`` if it is not a file of this table, compressed or not.

        Raises ValueError if the path matches but contains no possible date.
        """
        return _date_of(self.plain(path).split("/"), self.patterns)

    def kin_date_of(self, path: str) -> date | None:
        """Return the day of a path that differs only in format, compression or part number.

        Raises ValueError if it contains no possible date.
        """
        *folders, name = path.split("/")
        parts = [*folders, stem_of(name)]
        before = self.patterns[:-1]
        return _date_of(parts, (*before, self.stem)) or _date_of(parts, (*before, self.numbered))

    def _directives(self) -> list[str]:
        return [sign for place in PLACE.findall(self.text) for sign in DIRECTIVE.findall(place)]

    def _refuse_halves(self) -> None:
        signs = set(self._directives())
        if not signs:
            raise TemplateError("it contains no date, as in events_{date:%Y%m%d}.csv")
        year, month = signs & {"Y", "y"}, signs & {"m", "b"}
        if not (year and (("d" in signs and month) or "j" in signs)):
            raise TemplateError("its date is not a whole day (year, month and day), as in {date:%Y%m%d}")


def _date_of(parts: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> date | None:
    if len(parts) != len(patterns):
        return None
    found: list[tuple[str, str]] = []
    for pattern, part in zip(patterns, parts, strict=True):
        match = pattern.fullmatch(part)
        if match is None:
            return None
        known = match.groupdict().items()
        found += [(name.rpartition("_")[0], text) for name, text in known if "_" in name]
    return _read(found)


def _pattern(part: str) -> str:
    number = iter(range(1000))
    pieces = PLACE.split(part)  # text, format, text, format, ..., text
    return "".join(
        "".join(_place_pattern(piece, number)) if index % 2 else re.escape(piece).replace(r"\*", ".*")
        for index, piece in enumerate(pieces)
    )


def _place_pattern(form: str, number: Iterator[int]) -> Iterator[str]:
    for index, piece in enumerate(DIRECTIVE.split(form)):
        if index % 2:
            name, digits = PARTS[piece]
            yield f"(?P<{name}_{next(number)}>{digits})"
        else:
            yield re.escape(piece)


def _write(day: date, form: str) -> str:
    return DIRECTIVE.sub(
        lambda sign: MONTHS[day.month - 1].title() if sign[1] == "b" else day.strftime(f"%{sign[1]}"), form
    )


def _read(found: list[tuple[str, str]]) -> date:
    known = dict(found)
    if any(known[name] != text for name, text in found):
        raise ValueError("dates that contradict each other")
    year = int(known.get("year") or f"20{known['short_year']}")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    if "day_of_year" in known:
        first = date(year, 1, 1)
        day = date.fromordinal(first.toordinal() + int(known["day_of_year"]) - 1)
        if day.year != year or int(known["day_of_year"]) < 1:
            raise ValueError(known["day_of_year"])
        return day
    month = int(known["month"]) if "month" in known else _month(known["month_name"])
    return date(year, month, int(known["day"]))


def _month(name: str) -> int:
    if name.lower() not in MONTHS:
        raise ValueError(name)
    return MONTHS.index(name.lower()) + 1
