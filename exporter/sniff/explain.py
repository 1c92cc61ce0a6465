"""The reasons for a proposal: comments for the contract, and what a person should check."""

from collections.abc import Iterator, Mapping, Sequence

from exporter.feed import Feed
from exporter.model import Stage
from exporter.plain import plain
from exporter.sniff.event_time import EventTime
from exporter.sniff.service import Promise
from exporter.sniff.stages import Chosen
from exporter.sniff.table import StageTable
from exporter.sniff.walk import REPORTS, UNFINISHED, Walked
from exporter.strict import Place

FREQUENCY: Place = ("slaProperties", 0, "value")
AVAILABILITY: Place = ("slaProperties", 1, "value")
# Keys of a column's notes that are elsewhere in the contract.
KEYS = {"type": "logicalType", "format": "logicalTypeOptions", "expected": "name", "aliases": "name"}
PLAIN = frozenset(("required",))  # the most common properties need no comment


def notes_of(
    feed: Feed, found: Mapping[Stage, StageTable], promised: Promise, event_time: EventTime | None
) -> dict[Place, str]:
    """Return each note by the place in the contract that it explains."""
    notes: dict[Place, str] = {}
    for place, text in _noted(feed, found, promised, event_time):
        notes[place] = f"{notes[place]}; {text}" if place in notes else text
    return notes


def _noted(
    feed: Feed, found: Mapping[Stage, StageTable], promised: Promise, event_time: EventTime | None
) -> Iterator[tuple[Place, str]]:
    if promised.days_note is not None:
        yield FREQUENCY, promised.days_note
    yield AVAILABILITY, promised.due_note
    if event_time is not None and event_time.note is not None:
        yield AVAILABILITY, event_time.note
    for index, stage in enumerate(feed.stages):
        table = found[stage]
        if table.guess is not None:
            yield ("schema", index, "physicalName"), table.guess
        for remark in table.remarks:
            yield ("schema", index, "physicalName"), remark
        if feed.table(stage).key:
            first = feed.table(stage).key[0]
            number = next(at for at, one in enumerate(table.columns) if one.column.name == first)
            place: Place = ("schema", index, "properties", number, "primaryKey")
            yield place, f"guessed: ({', '.join(feed.table(stage).key)}) is unique on the inspected days"
        for number, decided in enumerate(table.columns):
            for key, text in decided.notes.items():
                if key not in PLAIN:
                    yield ("schema", index, "properties", number, KEYS.get(key, key)), text


def guesses_of(
    found: Mapping[Stage, StageTable], promised: Promise, event_time: EventTime | None
) -> Iterator[str]:
    """Yield what a person should check, one line each."""
    if promised.guessed:
        yield f"due time: {promised.due_note.removeprefix('guessed: ')}"
    if event_time is not None and event_time.note is not None:
        yield f"timezone: {event_time.note.removeprefix('guessed: ')}"
    if promised.days_note is not None:
        yield f"weekdays: {promised.days_note.removeprefix('guessed: ')}"
    for stage, table in found.items():
        if table.guess is not None:
            yield f"{stage}: {table.guess.removeprefix('guessed: ')}"
        yield from (f"{stage}: {remark}" for remark in table.remarks)
        for decided in table.columns if stage is Stage.RAW else ():
            for key in ("type", "format", "expected", "name"):
                if key in decided.notes:
                    yield f"{plain(decided.column.name)}: {decided.notes[key].removeprefix('guessed: ')}"


def hints_of(walked: Walked, chosen: Chosen) -> Sequence[str]:
    """Return other findings, one line each."""
    hints = []
    for group in (*chosen.others, *chosen.unread):
        where = plain(str(walked.directory / group.glob), 500)
        many = "1 file" if len(group.files) == 1 else f"{len(group.files)} files"
        if group in chosen.unread:
            hints.append(f"also found: {many} {where}, in a format that is not read")
        else:
            hints.append(f"also found: {many} {where}; run init on it for a contract of its own")
    ignored = walked.name_left_out(besides=(UNFINISHED, REPORTS))  # most folders have some, which are no days
    if ignored:
        hints.append(f"left out: {ignored}")
    if walked.cut:
        hints.append(f"only the first {len(walked.files):,} files were inspected")
    return hints
