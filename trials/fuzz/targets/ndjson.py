"""NDJSON files: by Arrow and line by line, whole and in small pieces."""

import reference
from feeds import RAW
from files import PARTITION, Memory, profile_of
from given import Given
from target import DisagreementError, Target, agree, is_one_line

from exporter.profiling.formats.ndjson import FORMAT
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.json_lines import _by_arrow, _by_line
from exporter.profiling.records import Sizes

DAY = reference.day_of(PARTITION)
WANTED = ("client_id", "timestamp", "event_name", "a")
SMALL = (Sizes(span=40, block=7), Sizes(span=100, block=33), Sizes(span=1 << 20, block=50))
LONGEST = (1 << 25, 1 << 25, 40)


def run(data: bytes) -> None:
    """Parse a block both ways, then a file whole and in pieces."""
    given = Given(data)
    small, longest = given.pick(SMALL), given.pick(LONGEST)
    file = given.rest
    together = _by_arrow(file, WANTED, 1 << 25)
    if together is not None:
        single = _by_line(file, WANTED, (), 1 << 25)
        agree((together.rows, single.malformed.count), (single.rows, 0), "rows")
        agree(sorted(together.keys), sorted(single.keys), "keys")
        for key, values in together.values.items():
            agree(values.to_pylist(), single.values[key].to_pylist(), f"values of {key}")
    whole = _profile(file, Sizes(record=longest))
    pieces = _profile(file, Sizes(span=small.span, block=small.block, record=longest))
    agree(pieces, whole, f"figures by {small}")
    if FORMAT.rows is not None and isinstance(whole, dict) and longest > len(file):  # all rows are read
        written = b"".join(FORMAT.rows(Memory(file)))
        if (b"\n" in written) != bool(whole["columns"]):
            raise DisagreementError("rows for queries without columns")


def _profile(file: bytes, sizes: Sizes) -> object:
    try:
        found = profile_of(Memory(file), "ndjson", DAY, RAW, sizes)
        return found | {"columns": sorted(found["columns"])}  # the order of rare keys depends on the pieces
    except NotCsvError as error:
        is_one_line(str(error.strerror), "the refusal")
        return str(error)


TARGET = Target(
    name="ndjson",
    run=run,
    seeds=(
        b'\0\0{"client_id": "a", "timestamp": "2025-03-30T01:00:00Z"}\n{"client_id": "b", "a": 1}\n',
        b'\0\0{"event_name": "page_viewed", "timestamp": null, "a": 1}\n{"event_name": "b", "a": null}\n',
        b'\1\1{"a": 1}\r\n{"a": 1.5}\n\n{"a": 1e2, "client_id": true}\n{"a": 9007199254740993}',
        b'\2\0\xef\xbb\xbf{"a": [1, {"b": null}]}\n{"a": "x", "a": "y"}\n{"a"',
        b'\0\2{"a": "\\ud800"}\n{"a": NaN}\n[1]\n{"client_id": "\xff"}\n',
        b'\1\0{"client_id": "client_id", "timestamp": "timestamp"}\n{}\n{"a": {}}\n',
    ),
    words=(
        b'"client_id"',
        b'"a"',
        b'"timestamp"',
        b"{}",
        b"\n",
        b"\r\n",
        b"null",
        b"1.0",
        b"1e0",
        b"NaN",
        b"\\u0000",
        b"-0",
    ),
    longest=300,
)
