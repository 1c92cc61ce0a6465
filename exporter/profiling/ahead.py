"""What is ahead of a CSV file's header, or in place of a file: lines of a report, or an error message."""

import csv
import re

from exporter.feed import Table
from exporter.plain import plain
from exporter.profiling.grammar import BOM, NEWLINE, Header, NotCsvError, read_header
from exporter.profiling.odd_records import DELIMITERS
from exporter.profiling.rfc3339 import parse_ns

MOST_LINES = 20  # searched for the header
LONGEST_SHOWN = 80  # characters of a line
FEW_LINES = 3  # of a file that is an error message
_ERROR = re.compile(
    r"\b(?:error|fatal|warning|exception|traceback|fail(?:ed|ure)|denied|refused|forbidden|unauthorized"
    r"|unavailable|not found|no such|timed? ?out|timeout|quota|expired|invalid|cannot|could not|unable)"
    r"|\A[45]\d\d\b",
    re.IGNORECASE,
)


def name_ahead(head: bytes, header: Header, table: Table) -> str | None:
    """Name the lines ahead of the header, or that its names are quoted in another way.

    ``head`` are the first bytes of a file in whose first line no names of columns are.
    """
    lines = NEWLINE.split(head.removeprefix(BOM))
    for number, line in enumerate(lines[:MOST_LINES], start=1):
        if number > header.lines and line and (words := _names_in(line, table)) is not None:
            return (
                f"the header is in line {number}{words}; line {header.lines} is {_shown(header.line, table)}"
            )
    if _expected(_quoted_otherwise(header, table), table):
        return "the names in the first line are " + (
            "quoted as a whole, and so is perhaps each row"
            if header.width == 1
            else "in quotes of another kind"
        )
    text = [line.decode("utf-8", "replace").strip() for line in lines if line.strip()]
    if 0 < len(text) <= FEW_LINES and _ERROR.search(text[0]) and not _has_data(header):
        return f"the file has only {len(text)} line{'s' * (len(text) != 1)}: {plain(text[0], LONGEST_SHOWN)}"
    return None


def _names_in(line: bytes, table: Table) -> str | None:
    """Return how the names in a line are separated, nothing if as expected; ``None`` if they are no names."""
    wanted = table.form.delimiter
    for delimiter in (wanted, *(sign for sign in DELIMITERS if sign != wanted)):
        try:
            found = read_header(line, table.aliases, delimiter, table.form.quote).columns
        except NotCsvError:
            continue
        if _expected(found, table):
            return "" if delimiter == wanted else f", separated by {DELIMITERS[delimiter]}"
    return None


def _expected(columns: tuple[str, ...], table: Table) -> bool:
    return len(set(columns) & set(table.names)) >= min(2, len(table.names)) > 0


def _quoted_otherwise(header: Header, table: Table) -> tuple[str, ...]:
    """Return the names that are within one field, or in more or other quotes."""
    cells = header.columns
    if header.width == 1:
        cells = tuple(next(csv.reader(cells, delimiter=table.form.delimiter), []))
    found = tuple(cell.strip().strip("\"'`") for cell in cells)
    return tuple(table.aliases.get(cell, cell) for cell in found) if found != header.columns else ()


def _shown(line: bytes, table: Table) -> str:
    text = line.decode("utf-8", "replace").strip()
    if not text.strip(f"{table.form.delimiter}{table.form.quote} "):
        return "empty but for delimiters"
    return f"'{plain(text, LONGEST_SHOWN)}'"


def _has_data(header: Header) -> bool:
    """Return whether a line may be a row, whose values are not shown."""
    return any("@" in cell or parse_ns(cell.strip()) is not None for cell in header.cells)
