"""Files of a feed, given by path or folder."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from exporter.discover.found import Boundary, take_stamp
from exporter.discover.listing import list_directory
from exporter.discover.parts import look_into, together
from exporter.errors import UserError, reason_of
from exporter.feed import Feed, Table
from exporter.model import SourceFile
from exporter.plain import plain


def sources_of(paths: Sequence[Path], feed: Feed, *, outside: bool = False) -> list[SourceFile]:
    """Return the feed's files at these paths, the oldest first. Raises UserError if there are none.

    A folder named like a day holds the day's parts; for any other, all files of the feed in it count,
    links to outside of it only if ``outside`` is set.
    """
    known: dict[tuple[date, str], SourceFile] = {}
    for path in paths:
        for source in _sources(path, feed, outside=outside):
            other = known.setdefault((source.partition, source.stage), source)
            if other.path.resolve() != source.path.resolve():
                raise UserError(
                    f"{plain(str(other.path), 500)} and {plain(str(source.path), 500)}: "
                    f"both are the {source.stage} file of {source.partition}"
                )
    return sorted(known.values(), key=lambda source: (source.partition, source.stage))


def _sources(path: Path, feed: Feed, *, outside: bool) -> Iterator[SourceFile]:
    shown = plain(str(path), 500)
    try:
        found = _day_of(path, feed)
        if found is not None:
            yield _source(path, *found)
            return
        if not path.is_dir():
            path.stat()
            names = ", ".join(table.path.spelled for table in feed.tables.values())
            raise UserError(f"{shown}: does not match the feed {feed.id}: {names}")
        files = list_directory(path, feed, outside=outside).files
    except OSError as error:
        raise UserError(f"{shown}: {reason_of(error)}") from None
    if not files:
        raise UserError(f"{shown}: contains no file of the feed {feed.id}")
    yield from files.values()


def _day_of(path: Path, feed: Feed) -> tuple[date, Table] | None:
    """Return the day and table of a path, by its name."""
    parts = path.absolute().parts
    for table in sorted(feed.tables.values(), key=lambda table: -len(table.path.parts)):
        named = "/".join(parts[-len(table.path.parts) :])
        try:
            day = table.path.date_of(named) or table.path.kin_date_of(named)
        except ValueError:
            continue
        if day is not None:
            return day, table
    return None


def _source(path: Path, day: date, table: Table) -> SourceFile:
    if path.is_dir():
        held = look_into(path, table, Boundary(None))
        return together(day, table, path, held.parts, held)
    return SourceFile(day, table.stage, path, take_stamp(path.stat()))
