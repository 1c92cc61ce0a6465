"""Days delivered in several files: files of a day that differ in a number count as one."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from exporter.discover.layout import date_within
from exporter.discover.parts import in_order
from exporter.sniff.walk import Found
from exporter.template import ending_of, format_of

PART = "\ue000"  # placeholder for what parts differ in, until the path becomes a pattern
_NUMBERS = re.compile(r"[0-9a-f]*[0-9][0-9a-f]*(?:[-_.][0-9a-f]*[0-9][0-9a-f]*)*", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<before>.*[-_.](?:part[-_]?)?)[0-9]{1,5}(?P<after>(?:\.[A-Za-z0-9]+)*)")


def without_compression(files: Sequence[Found]) -> list[Found]:
    """Name files as if they were not compressed; a plain file replaces its compressed copy."""
    known: dict[str, Found] = {}
    for found in sorted(files, key=lambda one: ending_of(one.relative) is not None):
        ending = ending_of(found.relative)
        name = found.relative if ending is None else found.relative.removesuffix(ending)
        known.setdefault(name, replace(found, relative=name))
    return sorted(known.values(), key=lambda one: one.relative)


def join_parts(files: Sequence[Found]) -> list[Found]:
    """Merge the parts of each day, if any day has several; otherwise files are unchanged."""
    days: dict[str, list[Found]] = defaultdict(list)
    for found in files:
        days[_named(found.relative)].append(found)
    several = {_shape(name) for name, parts in days.items() if PART in name and len(parts) > 1}
    joined = []
    for name, parts in days.items():
        joined += [_together(name, parts)] if _shape(name) in several else parts
    return joined


def _together(name: str, parts: Sequence[Found]) -> Found:
    ordered = sorted(parts, key=lambda part: in_order(part.relative))
    return replace(
        ordered[0],
        relative=name,
        size=sum(part.size for part in parts),
        mtime_ns=max(part.mtime_ns for part in parts),
        parts=tuple(part.path for part in ordered),
    )


def _shape(name: str) -> str:
    return re.sub("[0-9]+", "#", name)


def _named(path: str) -> str:
    """Return a path with ``PART`` in place of a part's number; unchanged if it is not a part."""
    folder, _, name = path.rpartition("/")
    if format_of(name) is None and "." in name:
        return path
    if folder and date_within(folder.rpartition("/")[2]) is not None and date_within(name) is None:
        ending = name[name.index(".") :] if "." in name else ""
        stem = name.removesuffix(ending)
        first = _NUMBERS.search(stem)
        if first is not None:
            last = list(_NUMBERS.finditer(stem))[-1]
            return f"{folder}/{stem[: first.start()]}{PART}{stem[last.end() :]}{ending}"
        return path
    match = _NUMBERED.fullmatch(name)
    if match is not None and date_within(match["before"].rstrip("-_.")) is not None:
        return f"{folder}/" * bool(folder) + f"{match['before']}{PART}{match['after']}"
    return path
