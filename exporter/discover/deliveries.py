"""How a day is delivered: as one file, compressed or not, as a folder of parts, as numbered parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path, PurePosixPath

from exporter.discover.found import Boundary, is_folder, look_at
from exporter.discover.layout import date_within, is_sidecar
from exporter.discover.parts import Held, Part, by_format, look_into, missing_numbers, together
from exporter.errors import reason_of
from exporter.feed import Table
from exporter.model import HERE, Partition, Place, SourceFile, Stage
from exporter.places.folders import Entry, Folders
from exporter.places.readable import PlaceError
from exporter.plain import plain
from exporter.template import PLACE, ending_of, format_of, is_weak, stem_of, stripped

LEAST_PARTS = 2  # numbered ones: a single one may be a copy
MOST_SHOWN = 5


class Way(IntEnum):
    """How a day is delivered. If two ways exist in one format, the first is read."""

    PLAIN = 0  # under the name in the contract
    OTHERWISE = 1  # compressed, or in another format
    FOLDER = 2
    NUMBERED = 3


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name with a day that no stage's pattern matches. ``shown`` is safe to show."""

    partition: Partition
    stage: Stage  # whose folder it is in
    shown: str
    path: Path


@dataclass(frozen=True, slots=True)
class Delivery:
    """What may be read for a day. ``otherwise``, evaluated once at most, describes it if it is not."""

    source: SourceFile
    form: str
    way: Way
    otherwise: Iterable[Unmatched] = ()

    @property
    def key(self) -> tuple[Partition, Stage]:
        """Its partition and stage."""
        return self.source.partition, self.source.stage


@dataclass(frozen=True, slots=True)
class NumberedPart:
    """One of several files in the same folder. Without a ``number`` the contract allows several."""

    partition: Partition
    part: Part
    number: int | None = None
    total: int | None = None
    place: Place = HERE


@dataclass(slots=True)
class Chosen:
    """What is read for each day of a table, what is not, and any problems."""

    files: dict[tuple[Partition, Stage], SourceFile] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Classifies the entries of a table's folder: of all days, or of the ``only`` one."""

    table: Table
    boundary: Boundary
    problems: list[str]
    folders: Folders
    only: Partition | None = None

    def read(self, path: str, entry: Entry) -> Iterator[Delivery | NumberedPart | Unmatched]:
        """Yield what an entry of the folder of a day's file is; nothing if its name has no day."""
        template = self.table.path
        named = template.patterns[-1].fullmatch(template.plain(entry.name)) is not None
        if named and template.has_parts:
            yield from self._numbered(path, entry)
        elif named:
            yield from self._single(path, entry)
        elif template.has_parts or ending_of(template.text) is not None:
            yield from self._unmatched(entry)
        elif template.stem.fullmatch(stem_of(entry.name)) and (is_folder(entry) or self._is_read(entry.name)):
            yield from self._single(path, entry)
        elif template.numbered.fullmatch(stem_of(entry.name)) and self._is_read(entry.name):
            yield from self._numbered(path, entry)
        else:
            yield from self._unmatched(entry)

    def folder_of_parts(self, directory: Path, folder: str) -> Iterator[Delivery | Unmatched]:
        """Yield the parts in a day's own folder, for a contract with several parts."""
        try:
            held = look_into(directory / folder, self.table, self.boundary, self.folders)
        except PlaceError:
            raise
        except OSError as error:
            self.problems.append(f"{plain(folder)}: {reason_of(error)}")
            return
        template = self.table.path
        pattern = template.patterns[-1]
        named = [part for part in held.parts if pattern.fullmatch(template.plain(part.path.name))]
        day = None if not named else self._day(f"{folder}/{named[0].path.name}")
        if day is not None:
            yield from self._parts(day, directory / folder, held, named, Way.PLAIN)

    def _is_read(self, name: str) -> bool:
        """Return whether a name that differs from the contract's is read: numbered, or of another format."""
        wanted, ending = (PurePosixPath(path).suffix for path in (self.table.path.text, stripped(name)))
        if is_sidecar(name) or (is_weak(name) and ending != wanted):
            return False
        return format_of(name) is not None and self.table.form.format in {"", format_of(name)}

    def _single(self, path: str, entry: Entry) -> Iterator[Delivery | Unmatched]:
        day = self._day(path)
        if day is None:
            return
        if is_folder(entry):
            yield from self._folder(day, entry)
            return
        found = look_at(entry, self.boundary)
        if found is not None:
            stamp, fault = found
            place = self.folders.place
            source = SourceFile(day, self.table.stage, Path(entry.path), stamp, fault, place=place)
            exact = self.table.path.patterns[-1].fullmatch(entry.name) is not None
            form = self.table.form.format or format_of(entry.name) or "csv"
            yield Delivery(source, form, Way.PLAIN if exact else Way.OTHERWISE, self._unmatched(entry, day))

    def _folder(self, day: Partition, entry: Entry) -> Iterator[Delivery | Unmatched]:
        """Yield a folder of parts; one without parts is not a file of the day, whatever its name."""
        found = look_at(entry, self.boundary)
        try:
            held = (
                None
                if found is None
                else look_into(Path(entry.path), self.table, self.boundary, self.folders)
            )
        except PlaceError:
            raise
        except OSError:
            held = None
        if held is not None and (held.parts or (held.awaits and self.table.success_file)):
            yield from self._parts(day, Path(entry.path), held, held.parts, Way.FOLDER)
        elif found is not None and self.table.path.patterns[-1].fullmatch(entry.name):
            source = SourceFile(day, self.table.stage, Path(entry.path), *found)
            yield Delivery(source, "csv", Way.PLAIN)
        elif found is not None:
            yield from self._unmatched(entry, day)

    def _parts(
        self, day: Partition, folder: Path, held: Held, parts: Sequence[Part], way: Way
    ) -> Iterator[Delivery | Unmatched]:
        forms, twice = by_format(parts)
        for form, those in forms.items() or (("", []),):
            source = together(day, self.table, folder, those, held)
            otherwise = tuple(self._aside(day, part.path) for part in those)
            yield Delivery(source, self.table.form.format or form or "csv", way, otherwise)
        yield from (self._aside(day, path) for path in (*twice, *held.others))

    def _aside(self, day: Partition, path: Path) -> Unmatched:
        return Unmatched(day, self.table.stage, plain(f"{path.parent.name}/{path.name}"), path)

    def _numbered(self, path: str, entry: Entry) -> Iterator[NumberedPart]:
        match = self.table.path.numbered.fullmatch(stem_of(entry.name))
        day = self._day(path)
        found = None if day is None else look_at(entry, self.boundary)
        if day is None or found is None:
            return
        part = Part(Path(entry.path), *found)
        if match is None or self.table.path.has_parts:
            yield NumberedPart(day, part, place=self.folders.place)
        else:
            total = match["total"]
            of = None if total is None else int(total)
            yield NumberedPart(day, part, int(match["number"]), of, self.folders.place)

    def _day(self, path: str) -> Partition | None:
        try:
            day = self.table.path.date_of(path) or self.table.path.kin_date_of(path)
        except ValueError:
            self.problems.append(f"{plain(path)}: the name contains an impossible date, file skipped")
            return None
        return day if self.only in (None, day) else None

    def _unmatched(self, entry: Entry, day: Partition | None = None) -> Iterator[Unmatched]:
        prefix = PLACE.split(self.table.path.parts[-1])[0]
        if day is None and not is_sidecar(entry.name):
            day = date_within(entry.name, prefix)
        if day is not None:
            yield Unmatched(day, self.table.stage, plain(entry.name), Path(entry.path))


