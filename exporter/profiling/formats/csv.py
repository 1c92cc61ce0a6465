"""CSV, cut into byte ranges that are read apart."""

from functools import partial

from exporter.places.readable import Readable
from exporter.profiling.format import Counted, Format, Work, run_all
from exporter.profiling.plan import plan
from exporter.profiling.scan import begin_scan, tally_range
from exporter.profiling.tally import Tally


def _read(file: Readable, work: Work, threads: int) -> Counted:
    scan = begin_scan(file, work.day, work.table, sizes=work.sizes, missing=work.missing)
    spans = plan(file, file.size, scan)
    found = run_all(partial(tally_range, file, scan), spans, threads)
    return Counted(Tally().merge(*found), scan.header.columns)


FORMAT = Format("csv", _read)
