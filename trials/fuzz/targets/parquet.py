"""Parquet files with replaced bytes: the same figures locally and remotely, or an error."""

import io
import os
import tempfile

import pyarrow as pa
import reference
from feeds import RAW
from files import PARTITION, Memory, profile_of
from given import Given
from pyarrow import parquet as pq
from target import Target, agree, is_one_line

from exporter.places.local import LocalFile
from exporter.profiling.formats.parquet import FORMAT
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.records import Sizes

DAY = reference.day_of(PARTITION)
SIZES = Sizes()
COLUMNS = {
    "client_id": ["a", "b", None, "client_id"],
    "timestamp": ["2025-03-30T01:00:00Z", "x", None, "timestamp"],
    "event_name": ["page_viewed", "page_viewed", "checkout_completed", "event_name"],
}


def _write(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def _files() -> tuple[bytes, ...]:
    texts = pa.table(COLUMNS)
    times = pa.array([1743296400000, None], pa.timestamp("ms", "UTC"))
    typed = pa.table(
        {
            "timestamp": times,
            "event_name": pa.array(["x", "y"]).dictionary_encode(),
            "event_data": pa.array([{"a": [1]}, None]),
            "client_id": pa.array([b"\xff", b"b"]),
        }
    )
    return (
        _write(texts, compression="none", use_dictionary=False, write_statistics=False),
        _write(texts, compression="snappy", row_group_size=2),
        _write(typed, compression="none", store_schema=False),
        _write(texts.slice(0, 0), compression="none", store_schema=False),
    )


FILES = _files()


def run(data: bytes) -> None:
    """Read a file as a local and as a remote one."""
    given = Given(data)
    content = bytearray(given.pick(FILES))
    cut = given.number()
    while len(given.rest) > 2:
        at = (given.number() << 8 | given.number()) % len(content)
        content[-1 - at] = given.number()  # from the end, where the footer is
    file = bytes(content[: len(content) - cut])
    with tempfile.TemporaryFile(buffering=0) as near:
        os.write(near.fileno(), file)
        found = _profile(LocalFile(near.fileno()))
    far = _profile(Memory(file))
    if isinstance(found, dict) and isinstance(far, dict):
        agree(far, found, "figures of a file far away")
    try:
        for _ in FORMAT.rows(Memory(file)) if FORMAT.rows else ():
            pass
    except NotCsvError as error:
        is_one_line(str(error.strerror), "the refusal")


def _profile(file: LocalFile | Memory) -> object:
    try:
        return profile_of(file, "parquet", DAY, RAW, SIZES)
    except NotCsvError as error:
        is_one_line(str(error.strerror), "the refusal")
        return str(error)


TARGET = Target(
    name="parquet",
    run=run,
    seeds=(
        *(bytes([place, 0]) for place in range(len(FILES))),
        *(
            bytes([place, 0, at >> 8, at & 255, 255])
            for place in range(len(FILES))
            for at in range(4, 600, 97)
        ),
        b"\0\5",
    ),
    longest=60,
)