def choose(
    found: Iterable[Delivery | NumberedPart | Unmatched], table: Table, others: Sequence[Table]
) -> Chosen:
    """Choose what is read for each day of a table. Names that belong to ``others`` are left to them."""
    chosen = Chosen()
    deliveries: dict[tuple[Partition, Stage], list[Delivery]] = {}
    numbered: dict[Partition, list[NumberedPart]] = {}
    for one in found:
        if isinstance(one, Unmatched):
            chosen.unmatched.append(one)
        elif isinstance(one, NumberedPart):
            if not is_of(one.part.path.name, table, others):
                numbered.setdefault(one.partition, []).append(one)
        elif one.way is Way.PLAIN or not is_of(one.source.path.name, table, others):
            deliveries.setdefault(one.key, []).append(one)
    for day, parts in numbered.items():
        for delivery in _beside_each_other(day, parts, table, chosen):
            deliveries.setdefault(delivery.key, []).append(delivery)
    for key, rivals in deliveries.items():
        chosen.files[key] = _best(rivals, chosen)
    return chosen


def _best(rivals: Sequence[Delivery], chosen: Chosen) -> SourceFile:
    """Return what is read: the newest of several formats, the simplest way within a format."""
    newest = {
        form: max(rival.source.stamp.mtime_ns for rival in rivals if rival.form == form)
        for form in {rival.form for rival in rivals}
    }
    form = max(newest, key=lambda form: (newest[form], form))
    best = min((rival for rival in rivals if rival.form == form), key=lambda rival: rival.way)
    if len(newest) > 1:
        day, stage = best.key
        forms = " and ".join(sorted(newest))
        chosen.problems.append(
            f"{stage} file of {day} exists as {forms}: the newest is read, {plain(best.source.path.name)}"
        )
    for rival in rivals:
        if rival is not best:
            chosen.unmatched += rival.otherwise
    return best.source


def _beside_each_other(
    day: Partition, parts: Sequence[NumberedPart], table: Table, chosen: Chosen
) -> Iterator[Delivery]:
    """Yield numbered parts as one file per format, if none is missing."""
    forms, twice = by_format([one.part for one in parts])
    numbers = {one.part.path: (one.number, one.total) for one in parts}
    aside = {path: Unmatched(day, table.stage, plain(path.name), path) for path in sorted(numbers)}
    chosen.unmatched += [aside[path] for path in twice]
    for form, those in forms.items():
        otherwise = tuple(aside[part.path] for part in those)
        counted = [(n, total) for part in those for n, total in [numbers[part.path]] if n is not None]
        if counted and (len(those) < LEAST_PARTS or missing_numbers(counted)):
            chosen.unmatched += otherwise
            if len(those) >= LEAST_PARTS:
                chosen.problems.append(_gap(day, table.stage, counted))
            continue
        first = min(part.path for part in those)
        way = Way.NUMBERED if counted else Way.PLAIN
        source = together(day, table, first, those, Held(place=parts[0].place))
        yield Delivery(source, table.form.format or form or "csv", way, otherwise)


def _gap(day: Partition, stage: Stage, numbers: Sequence[tuple[int, int | None]]) -> str:
    found = sorted(number for number, _ in numbers)
    shown = ", ".join(map(str, found[:MOST_SHOWN])) + (" and more" if len(found) > MOST_SHOWN else "")
    return f"{stage} parts of {day} have the numbers {shown}: one is missing or duplicated, so none is read"


def is_of(name: str, table: Table, others: Iterable[Table]) -> bool:
    """Return whether a name is that of another table's file, which may be in the same folder."""
    return any(
        other is not table
        and other.path.folder == table.path.folder
        and other.path.patterns[-1].fullmatch(name)
        for other in others
    )
