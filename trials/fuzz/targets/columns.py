"""Columns of each type: the same figures however their values are split, and the same numbers as Python."""

import math
import re
from fractions import Fraction

import pyarrow as pa
import reference
from files import PARTITION
from given import Given
from target import Target, agree

from exporter.feed import Column, Limits
from exporter.model import ColumnFigures
from exporter.profiling.kinds import TYPES, Reading
from exporter.profiling.missing import NO_VALUE, is_missing
from exporter.profiling.strings import text_array

DAY = reference.day_of(PARTITION)
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
LIMITS = (Limits(), Limits(minimum=0, maximum=10), Limits(shortest=1, longest=3), Limits(values=("a", "1")))
KINDS = tuple(sorted(TYPES))


def run(data: bytes) -> None:
    """Count lines as values of a column, whole and split in two."""
    given = Given(data)
    kind, limits, cut = given.pick(KINDS), given.pick(LIMITS), given.number()
    texts = given.rest.decode("utf-8", "replace").split("\n")
    column = Column("a", type=kind, limits=limits, personal=cut % 16 == 1)
    whole = _figures([texts], column)
    agree(_figures([texts[: cut % 8], texts[cut % 8 :]], column), whole, f"figures of a {kind}")
    present = [text.strip() for text in texts if not is_missing(text)]
    told = whole.numbers
    wanted = (len(texts) - len(present), len(set(present)), len(present) - len(set(present)))
    agree((told["missing_rows"], told["distinct_values"], told["duplicate_rows"]), wanted, "values")
    if kind == "number":
        read = [float(text) for text in present if PLAIN.fullmatch(text)]
        numbers = [number for number in read if math.isfinite(number)]
        if numbers:
            total = reference.in_double(sum(map(Fraction, numbers), Fraction(0)))
            wanted_ends = (min(numbers), max(numbers), total)
            agree((told["minimum"], told["maximum"], told["sum_of_values"]), wanted_ends, "numbers")
        agree("minimum" in told, bool(numbers), "whether there are numbers")


def _figures(parts: list[list[str]], column: Column) -> ColumnFigures:
    kind = TYPES[column.type]
    reading = Reading(column, DAY, NO_VALUE)
    states = [kind.tally(pa.chunked_array([text_array(part)], pa.string()), reading) for part in parts]
    return states[0].merge(*states[1:]).seal()


def _seed(kind: str, text: str) -> bytes:
    return bytes([KINDS.index(kind), 0, 2]) + text.encode()


TARGET = Target(
    name="columns",
    run=run,
    seeds=(
        _seed("number", "1\n-2.5\n1e308\n1e308\n.5\n5.\n+3\n0x10\n1e999\n NaN \n1_0"),
        _seed("integer", "1\n1.0\n1e2\n1e-2\n9007199254740993.5\n0e999\n1.0e99999999999999999999"),
        _seed("boolean", "true\nFalse\n0\n1\nyes\nNULL"),
        _seed("category", "a\nb\n a \na\0\n\u00e9\n"),
        _seed("text", "a\n\u00e9\u00e9\u00e9\u00e9\nabc\n \U0001f421"),
        _seed("url", "https://a.b/c\na.b\n//x\nmailto:x@y"),
        _seed("date", "2025-03-30\n2025-02-30\n0001-01-01\n9999-12-31"),
        _seed("timestamp", "2025-03-30T01:00:00Z\n2025-03-30 01:00:00\n9999-12-31T23:59:59Z\nx"),
    ),
    words=(
        b"1e400",
        b"-0",
        b"0.0",
        b"1e-400",
        b"NULL",
        b"true",
        b"2025-03-30",
        b"https://",
        b"\xc2\xa0",
        b"\xef\xbc\x91",
        b"e+",
    ),
    longest=160,
)
