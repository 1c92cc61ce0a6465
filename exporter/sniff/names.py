"""Which files belong to one table: those with equal paths except for the date."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from exporter.plain import plain
from exporter.sniff.parts import PART, join_parts, without_compression
from exporter.sniff.walk import Found
from exporter.template import FIRST_YEAR, LAST_YEAR, MONTHS, PLACE, PathTemplate, TemplateError

_COMPONENTS = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{2})",
    "d": r"(?P<d>[0-9]{2})",
    "j": r"(?P<j>[0-9]{3})",
    "b": r"(?P<b>[A-Za-z]{3})",
}
_GAP = r"(?:[-_. ]?|[^0-9]{0,60}?/[^0-9]{0,60}?)"  # within a name, or across folders
_CLOCK = r"[-_T]?[0-9]{4}(?:[0-9]{2})?Z?(?![0-9])"  # a time of the day that follows directly
_ORDERS = ("Ymd", "Ybd", "dbY", "bdY", "dmY", "mdY", "Yj", "ymd", "dby", "dmy", "mdy")  # likely ones first
_FORMS = tuple(
    (
        order,
        re.compile(
            rf"(?=(?<![0-9]){'(?<![A-Za-z])' if order[0] == 'b' else ''}"
            rf"{_GAP.join(_COMPONENTS[sign] for sign in order)}(?:(?![0-9])|(?={_CLOCK})))"
        ),
    )
    for order in _ORDERS
)
_UNWRITABLE = re.compile(r"[{}*\\%\0]")  # what a path template cannot express
MOST_GROUPS = 40
CROWD = 3  # times as many files as days: each day has several, which differ in a number


@dataclass(frozen=True)
class Group:
    """The files of one table, by day. ``guess``: how the date was read, if it is ambiguous."""

    template: PathTemplate
    files: Mapping[date, Found]
    guess: str | None = None

    @cached_property
    def size(self) -> int:
        """All bytes."""
        return sum(found.size for found in self.files.values())

    @property
    def newest(self) -> Found:
        """The file of the newest day."""
        return self.files[max(self.files)]

    @property
    def literal(self) -> str:
        """The path without its dates."""
        return PLACE.sub("", self.template.text)

    @property
    def suffix(self) -> str:
        """The end of the name, lower case and without its dot: ``csv``, ``csv.gz``, or nothing."""
        name = self.literal.rpartition("/")[2].strip("-_. ")
        parts = (f".{name}" if self.template.parts[-1].startswith("{") else name).lower().split(".")[1:]
        kept = [
            part for part in [part for part in parts if part][-2:] if re.fullmatch("[a-z][a-z0-9]*", part)
        ]
        return ".".join(kept) if len(kept) > 1 and kept[-1] in COMPRESSED else "".join(kept[-1:])

    @property
    def glob(self) -> str:
        """The path with ``*`` for its dates, as in a shell."""
        return PLACE.sub("*", self.template.text)


COMPRESSED = {
    "gz": "gzip",
    "gzip": "gzip",
    "zip": "ZIP",
    "bz2": "bzip2",
    "xz": "xz",
    "zst": "Zstandard",
    "zstd": "Zstandard",
    "lz4": "lz4",
    "snappy": "Snappy",
    "z": "compress",
    "7z": "7-Zip",
}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups, largest first."""

    groups: tuple[Group, ...]
    crowded: tuple[str, str] | None = None  # two files of one day, if days seem to have many


def group_files(files: Sequence[Found]) -> Grouped:
    """Group files that are days of one table. Files whose day no template can express are left out."""
    files = join_parts(without_compression(files))
    readings: dict[str, dict[date, Found]] = defaultdict(dict)
    left: set[str] = set()
    for found in files:
        for text, day in dict(_readings(found.relative)).items():
            readings[text].setdefault(day, found)
            left.add(found.relative)
    groups: list[Group] = []
    live = dict(readings)
    while left and len(groups) < MOST_GROUPS:
        live = {text: remaining for text, days in live.items() if (remaining := _left(days, left))}
        best = _best(live)
        if best is None:
            break
        group = _group(best, live[best], _guess(best, live))
        del live[best]
        if group is not None:
            groups.append(group)
            left -= {found.relative for found in group.files.values()}
    ordered = sorted(groups, key=lambda group: (-len(group.files), -group.size, group.template.text))
    return Grouped(tuple(ordered), _crowd(ordered, files))


def _left(days: Mapping[date, Found], left: set[str]) -> dict[date, Found]:
    return {day: found for day, found in days.items() if found.relative in left}


def _readings(path: str) -> Iterator[tuple[str, date]]:
    """Yield each template that fits the path, with the resulting day."""
    if _UNWRITABLE.search(path):
        return
    for order, pattern in _FORMS:
        for match in pattern.finditer(path):
            day = _day_of(match.groupdict())
            if day is None:
                continue
            spans = [match.span(sign) for sign in order]
            written = _written(path[spans[0][0] : spans[-1][1]], spans, order)
            before, after = path[: spans[0][0]], path[spans[-1][1] :]
            for text in (_repeated(before, day) + written + _repeated(after, day), before + written + after):
                yield text, day


