"""Count the records of one byte range of a CSV file."""

from collections.abc import Mapping
from dataclasses import replace

from exporter.feed import Table
from exporter.model import Day
from exporter.places.readable import Readable
from exporter.profiling.form import refuse_other_forms
from exporter.profiling.grammar import BOM, LONGEST_HEADER, read_header
from exporter.profiling.headers import Repeats
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.plan import Scan
from exporter.profiling.records import Batch, Sizes, read_batches
from exporter.profiling.rows import tally_malformed, tally_rows
from exporter.profiling.tally import FIRST, WHOLE, Part, Tally
from exporter.profiling.unread import Unread
from exporter.profiling.window import Span, Window

MERGED = 4  # tallies merged at a time, which is faster than one by one


def begin_scan(
    file: Readable,
    day: Day,
    table: Table,
    *,
    sizes: Sizes | None = None,
    missing: MissingValues = NO_VALUE,
) -> Scan:
    """Read the header. Raises NotCsvError if the file's form is not this feed's."""
    data = file.read(len(BOM) + LONGEST_HEADER + 2, 0)
    header = read_header(data, table.aliases, table.form.delimiter, table.form.quote)
    refuse_other_forms(data, header, table)
    return Scan(header, table, day, sizes or Sizes(), missing)


def tally_range(file: Readable, scan: Scan, span: Span) -> Tally:
    """Count the records of one range. Raises FileChanged if the file ends early."""
    file.expect(span.start, span.end)
    window = Window(file, span.start, span.end)
    found: list[Tally] = []
    lines = 0
    if span.start == 0:
        window.fill(scan.header.length)
        window.drop(scan.header.length)
        found.append(Tally(invalid_utf8_lines=int(scan.header.invalid_utf8)))
        lines = scan.header.lines if scan.header.columns else 0
    columns, unread = scan.columns, Unread(scan.unread, scan.missing)
    malformed: list[int] = []
    repeats: list[int] = []
    cut = WHOLE
    for batch in read_batches(window, scan.grammar, tuple(sorted(columns.values())), scan.sizes):
        tally, repeated = _tally_batch(batch, columns, scan)
        if batch.others is not None and batch.table is not None and batch.table.num_rows:
            tally = replace(tally, unread=unread.look(batch.others))
        found.append(tally)
        if len(found) > MERGED:
            found = [Tally().merge(*found)]
        malformed += [lines + line for line in batch.malformed.lines[: FIRST - len(malformed)]]
        repeats += [lines + line for line in repeated.lines[: FIRST - len(repeats)]]
        lines += batch.lines
        cut = batch.cut
    part = Part(
        length=span.end - span.start,
        digest=window.digest.digest(),
        lines=lines,
        malformed_lines=tuple(malformed),
        repeated_header_lines=tuple(repeats),
        cut=cut,
    )
    return Tally(parts={span.start: part}).merge(*found)


def _tally_batch(batch: Batch, columns: Mapping[str, int], scan: Scan) -> tuple[Tally, Repeats]:
    rest = tally_malformed(batch.malformed, batch.odd, scan.table)
    if batch.empty:
        rest = rest.merge(Tally(empty_rows=batch.empty))
    if batch.table is None or batch.table.num_rows == 0:
        return rest, Repeats()
    values = {name: batch.table.column(str(position)) for name, position in columns.items()}
    settings = scan.table, scan.day, scan.missing
    tally, repeats = tally_rows(values, batch.table.num_rows, scan.header, settings, batch.block)
    return rest.merge(tally), repeats
