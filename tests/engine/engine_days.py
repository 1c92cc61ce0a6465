"""A demo day in every file format, and its profiles."""

import gzip
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from feeds import RAW
from pyarrow import parquet as pq

from exporter.demo.days import generate_day
from exporter.demo.incidents import Incident
from exporter.discover.calendar import Calendar
from exporter.feed import Form
from exporter.model import PartFile, Profile, SourceFile, Stage, Stamp
from exporter.profiling.records import Sizes
from exporter.profiling.run import profile_file
from exporter.store.codec import encode_profile

PARTITION = date(2025, 3, 7)
DAY = Calendar().day(PARTITION)
SIZES = Sizes(span=11_000, block=5_000, parse=3_000)  # so that a day has many ranges
KEYED = replace(RAW, key=("client_id", "timestamp"))
LATIN = replace(KEYED, form=Form(encoding="latin-1"))
FORMS = ("csv", "csv.gz", "latin", "parquet", "ndjson", "parts", "mixed")


def table_of(form: str) -> Any:
    """Return the table that describes a format."""
    return LATIN if form == "latin" else KEYED


def found(path: Path) -> PartFile:
    """Describe a file as a listing does."""
    status = path.stat()
    return PartFile(path, Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


def source(*paths: Path) -> SourceFile:
    """Describe a day's files as a listing does."""
    parts = tuple(map(found, paths))
    stamp = replace(parts[0].stamp, size=sum(part.stamp.size for part in parts))
    return SourceFile(PARTITION, Stage.RAW, paths[0], stamp, parts=parts if len(parts) > 1 else ())


def write(folder: Path, form: str, repeat: int = 1) -> SourceFile:
    """Write a day with duplicates and malformed rows, as one file of a format or as several."""
    day = generate_day(PARTITION, incidents=[Incident.DUPLICATES] if hasattr(Incident, "DUPLICATES") else ())
    rows = list(day.rows)[:1500] * repeat + [("", "odd")] * 3
    if form == "mixed":
        kinds = ("csv", "csv.gz", "csv", "csv")
        cut = -(-len(rows) // len(kinds))
        return source(
            *(
                _write(folder / f"part-{at}.{kind}", day.header, rows[at * cut : (at + 1) * cut])
                for at, kind in enumerate(kinds)
            )
        )
    if form == "parts":
        return source(*(_write(folder / f"part-{at}.csv", day.header, rows[at::12]) for at in range(12)))
    return source(
        _write(
            folder / f"events.{'csv' if form == 'latin' else form}", day.header, rows, latin=form == "latin"
        )
    )


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]], *, latin: bool = False) -> Path:
    good = [row for row in rows if len(row) == len(header)]
    if path.suffix == ".parquet":
        columns = [pa.array([row[at] or None for row in good], pa.string()) for at in range(len(header))]
        pq.write_table(pa.table(columns, list(header)), path, row_group_size=100)
    elif path.suffix == ".ndjson":
        path.write_text("".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in good))
    else:
        text = io.StringIO()
        for row in [header, *rows]:
            text.write(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n")
        data = text.getvalue().encode("latin-1" if latin else "utf-8", "replace")
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def encoded(profile: Profile) -> bytes:
    """Encode all figures of a profile, exact and in order."""
    return encode_profile(profile)


def local(day: SourceFile, form: str) -> Profile:
    """Profile a day with threads in this process."""
    return profile_file(day, DAY, table=table_of(form), threads=2, sizes=SIZES)
