"""From paths to a proposal: the files as a feed, with reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from exporter.discover.layout import date_within
from exporter.errors import UserError
from exporter.feed import FEED_ID, LONGEST_ID, Feed, Owner, Table
from exporter.model import Stage
from exporter.plain import plain
from exporter.profiling.order_tally import NAME
from exporter.sniff.event_time import EventTime, find_event_time
from exporter.sniff.explain import guesses_of, hints_of, notes_of
from exporter.sniff.names import Group, Grouped, group_files
from exporter.sniff.propose import propose_checks, propose_trends
from exporter.sniff.service import promise
from exporter.sniff.stages import Chosen, choose, words_in
from exporter.sniff.table import StageTable, look, shares_columns, values_of
from exporter.sniff.walk import UPWARDS, Walked, raise_base, walk
from exporter.sniff.words import is_reason
from exporter.strict import Place

SHOWN = 3
ORDER_COLUMNS = ("client_id", "timestamp", "event_name", "event_data")
ORDER_EVENT = "checkout_completed"
NEEDED = "one file per day is needed, with the day in its name or folder, such as events_2025-03-09.csv"
RENAME = (
    "if they are data, rename them, or name the files themselves if they end in .csv, .parquet or .ndjson"
)
WRITABLE = (
    "the year as four or two digits, the month as two digits or three letters, the day as two digits, as in "
    "events_2025-03-09.csv"
)


@dataclass(frozen=True, slots=True)
class Looked:
    """The data behind the proposal."""

    days: int  # with a raw file
    first: date
    last: date
    files: int  # raw files read
    rows: int  # in those
    guesses: tuple[str, ...] = ()  # what a person should check


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feed, with reasons: ``notes`` by place in the contract, and general ``hints``."""

    feed: Feed
    notes: Mapping[Place, str]
    hints: tuple[str, ...]
    directory: Path
    looked: Looked


def sniff(paths: Sequence[Path], feed_id: str | None = None) -> Proposal:
    """Inspect folders and files, and propose a feed. Raises UserError with what is needed."""
    if feed_id is not None and FEED_ID.fullmatch(feed_id) is None:
        raise UserError(
            f"--id: {plain(feed_id)!r}: must be lowercase letters, digits, - and _, at most {LONGEST_ID}"
        )
    walked, grouped = _grouped(walk(paths))
    chosen, tables = _looked(_chosen(walked, grouped))
    return _propose(walked, chosen, tables, feed_id)


def _grouped(walked: Walked) -> tuple[Walked, Grouped]:
    """Group the files; if no path contains a day, check whether the folders above have the rest of it."""
    base, grouped = walked, group_files(walked.files)
    undated = grouped
    for _ in range(UPWARDS):
        higher = None if grouped.groups else raise_base(base)
        if higher is None:
            break
        base, grouped = higher, group_files(higher.files)
    return (base, grouped) if grouped.groups else (walked, undated)


def _chosen(walked: Walked, grouped: Grouped) -> Chosen:
    where = plain(str(walked.directory))
    ignored = walked.name_left_out()
    if not walked.files and ignored:
        raise UserError(f"{where}: all files are left out: {ignored}; {RENAME}")
    if not walked.files:
        raise UserError(f"{where}: no files; {NEEDED}")
    if grouped.crowded is not None:
        one, other = grouped.crowded
        raise UserError(
            f"{where}: a day has several files, such as {one} and {other}; one file per day is needed: "
            "join them, or run init on those of one kind"
        )
    chosen = choose(grouped.groups)
    if chosen is not None:
        return chosen
    names = [found.relative for found in walked.files]
    found = ", ".join(plain(name) for name in names[:SHOWN])
    found += f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    if grouped.groups:
        raise UserError(f"{where}: no CSV, Parquet or NDJSON files; found {found}")
    loose = next((name for name in names if date_within(name) is not None), None)
    if loose is not None:
        raise UserError(f"{where}: the day in {plain(loose)} cannot be written as a pattern: {WRITABLE}")
    found += f"; left out {ignored}" if ignored else ""
    raise UserError(f"{where}: no file names a day; found {found}; {NEEDED}")


