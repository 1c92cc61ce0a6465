"""Several files of a day, treated as one."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.discover.found import Boundary, is_folder, is_stuck, look_at
from exporter.discover.layout import PARTIAL, is_sidecar, is_temporary
from exporter.feed import Table
from exporter.model import HERE, PartFile, Partition, Place, SourceFile, Stamp
from exporter.places.folders import Folders, LocalFolders
from exporter.template import ending_of, format_of, is_weak

LARGEST_INODE = (1 << 63) - 1
WRITTEN = "its parts are still being written"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of several; ``fault`` says why it cannot be read."""

    path: Path
    stamp: Stamp
    fault: str | None = None

    @property
    def form(self) -> str:
        """The format in its name, empty if there is none."""
        return format_of(self.path.name) or ""


@dataclass(frozen=True, slots=True)
class Held:
    """A day's folder. ``others`` are files in it that are not parts."""

    parts: tuple[Part, ...] = ()
    others: tuple[Path, ...] = ()
    touched_ns: int = 0
    awaits: str | None = None
    place: Place = HERE


NOTHING = Held()
ON_THIS_MACHINE = LocalFolders()


def look_into(folder: Path, table: Table, boundary: Boundary, folders: Folders = ON_THIS_MACHINE) -> Held:
    """Look into the folder of a day's parts. Raises OSError if it cannot be listed."""
    touched_ns = folders.touched_ns(folder)  # before the names are read: later arrivals count as changes
    parts: list[Part] = []
    others: list[Path] = []
    writing = False
    names = set()
    for entry in folders.scan(folder):
        names.add(entry.name)
        if entry.name.endswith(PARTIAL) or (entry.name == "_temporary" and is_folder(entry)):
            writing = writing or not is_stuck(entry)
        elif is_temporary(entry.name) or is_sidecar(entry.name):
            continue
        elif is_folder(entry) or not _is_part(entry.name, table):
            others.append(Path(entry.path))
        elif (found := look_at(entry, boundary)) is not None:
            parts.append(Part(Path(entry.path), *found))
    lacking = table.success_file if table.success_file not in names else ""
    awaits = f"its {lacking} does not exist yet" if lacking else WRITTEN if writing else None
    return Held(tuple(parts), tuple(sorted(others)), touched_ns, awaits, folders.place)


def _is_part(name: str, table: Table) -> bool:
    """Return whether a file may contain rows: in the contract's format, or in any known one."""
    known = format_of(name)
    if known is None:  # a name without an ending may be any format, another ending is another format
        return "." not in (name if (packed := ending_of(name)) is None else name.removesuffix(packed))
    return table.form.format in {"", known}


def together(
    partition: Partition, table: Table, path: Path, parts: Iterable[Part], held: Held = NOTHING
) -> SourceFile:
    """Return the parts as one file."""
    ordered = sorted(parts, key=lambda part: in_order(part.path.name))
    fault = next((f"{part.path.name}: {part.fault}" for part in ordered if part.fault is not None), None)
    return SourceFile(
        partition,
        table.stage,
        path,
        _stamp(ordered),
        fault,
        parts=tuple(PartFile(part.path, part.stamp, held.place) for part in ordered),
        touched_ns=held.touched_ns,
        awaits=held.awaits,
        place=held.place,
    )


def in_order(name: str) -> list[tuple[int, str]]:
    """Return the sort key of parts, by their numbers."""
    pieces = re.split(r"([0-9]+)", name)
    return [(int(piece), "") if index % 2 else (0, piece) for index, piece in enumerate(pieces)]


def missing_numbers(numbers: Sequence[tuple[int, int | None]]) -> bool:
    """Return whether parts are missing, by their numbers and their expected count."""
    found = sorted(number for number, _ in numbers)
    totals = {total for _, total in numbers if total is not None}
    whole = found in (list(range(len(found))), list(range(1, len(found) + 1)))
    return not whole or any(total != len(found) for total in totals)


def by_format(parts: Collection[Part]) -> tuple[dict[str, list[Part]], list[Path]]:
    """Return the parts by format, and the files that are not parts: compressed copies and notes."""
    plain = {part.path.name for part in parts if ending_of(part.path.name) is None}
    forms: dict[str, list[Part]] = {}
    twice: list[Path] = []
    strong = any(part.form and not is_weak(part.path.name) for part in parts)
    for part in parts:
        ending = ending_of(part.path.name)
        if ending is not None and part.path.name.removesuffix(ending) in plain:
            twice.append(part.path)
        elif strong and is_weak(part.path.name):
            twice.append(part.path)  # a text file among parts
        else:
            forms.setdefault(part.form, []).append(part)
    unsaid = forms.pop("", [])
    if unsaid:  # a name without an ending has the format of the newest other
        newest = max(forms, key=lambda form: max(part.stamp.mtime_ns for part in forms[form]), default="")
        forms.setdefault(newest, []).extend(unsaid)
    return forms, twice


def _stamp(parts: Sequence[Part]) -> Stamp:
    """Return a stamp that changes whenever a part changes, is added or removed."""
    stamps = [part.stamp for part in parts]
    named = repr([(part.path.name, part.stamp) for part in parts]).encode()
    inode = int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big") & LARGEST_INODE
    return Stamp(
        size=sum(stamp.size for stamp in stamps),
        mtime_ns=max((stamp.mtime_ns for stamp in stamps), default=0),
        ctime_ns=max((stamp.ctime_ns for stamp in stamps), default=0),
        inode=inode,
    )
