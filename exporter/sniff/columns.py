"""A column's type and properties, decided from its values; each guess leaves a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from exporter.feed import Column
from exporter.sniff.patterns import DATES, best_format
from exporter.sniff.seen import SeenColumn, SeenTable, Times
from exporter.sniff.words import (
    folded,
    is_code,
    is_digits,
    is_flag,
    is_personal,
    is_postal,
    is_time,
    words_of,
)

TYPED = 0.99  # share of values that must fit; the others are reported
MIXED = 0.5  # above this the others are not worth a note
MOST_CATEGORIES = 50
MOST_CODES = 20
LONGEST_CATEGORY = 60  # characters
REPEATS = 5  # least rows per value of a category
INCIDENT_FILES = 5  # files, of which one may lack a column by accident
SHOWN = 3  # days that a note names


@dataclass(frozen=True, slots=True)
class Decided:
    """A column, and the reasons for its keys in the contract."""

    column: Column
    seen: SeenColumn
    notes: Mapping[str, str] = field(default_factory=dict)


def decide(seen: SeenTable) -> list[Decided]:
    """Decide on each column; renamed columns are one."""
    days = sorted(seen.rows)
    named, aliases = _merge_renamed(seen)
    return [_decide(column, aliases.get(column.name, ()), days) for column in named if column.name]


def _decide(seen: SeenColumn, aliases: tuple[str, ...], days: Sequence[date]) -> Decided:
    notes: dict[str, str] = {}
    personal = is_personal(seen.name) or _holds(seen, "email") or _holds(seen, "ip")
    kind, form = _type(seen, notes, personal=personal)
    if personal:
        why = "its name" if is_personal(seen.name) else "its values"
        notes["classification"] = (
            f"guessed from {why}: values are never shown; remove the line if they may be"
        )
    lacking = [day for day in days if day not in seen.days]
    expected = not lacking or _is_incident(seen, lacking, days)
    if lacking:
        shown = ", ".join(map(str, lacking[:SHOWN])) + (" and others" if len(lacking) > SHOWN else "")
        said = "treated as a fault" if expected else "so it may be absent"
        notes["name" if expected else "expected"] = f"not in the file of {shown}, {said}"
    required = seen.rows > 0 and not any(seen.missing_by_day.values()) and not lacking
    if required:
        notes["required"] = f"no value was missing on {len(seen.missing_by_day)} days"
    if aliases:
        notes["aliases"] = "the header's name changed between the inspected days"
    column = Column(
        seen.name,
        kind,
        required=required,
        aliases=aliases,
        personal=personal,
        format=form,
        expected=expected,
    )
    return Decided(column, seen, notes)


def _type(seen: SeenColumn, notes: dict[str, str], *, personal: bool) -> tuple[str, str | None]:
    """Return a column's type and format; unusual properties go into the notes."""
    if not seen.present:
        notes["type"] = "no value in the inspected files" if seen.rows else "no rows in the inspected files"
        return "text", None
    for recognise in (_truth, _time, _formatted, _number, _url, _localized_number):
        found = recognise(seen, notes)
        if found is not None:
            return found
    if not seen.many and _is_category(seen) and not personal:
        return "category", None
    _note_mixture(seen, notes)
    return "text", None


def _truth(seen: SeenColumn, _: dict[str, str]) -> tuple[str, None] | None:
    said = {value.lower() for value in seen.values}
    known = said <= {"true", "false"} or said in ({"yes", "no"}, {"t", "f"})
    flags = is_flag(seen.name) and said <= {"0", "1"}
    return ("boolean", None) if not seen.many and (known or flags) else None


def _time(seen: SeenColumn, notes: dict[str, str]) -> tuple[str, None] | None:
    for kind in ("timestamp", "date"):
        if _holds(seen, kind):
            _note_others(seen, notes, seen.fits[kind], kind)
            return kind, None
    return None


def _url(seen: SeenColumn, notes: dict[str, str]) -> tuple[str, None] | None:
    if not _holds(seen, "url"):
        return None
    _note_others(seen, notes, seen.fits["url"], "URL")
    return "url", None


def _localized_number(seen: SeenColumn, notes: dict[str, str]) -> tuple[str, None] | None:
    """Detect localised numbers or numbers with a currency, which are read as text."""
    plain = seen.fits["number"]
    for spelling in ("comma", "thousands", "unit"):
        if seen.fits[spelling] and plain + seen.fits[spelling] >= TYPED * seen.present:
            notes["type"] = (
                "numbers with decimal commas, thousands separators or units, which cannot be read as numbers"
            )
            return "text", None
    return None