def _looked(chosen: Chosen) -> tuple[Chosen, dict[Stage, StageTable]]:
    """Inspect each stage; files with other columns than the raw ones are not a stage of theirs."""
    raw = look(Stage.RAW, chosen.stages[Stage.RAW])
    if not raw.columns:
        name = plain(chosen.stages[Stage.RAW].newest.relative)
        raise UserError(
            f"{name}: no column has a name; the first line of each file must hold the columns' names"
        )
    tables, kept, others = {Stage.RAW: raw}, dict(chosen.stages), list(chosen.others)
    for stage, group in chosen.stages.items():
        if stage is Stage.RAW:
            continue
        found = look(stage, group, raw.table.form)
        if found.columns and shares_columns(raw, found) and found.table.form == raw.table.form:
            tables[stage] = found
        else:
            others.append(kept.pop(stage))
    return Chosen(kept, tuple(others), chosen.unread), tables


def _propose(
    walked: Walked, chosen: Chosen, found: Mapping[Stage, StageTable], feed_id: str | None
) -> Proposal:
    raw = found[Stage.RAW]
    name = feed_id or _id(walked, chosen.stages[Stage.RAW])
    title = re.sub("[_-]+", " ", name).strip().capitalize()
    event_time = find_event_time(raw.columns)
    files = {stage: group.files for stage, group in chosen.stages.items()}
    promised = promise(files, "UTC" if event_time is None else event_time.zone)
    tables = {stage: _finished(one, event_time, name, alone=len(found) == 1) for stage, one in found.items()}
    feed = Feed(
        id=name,
        name=title,
        tables=tables,
        directory=str(walked.directory),
        service=promised.service,
        trends=propose_trends(tables[Stage.RAW], raw.columns),
        checks=propose_checks(title, tables, event_time, Owner().team),
    )
    looked = Looked(
        days=len(files[Stage.RAW]),
        first=min(files[Stage.RAW]),
        last=max(files[Stage.RAW]),
        files=len(raw.seen.rows),
        rows=sum(raw.seen.rows.values()),
        guesses=tuple(guesses_of(found, promised, event_time)),
    )
    notes = notes_of(feed, found, promised, event_time)
    return Proposal(feed, notes, tuple(hints_of(walked, chosen)), walked.directory, looked)


def _id(walked: Walked, group: Group) -> str:
    """Return a name for the feed: the file's without its date, or otherwise a folder's."""
    folders = group.literal.split("/")
    if group.template.has_parts and "".join(folders[:-1]):
        folders[-1] = ""  # parts have the same names in every feed
    file = re.sub(r"\.[A-Za-z0-9.]*$", "", folders[-1])
    for text in (file, *reversed(folders[:-1]), walked.directory.name):
        name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
        if words_in(name):
            return name[:LONGEST_ID].rstrip("_")
    return "feed"


def _finished(found: StageTable, event_time: EventTime | None, name: str, *, alone: bool) -> Table:
    """Return a table completed from the other tables and the feed."""
    table = found.table
    moment = None if event_time is None else event_time.column
    reasons = [column.name for column in table.columns if is_reason(column.name)]
    reason = reasons[0] if reasons and table.stage is Stage.REJECTS else None
    columns = tuple(
        replace(
            column,
            event_time=column.name == moment and column.type == "timestamp",
            reason=column.name == reason,
        )
        for column in table.columns
    )
    packs = (NAME,) if _holds_orders(found) else ()
    return replace(table, name=name if alone else table.name, columns=columns, packs=packs)


def _holds_orders(found: StageTable) -> bool:
    """Detect web events with orders as JSON in a column, for which there is a pack."""
    names = {column.name for column in found.table.columns}
    return names.issuperset(ORDER_COLUMNS) and ORDER_EVENT in values_of(found, "event_name")
