"""CSV, split into byte ranges that are read separately."""

from functools import partial

from exporter.places.readable import Readable
from exporter.profiling.format import Counted, Cut, Format, Range, Work, as_ranges, as_they_are
from exporter.profiling.plan import Scan, plan
from exporter.profiling.scan import begin_scan, tally_range
from exporter.profiling.window import Span


def _cut(file: Readable, work: Work) -> Cut:
    scan = begin_scan(file, work.day, work.table, sizes=work.sizes, missing=work.missing)
    spans = plan(file, file.size, scan)
    return Cut(as_ranges((span.start, span.end) for span in spans), partial(_read, scan), as_they_are)


def _read(scan: Scan, file: Readable, span: Range) -> Counted:
    return Counted(tally_range(file, scan, Span(span.start, span.end)), scan.header.columns)


FORMAT = Format("csv", _cut)
