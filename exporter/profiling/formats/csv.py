"""CSV, cut into byte ranges that are read apart."""

import os
from functools import partial

from exporter.profiling.format import Counted, Format, Work, run_all
from exporter.profiling.plan import plan
from exporter.profiling.scan import begin_scan, tally_range
from exporter.profiling.tally import Tally


def _read(descriptor: int, work: Work, threads: int) -> Counted:
    scan = begin_scan(descriptor, work.day, work.table, sizes=work.sizes, missing=work.missing)
    spans = plan(descriptor, os.fstat(descriptor).st_size, scan)
    found = run_all(partial(tally_range, descriptor, scan), spans, threads)
    return Counted(Tally().merge(*found), scan.header.columns)


FORMAT = Format("csv", _read)
