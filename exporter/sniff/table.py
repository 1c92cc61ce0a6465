"""One stage's files as a table: their dialect, columns and key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from exporter.errors import UserError
from exporter.feed import Form, Table
from exporter.model import Stage
from exporter.plain import plain
from exporter.sniff.columns import Decided, decide
from exporter.sniff.dialect import READ, Dialect, Sample
from exporter.sniff.keys import Candidate, find_keys, is_key
from exporter.sniff.names import COMPRESSED, Group
from exporter.sniff.parts import PART
from exporter.sniff.reading import MOST_BYTES, Rows, read_rows, read_sample
from exporter.sniff.seen import SeenTable
from exporter.sniff.sift import refuse_most, sift
from exporter.sniff.stages import OTHER_DATA, words_in
from exporter.sniff.walk import Found
from exporter.sniff.words import is_amount, key_rank
from exporter.template import ending_of, format_of

NEWEST = 7  # days inspected, in addition to the oldest
NAMES = 1  # the highest rank of a column that identifies something
LEAST_DAYS = 2  # days with rows needed to accept a key
MORE_DAYS = 30  # days whose files are read to verify the key and missing values
MORE_BYTES = 32 * 1024 * 1024  # in total, at most
MOST_KEY_COLUMNS = 14
MOST_REASONS = 3  # of days that are left out; the others are only named
LONGEST_KEY = 200  # characters; longer texts are not identifiers
SUCCESS = "_SUCCESS"  # as written by Hadoop and Spark
UNKEYED = frozenset(("number", "boolean", "url"))


@dataclass(frozen=True, slots=True)
class StageTable:
    """One stage's table, as inspected, and what a person should know about it."""

    table: Table
    columns: tuple[Decided, ...]
    seen: SeenTable
    guess: str | None = None  # of the date in the path
    remarks: tuple[str, ...] = field(default=())


def look(stage: Stage, group: Group, like: Form | None = None) -> StageTable:
    """Inspect a group's newest files and its oldest. Raises UserError if most of them cannot be read.

    ``like`` is the dialect of the raw files, assumed for empty files too.
    """
    _refuse_suffix(group)
    days = _looked_at(group)
    samples, unread = _samples(group, days)
    sifted = sift(samples, unread, None if like is None else like.delimiter)
    dialect, left_out = sifted.dialect, dict(sifted.left_out)
    seen, keys = _read(group, [day for day in days if day not in left_out], dialect, left_out)
    if len(left_out) > len(sifted.left_out):
        refuse_most(left_out, [day for day, sample in samples.items() if sample.is_filled])
    keys = _confirmed(keys, _further(group, days, dialect, left_out), seen)
    columns = tuple(decide(seen))
    required = {decided.column.name for decided in columns if decided.column.required}
    filled = sum(rows > 0 for rows in seen.rows.values())
    kept = [names for names in keys if required.issuperset(names) and filled >= LEAST_DAYS]
    order = [decided.column.name for decided in columns]
    key = sorted(kept[0] if kept else (), key=order.index)
    table = Table(
        name=stage.value,
        stage=stage,
        path=group.template,
        columns=tuple(decided.column for decided in columns),
        form=Form(_format(group), delimiter=dialect.delimiter),
        key=tuple(key),
        success_file=_success_file(group),
    )
    return StageTable(
        table, columns, seen, group.guess, (*_shortened(group, left_out), *_remarks(seen, dialect))
    )


def _format(group: Group) -> str:
    return format_of(group.template.parts[-1]) or "csv"


def _success_file(group: Group) -> str:
    """Return the name of the file that marks a day's parts as complete, if every day's folder has it."""
    folders = {found.path.parent for found in group.files.values() if found.parts}
    own = len(folders) == len(group.files)  # a separate one for each day
    return SUCCESS if own and all((folder / SUCCESS).is_file() for folder in folders) else ""


def shown(found: Found) -> str:
    """Return a file's name in displayable form."""
    ending = None if found.parts else ending_of(found.path.name)
    return plain(found.relative.replace(PART, "*").removesuffix(ending or "") + (ending or ""))


def _looked_at(group: Group) -> list[date]:
    """Return the newest days and the oldest, largest files first, which have the most information."""
    days = sorted(group.files)
    chosen = {*days[-NEWEST:], *days[:1]}
    return sorted(chosen, key=lambda day: (-group.files[day].size, day))


def _samples(group: Group, days: Sequence[date]) -> tuple[dict[date, Sample], dict[date, str]]:
    """Return the first bytes of the days' files, and why those of the others cannot be read."""
    samples, unread = {}, {}
    for day in days:
        found = group.files[day]
        try:
            samples[day] = read_sample(found, shown(found))
        except UserError as error:
            unread[day] = str(error)
    return samples, unread


def _readable(
    group: Group, days: Iterable[date], dialect: Dialect, left_out: dict[date, str]
) -> Iterator[tuple[date, Rows]]:
    """Yield the rows of the days that can be read; add the others to ``left_out``, with the reason."""
    for day in days:
        found = group.files[day]
        try:
            rows = read_rows(found, shown(found), dialect)
        except UserError as error:
            left_out[day] = str(error)
        else:
            yield day, rows


