"""The exporter's own profiler."""

from datetime import date
from pathlib import Path

from exporter.contract.load import shipped_feed
from exporter.model import Day, SourceFile, Stage, Stamp
from exporter.profiling.order_tally import orders_of
from exporter.profiling.run import profile_file

from .figures import END_NS, START_NS, Figures


def profile(path: Path, threads: int) -> Figures:
    """Profile the file."""
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    day = Day(date(2031, 5, 17), START_NS, END_NS)
    found = profile_file(
        SourceFile(day.partition, Stage.RAW, path, stamp), day, table=shipped_feed().raw, threads=threads
    )
    orders = orders_of(found)
    assert orders is not None
    return {
        "rows": found.rows,
        **{f"missing_{name}": count for name, count in found.missing.items()},
        "events": dict(orders.events),
        "checkouts": orders.checkouts,
        **{str(defect): count for defect, count in orders.defects.items()},
        "revenue": round(orders.revenue, 2),
        "referrer_null": orders.referrer_null,
        "referrer_synthetic": orders.referrer_synthetic,
        "unparseable_timestamps": found.unparseable_timestamps,
        "out_of_day_rows": found.out_of_day_rows,
        "first_event_ns": found.first_event_ns,
        "last_event_ns": found.last_event_ns,
        "longest_silence_seconds": found.longest_silence_seconds,
    }
