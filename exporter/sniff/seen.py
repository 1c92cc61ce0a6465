"""A table as inspected: its columns over all inspected files."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling.missing import DATABASE_NULL, PANDAS_NA_STRINGS
from exporter.sniff.patterns import Fits, fit, instants
from exporter.sniff.reading import Rows, Texts

MOST_VALUES = 200  # distinct values kept, to detect a category
QUARTER = 900  # seconds; every zone's offset is a multiple of it
_MISSING = pa.array(sorted(PANDAS_NA_STRINGS | {DATABASE_NULL}))


@dataclass(slots=True)
class Times:
    """The times of values, in units of 15 minutes after the start of their file's day, by day."""

    quarters: dict[date, Counter[int]] = field(default_factory=dict)
    aware: bool = False  # some value has an offset

    def add(self, day: date, found: Iterable[tuple[datetime, bool]]) -> None:
        """Add a file's times."""
        start = datetime.combine(day, time())
        counts = self.quarters.setdefault(day, Counter())
        for when, aware in found:
            counts[(when - start) // timedelta(seconds=QUARTER)] += 1
            self.aware = self.aware or aware


@dataclass(slots=True)
class SeenColumn:
    """One column over all files. Counts are rows, without those of files that lack the column."""

    name: str
    days: set[date] = field(default_factory=set)  # days whose file has the column
    rows: int = 0
    missing: int = 0
    missing_by_day: dict[date, float] = field(default_factory=dict)  # shares, including further files
    fits: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    many: bool = False  # more distinct values than are kept
    longest: int = 0  # characters
    times: dict[str, Times] = field(default_factory=dict)  # by format, "" for RFC 3339

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def usual(self) -> bool:
        """Whether any value occurs in more than one row."""
        return bool(self.values) and self.present > len(self.values)

    def add(self, day: date, texts: Texts) -> None:
        """Add a file's column."""
        texts = pc.utf8_trim_whitespace(texts)
        counted: Any = texts.value_counts()
        values, counts = counted.field("values"), counted.field("counts")
        there = pc.invert(pc.is_in(values, value_set=_MISSING))
        values, counts = values.filter(there), counts.filter(there)
        present = int(pc.sum(counts).as_py() or 0)
        self.days.add(day)
        self.rows += len(texts)
        self.missing += len(texts) - present
        self._note_missing(day, len(texts), len(texts) - present)
        if present:
            self._take(day, values, counts)

    def note_missing(self, day: date, texts: Texts) -> None:
        """Add only the number of missing values of a further file."""
        self._note_missing(
            day, len(texts), pc.sum(pc.is_in(pc.utf8_trim_whitespace(texts), _MISSING)).as_py()
        )

    def _note_missing(self, day: date, rows: int, missing: int | None) -> None:
        if rows:
            self.missing_by_day[day] = (missing or 0) / rows

    def _take(self, day: date, values: Any, counts: Any) -> None:
        self.longest = max(self.longest, int(pc.max(pc.utf8_length(values)).as_py() or 0))
        found: Fits = fit(values, counts)
        self.fits.update(found.rows)
        self.formats.update(found.formats)
        if len(values) > MOST_VALUES:
            self.many = True
        if not self.many:
            self.values.update(dict(zip(values.to_pylist(), counts.to_pylist(), strict=True)))
            self.many = len(self.values) > MOST_VALUES
        if found.rows.get("timestamp"):
            self.times.setdefault("", Times()).add(day, instants(values, None))
        for form in found.formats:
            if "%H" in form or "%I" in form:
                self.times.setdefault(form, Times()).add(day, instants(values, form))


@dataclass(slots=True)
class SeenTable:
    """A table's columns, and the inspected files."""

    columns: dict[str, SeenColumn] = field(default_factory=dict)
    rows: dict[date, int] = field(default_factory=dict)  # by day, empty files included
    headers: dict[date, tuple[str, ...]] = field(default_factory=dict)
    malformed: int = 0
    doubled: set[str] = field(default_factory=set)  # duplicate column names
    cut: list[date] = field(default_factory=list)

    def add(self, day: date, rows: Rows) -> None:
        """Add a file."""
        self.rows[day] = rows.count
        self.headers[day] = tuple(rows.columns)
        self.malformed += rows.malformed
        self.doubled.update(rows.doubled)
        if rows.cut:
            self.cut.append(day)
        for name, texts in rows.columns.items():
            self.columns.setdefault(name, SeenColumn(name)).add(day, texts)

    def note_missing(self, day: date, rows: Rows) -> None:
        """Add the missing values of a further file."""
        for name, texts in rows.columns.items():
            if name in self.columns:
                self.columns[name].note_missing(day, texts)

    def order(self) -> list[str]:
        """Return the columns' names in the newest file's order; those of older files come last."""
        newest_first = sorted(self.headers, reverse=True)
        return list(dict.fromkeys(name for day in newest_first for name in self.headers[day]))
