"""Records with other delimiters and quotes: the same figures as with commas and quotation marks."""

import re
from dataclasses import replace

import reference
from feeds import PLAIN_RAW
from files import PARTITION, Memory, profile_of
from given import Given
from target import Target, agree

from exporter.feed import Form
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.odd_records import DELIMITERS
from exporter.profiling.records import Sizes

DAY = reference.day_of(PARTITION)
SIGNS = ((";", "'"), ("|", '"'), ("~", "'"), ("^", "$"), (".", "*"))
HEADER = b"client_id,timestamp,event_name\n"
DECIMAL = re.compile(rb":[0-9]{2}[,;|~^.][0-9]")  # a comma within a time is no longer one once it is swapped
SIZES = Sizes(span=60, block=30, parse=40)
COMPARED = (
    "rows",
    "malformed_rows",
    "malformed_fields",
    "malformed_lines",
    "missing",
    "invalid_utf8_lines",
    "repeated_headers",
    "truncated",
    "out_of_day_rows",
    "unparseable_timestamps",
)


def run(data: bytes) -> None:
    """Profile a file as it is, and with two pairs of bytes swapped."""
    given = Given(data)
    delimiter, quote = given.pick(SIGNS)
    if DECIMAL.search(given.rest) or (b"." in given.rest and delimiter == "."):
        return
    if delimiter not in DELIMITERS and delimiter.encode() in given.rest:
        return  # swapped, they would be commas, by which a row of another form is recognized
    swap = bytes.maketrans(f',"{delimiter}{quote}'.encode(), f'{delimiter}{quote},"'.encode())
    table = replace(PLAIN_RAW, form=Form(delimiter=delimiter, quote=quote))
    file = HEADER + given.rest
    try:
        wanted = profile_of(Memory(file), "csv", DAY, PLAIN_RAW, SIZES)
    except NotCsvError:
        return
    found = profile_of(Memory(file.translate(swap)), "csv", DAY, table, SIZES)
    # JSON or a row in another form is recognized by its own commas and quotes, and is not cut off.
    is_odd = found["odd_records"] or wanted["odd_records"]
    names = [name for name in COMPARED if name != "truncated" or not is_odd]
    agree({name: found[name] for name in names}, {name: wanted[name] for name in names}, "figures")


TARGET = Target(
    name="delimiters",
    run=run,
    seeds=(
        b'\0a,2025-03-30T01:00:00Z,"x;\n"\nb,2025-03-30T02:00:00Z,y\n',
        b'\1"a|""b",2025-03-30T01:00:00Z,x\r\nb,c\n',
        b"\2a'b,2025-03-30T01:00:00Z,~\n\n\xff,,",
        b'\3$,2025-03-30T01:00:00Z,"^\n',
    ),
    words=(b'"', b'""', b",", b"\n", b"2025-03-30T01:00:00Z", b";", b"'", b"|", b"~"),
    longest=300,
)