def _day_of(parts: Mapping[str, str]) -> date | None:
    year = int(parts["Y"]) if "Y" in parts else 2000 + int(parts["y"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if "j" in parts:
            day = date(year, 1, 1) + timedelta(days=int(parts["j"]) - 1)
            return day if day.year == year else None
        month = int(parts["m"]) if "m" in parts else MONTHS.index(parts["b"].lower()) + 1
        return date(year, month, int(parts["d"]))
    except ValueError:
        return None


def _written(text: str, spans: Sequence[tuple[int, int]], order: str) -> str:
    """Replace the date's numbers by directives, in separate braces per folder."""
    first, pieces, end = spans[0][0], [], 0
    for (start, stop), sign in zip(spans, order, strict=True):
        pieces += [text[end : start - first], f"%{sign}"]
        end = stop - first
    folders = "".join(pieces).split("/")
    return "/".join(re.sub(r"%[A-Za-z](?:.*%[A-Za-z])?", r"{date:\g<0>}", folder) for folder in folders)


def _repeated(text: str, day: date) -> str:
    """Replace repeated parts of the same day: ``2025/03/`` before ``events_20250309.csv``."""
    year, month, number = f"{day.year}", f"{day.month:02}", f"{day.day:02}"
    forms = {f"{year}{gap}{month}{gap}{number}": f"%Y{gap}%m{gap}%d" for gap in _REPEATED_GAPS}
    forms |= {f"{year}{gap}{month}": f"%Y{gap}%m" for gap in _REPEATED_GAPS} | {year: "%Y"}
    text = _LONG.sub(lambda match: _place(forms.get(match[0]), match[0]), text)
    short = [(month, "%m"), (number, "%d")]

    def replace(match: re.Match[str]) -> str:
        form = next((form for written, form in short if written == match[0]), None)
        if form is not None:
            short.remove((match[0], form))  # of two equal folders one is the month, the other the day
        return _place(form, match[0])

    return _SHORT.sub(replace, text)


_REPEATED_GAPS = ("", "-", "_")
_LONG = re.compile(r"(?<![0-9%])[0-9]{4}(?:[-_]?[0-9]{2}){0,2}(?![0-9])")
_SHORT = re.compile(
    r"(?<![^/=])[0-9]{2}(?=/)"
)  # too short to be significant unless it is a folder's whole value


def _place(form: str | None, written: str) -> str:
    return written if form is None else f"{{date:{form}}}"


def _group(text: str, days: Mapping[date, Found], guess: str | None) -> Group | None:
    """Return the group of files that a template matches as intended, or ``None``."""
    try:
        template = PathTemplate(text.replace(PART, "*"))
    except TemplateError:
        return None
    files = {day: found for day, found in sorted(days.items()) if _reads(template, found.relative, day)}
    return Group(template, files, guess) if files else None


def _reads(template: PathTemplate, path: str, day: date) -> bool:
    try:
        return template.date_of(path) == day
    except ValueError:
        return False


def _best(live: Mapping[str, Mapping[date, Found]]) -> str | None:
    """Return the reading that puts most files in one table; among equals the one with consecutive days."""
    most = max((len(days) for days in live.values()), default=0)
    rivals = [text for text, days in live.items() if len(days) == most]
    return max(rivals, key=lambda text: (_in_a_row(live[text]), text.count("%"), "%Y" in text), default=None)


def _in_a_row(days: Mapping[date, Found]) -> int:
    return sum(day + timedelta(days=1) in days for day in days)


def _guess(chosen: str, live: Mapping[str, Mapping[date, Found]]) -> str | None:
    """Describe how the date was read, if as many files could be read in another order."""
    shape, count = PLACE.sub("{}", chosen), len(live[chosen])
    rivals = [
        text
        for text, days in live.items()
        if text != chosen and len(days) == count and PLACE.sub("{}", text) == shape
    ]
    if not rivals:
        return None
    read, other = ("".join(PLACE.findall(text)) for text in (chosen, rivals[0]))
    return f"guessed: the date is read as {read}; {other} would fit the names as well"


def _crowd(groups: Sequence[Group], files: Sequence[Found]) -> tuple[str, str] | None:
    """Return two files of a day, if the largest group is one of many that differ only in a number."""
    if not groups:
        return None
    shape = _shape(groups[0].template.text)
    alike = [group for group in groups if _shape(group.template.text) == shape]
    count = sum(len(group.files) for group in alike)
    if len(alike) < CROWD or count < CROWD * len(groups[0].files):
        return None
    known = {found.relative for found in files}
    names = [found.relative for group in alike[:2] for found in group.files.values()]
    shown = [plain(name) for name in names if name in known]
    return shown[0], shown[-1]


def _shape(template: str) -> str:
    """Return a template without numbers and digests outside its date."""
    pieces = re.split(r"(\{date:[^{}]*\})", template)
    return "".join(
        piece if index % 2 else re.sub(r"[0-9a-fA-F]*[0-9][0-9a-fA-F]*", "#", piece)
        for index, piece in enumerate(pieces)
    )
