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
# What the name of a file ends in that is decompressed to be read.
COMPRESSED = (".gz", ".zst", ".zstd", ".bz2", ".lz4", ".xz", ".zip")
# How a file is written, by what its name ends in.
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
FIRST_YEAR, LAST_YEAR = 1970, 2199  # both ends and their neighbours fit nanoseconds in 64 bits


def ending_of(name: str) -> str | None:
    """Return what a name says of how its file is compressed, ``None`` where it says nothing."""
    return next((ending for ending in COMPRESSED if name.endswith(ending)), None)


def format_of(name: str) -> str | None:
    """Return the format that a name speaks of, compressed or not, ``None`` where it speaks of none."""
    ending = PurePosixPath(stripped(name)).suffix
    return FORMATS.get(ending)


def is_weak(name: str) -> bool:
    """Whether a name's ending says little of what the file is."""
    return stripped(name).endswith(WEAK)


def stem_of(name: str) -> str:
    """Return a name without what it says of its file's format and compression."""
    plain = stripped(name)
    ending = PurePosixPath(plain).suffix
    return plain.removesuffix(ending) if ending in FORMATS else plain


def stripped(name: str) -> str:
    """Return a name without what it says of how its file is compressed."""
    ending = ending_of(name)
    return name if ending is None else name.removesuffix(ending)


class TemplateError(ValueError):
    """A path template that cannot be used; the message says why."""


@dataclass(frozen=True)
class PathTemplate:
    """Where a table's file of a day lies, relative to the data directory, with ``/`` between folders.

    ``{date:FORMAT}`` stands for the day as strftime writes it; %Y, %y, %m, %d, %j and %b are understood. The
    date may stand in folders too, and be spread over them. Where a day has several files ``*`` stands in the
    file's name for what they differ in. Raises TemplateError where no day could be told from a path.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not self.text or self.text.startswith("/") or "\\" in self.text or "\0" in self.text:
            raise TemplateError("a path relative to the data directory, with / between folders")
        if any(part in {"", ".", ".."} for part in self.parts):
            raise TemplateError("folders without ., .. and //")
        if "{" in PLACE.sub("", self.text) or "}" in PLACE.sub("", self.text):
            raise TemplateError("write the date as {date:%Y%m%d}")
        if any("*" in part for part in self.parts[:-1]):
            raise TemplateError(
                "* stands for the parts of a day, so it has its place in the file's name alone"
            )
        unknown = sorted(set(self._directives()) - set(PARTS))
        if unknown:
            known = ", ".join(f"%{sign}" for sign in PARTS)
            raise TemplateError(f"%{unknown[0]} is not understood (there are {known})")
        self._refuse_halves()

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The folders and the file name."""
        return tuple(self.text.split("/"))

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What each part must look like."""
        return tuple(re.compile(_pattern(part)) for part in self.parts)

    @property
    def has_parts(self) -> bool:
        """Whether the path names several files a day."""
        return "*" in self.parts[-1]

    @cached_property
    def stem(self) -> re.Pattern[str]:
        """What a name must look like that differs in nothing but format and compression."""
        return re.compile(_pattern(stem_of(self.parts[-1])))

    @cached_property
    def numbered(self) -> re.Pattern[str]:
        """What such a name must look like with the number of a part behind it."""
        return re.compile(self.stem.pattern + NUMBER)

    @cached_property
    def folder(self) -> str:
        """The folder that holds all files, ``""`` for the data directory itself."""
        fixed = []
        for part in self.parts[:-1]:
            if PLACE.search(part):
                break
            fixed.append(part)
        return "/".join(fixed)

    @property
    def spelled(self) -> str:
        """The path as a person reads it: ``events_YYYYMMDD.csv``."""
        return PLACE.sub(lambda place: DIRECTIVE.sub(lambda sign: LETTERS[sign[1]], place[1]), self.text)

    def format(self, day: date) -> str:
        """Return the path of a day's file."""
        return PLACE.sub(lambda place: _write(day, place[1]), self.text)

    def plain(self, name: str) -> str:
        """Return the name or path that a compressed file's stands for, any other one as it is."""
        ending = ending_of(name)
        return name if ending is None or self.text.endswith(ending) else name.removesuffix(ending)

    def date_of(self, path: str) -> date | None:
        """Return the day of a path, ``None`` where the path is no file of this table, compressed or not.

        Raises ValueError where the path matches and holds no possible date.
        """
        return _date_of(self.plain(path).split("/"), self.patterns)

    def kin_date_of(self, path: str) -> date | None:
        """Return the day of a path that differs in format, compression or the number of a part alone.

        Raises ValueError where it holds no possible date.
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
            raise TemplateError("no date in it: write for instance events_{date:%Y%m%d}.csv")
        year, month = signs & {"Y", "y"}, signs & {"m", "b"}
        if not (year and (("d" in signs and month) or "j" in signs)):
            raise TemplateError("the date in it is no whole day: year, month and day, as in {date:%Y%m%d}")


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