def _read(
    group: Group, days: Sequence[date], dialect: Dialect, left_out: dict[date, str]
) -> tuple[SeenTable, list[tuple[str, ...]]]:
    """Read the days' files; return the results, and the keys that hold on all of them."""
    seen = SeenTable()
    keys: list[tuple[str, ...]] | None = None
    misfit: UserError | None = None
    for day, rows in _readable(group, days, dialect, left_out):
        misfit = misfit or _misfit(shown(group.files[day]), rows)
        seen.add(day, rows)
        if keys is None and rows.count:
            keys = find_keys(rows.columns, _candidates(seen, frozenset(words_in(group.literal))))
        elif keys and rows.count:
            keys = [names for names in keys if is_key(rows.columns, names)]
    if misfit is not None and not any(seen.rows.values()):
        raise misfit
    return seen, keys or []


def _refuse_suffix(group: Group) -> None:
    """Reject by name what is better detected by name than by content."""
    last = group.suffix.rpartition(".")[2]
    name = shown(group.newest)
    if last in COMPRESSED:
        renamed = "end their names in .gz, or unpack them" if COMPRESSED[last] == "gzip" else "unpack them"
        raise UserError(
            f"{name}: compressed ({COMPRESSED[last]}) and not read: {renamed}, {len(group.files)} in all"
        )
    if last in OTHER_DATA:
        raise UserError(f"{name}: a {last} file: {READ}")


def _misfit(name: str, rows: Rows) -> UserError | None:
    if not rows.malformed or rows.count:
        return None
    return UserError(
        f"{name}: all {rows.malformed:,} rows have a different number of fields than the header, which has "
        f"{len(rows.columns)}; the header and the rows must match"
    )


def _candidates(seen: SeenTable, subject: frozenset[str]) -> list[Candidate]:
    """Return the possible columns of a key, likeliest first."""
    found = []
    for decided in decide(seen):
        column = decided.column
        if not column.required or column.type in UNKEYED or is_amount(column.name):
            continue
        if decided.seen.longest <= LONGEST_KEY:
            rank = key_rank(column.name, subject)
            found.append(
                Candidate(column.name, rank + (column.type == "integer" and rank > 1), rank <= NAMES)
            )
    return sorted(found, key=lambda candidate: candidate.rank)[:MOST_KEY_COLUMNS]


def _further(
    group: Group, seen: Sequence[date], dialect: Dialect, left_out: dict[date, str]
) -> Iterator[tuple[date, Rows]]:
    """Yield further days, if files are small: few days prove little."""
    others = sorted(group.files.keys() - set(seen))
    days = _affordable(group, others[:: max(1, len(others) // MORE_DAYS)][:MORE_DAYS])
    for day, rows in _readable(group, days, dialect, left_out):
        if rows.count:
            yield day, rows


def _affordable(group: Group, days: Sequence[date]) -> Iterator[date]:
    """Yield the days until their files have ``MORE_BYTES``."""
    budget = MORE_BYTES
    for day in days:
        budget -= group.files[day].size
        if budget < 0:
            break
        yield day


def _confirmed(
    keys: Sequence[tuple[str, ...]], further: Iterable[tuple[date, Rows]], seen: SeenTable
) -> list[tuple[str, ...]]:
    """Return the keys confirmed by further days; note those days' missing values."""
    for day, rows in further:
        seen.note_missing(day, rows)
        keys = [names for names in keys if is_key(rows.columns, names)]
    return list(keys)


def _shortened(group: Group, left_out: Mapping[date, str]) -> Sequence[str]:
    """Return why days are left out, newest first; those beyond the first few are only named."""
    days = sorted(left_out, reverse=True)
    names = ", ".join(shown(group.files[day]) for day in days[MOST_REASONS:])
    more = [f"left out as well: {names}"] if names else []
    return [*(left_out[day] for day in days[:MOST_REASONS]), *more]


def _remarks(seen: SeenTable, dialect: Dialect) -> Sequence[str]:
    said = []
    if seen.cut:
        files = "one file" if len(seen.cut) == 1 else f"{len(seen.cut)} files"
        said.append(f"only the first {MOST_BYTES // 1024**2} MB of {files} were inspected")
    if seen.malformed:
        said.append(f"rows with a different number of fields than the header: {seen.malformed:,}")
    if dialect.damaged:
        said.append("some lines contain bytes that are not UTF-8")
    if seen.doubled:
        names = ", ".join(plain(name) for name in sorted(seen.doubled))
        said.append(f"several columns are named {names}; the first of each is read")
    return said


def shares_columns(one: StageTable, other: StageTable) -> bool:
    """Return whether two tables have rows of the same kind; one without columns matches any."""
    mine, theirs = _names(one.table), _names(other.table)
    return not theirs or 2 * len(mine & theirs) >= min(len(mine), len(theirs))


def _names(table: Table) -> set[str]:
    return {name for column in table.columns for name in (column.name, *column.aliases)}


def values_of(table: StageTable, column: str) -> Mapping[str, int]:
    """Return the rows by value of a column with few values."""
    seen = table.seen.columns.get(column)
    return {} if seen is None else seen.values