def _formatted(seen: SeenColumn, notes: dict[str, str]) -> tuple[str, str] | None:
    formats = dict(seen.formats)
    if not is_time(seen.name):  # eight digits alone are more often a number
        formats = {form: rows for form, rows in formats.items() if form not in {"%Y%m%d", "%Y%m%d%H%M%S"}}
    form, others = best_format(formats, seen.present, TYPED)
    if form is None:
        return None
    if others:
        notes["format"] = f"guessed: {others[0]} would fit as well"
    elif formats[form] < seen.present:
        _note_others(seen, notes, formats[form], form)
    return ("date" if form in DATES else "timestamp"), form


def _number(seen: SeenColumn, notes: dict[str, str]) -> tuple[str, None] | None:
    if not _holds(seen, "number"):
        return None
    why = _no_quantity(seen)
    if why is not None:
        notes["type"] = why
        return "text", None
    _note_others(seen, notes, seen.fits["number"], "number")
    if seen.fits["integer"] < seen.fits["number"]:
        return "number", None
    if is_time(seen.name) and seen.fits["epoch"] == seen.present:
        notes["type"] = "looks like seconds or milliseconds since 1970, which are read as numbers only"
    few = not seen.many and len(seen.values) <= MOST_CODES and _repeats(seen)
    return ("category" if few and is_code(seen.name) else "integer"), None


def _no_quantity(seen: SeenColumn) -> str | None:
    """Return why digits are not a number: what would be lost, or by the column's name."""
    if seen.fits["zeros"]:
        return "text: as numbers the values would lose their leading zeros"
    if seen.fits["long"]:
        return "text: the values have more digits than a number keeps"
    if is_postal(seen.name) or is_digits(seen.name):
        return "text: the name says the digits are a code, not a quantity"
    return None


def _note_others(seen: SeenColumn, notes: dict[str, str], fitting: int, kind: str) -> None:
    others = seen.present - fitting
    if others > 0:
        be = "is" if others == 1 else "are"
        notes["type"] = f"{others:,} of {seen.present:,} values {be} not of type {kind}"


def _note_mixture(seen: SeenColumn, notes: dict[str, str]) -> None:
    """Note that a column is nearly of another type."""
    shares = {name: _share(seen, name) for name in ("number", "timestamp", "date", "url")}
    shares |= {f"time as {form}": rows / seen.present for form, rows in seen.formats.items()}
    name, share = max(shares.items(), key=lambda known: known[1])
    if share >= MIXED:
        notes["type"] = f"mixed, so it is text: {share:.0%} of the values look like a {name}"


def _is_category(seen: SeenColumn) -> bool:
    return len(seen.values) <= MOST_CATEGORIES and seen.longest <= LONGEST_CATEGORY and _repeats(seen)


def _repeats(seen: SeenColumn) -> bool:
    return seen.present >= REPEATS * len(seen.values)


def _share(seen: SeenColumn, name: str) -> float:
    return seen.fits[name] / seen.present if seen.present else 0.0


def _holds(seen: SeenColumn, name: str) -> bool:
    return seen.present > 0 and seen.fits[name] >= TYPED * seen.present


def _is_incident(seen: SeenColumn, lacking: Sequence[date], days: Sequence[date]) -> bool:
    """Distinguish a column lost in one file from one that was added or removed."""
    if len(days) < INCIDENT_FILES or len(lacking) != 1:
        return False
    return min(seen.days) < lacking[0] < max(seen.days)


def _merge_renamed(
    table: SeenTable,
) -> tuple[list[SeenColumn], dict[str, tuple[str, ...]]]:
    """Merge columns that differ only in spelling and never occur in the same file."""
    order = table.order()
    by_name: dict[str, list[SeenColumn]] = {}
    for name in order:
        by_name.setdefault(folded(name) or name, []).append(table.columns[name])
    merged: list[tuple[int, SeenColumn]] = []
    aliases = {}
    for alike in by_name.values():
        together = set().union(*(column.days for column in alike))
        if len(alike) == 1 or sum(len(column.days) for column in alike) > len(together):
            merged += [(order.index(column.name), column) for column in alike]
            continue
        best = max(
            alike, key=lambda column: (column.name == "_".join(words_of(column.name)), max(column.days))
        )
        aliases[best.name] = tuple(column.name for column in alike if column is not best)
        merged.append((min(order.index(column.name) for column in alike), _join(best.name, alike)))
    return [column for _, column in sorted(merged, key=lambda pair: pair[0])], aliases


def _join(name: str, alike: Sequence[SeenColumn]) -> SeenColumn:
    joined = SeenColumn(name)
    for column in alike:
        joined.days |= column.days
        joined.rows += column.rows
        joined.missing += column.missing
        joined.missing_by_day |= column.missing_by_day
        joined.fits.update(column.fits)
        joined.formats.update(column.formats)
        joined.values.update(column.values)
        joined.many = joined.many or column.many
        joined.longest = max(joined.longest, column.longest)
        for form, times in column.times.items():
            known = joined.times.setdefault(form, Times())
            known.quarters |= times.quarters
            known.aware = known.aware or times.aware
    return joined
