"""The header of a CSV file, compared with the csv module, and what a file is taken for by its first bytes."""

import csv
from collections.abc import Sequence

import reference
from dirt import ALIASES
from feeds import RAW
from files import Memory
from given import Given
from target import Target, agree, is_one_line

from exporter.feed import Form
from exporter.profiling.form import refuse_other_forms
from exporter.profiling.grammar import Header, NotCsvError, read_header
from exporter.profiling.run import format_at

DELIMITERS, QUOTES = (",", ";", "\t", "|"), ('"', "'")


def run(data: bytes) -> None:
    """Parse a header both ways, and check whether it fits the feed."""
    given = Given(data)
    delimiter, quote = given.pick(DELIMITERS), given.pick(QUOTES)
    header = read_header(given.rest, ALIASES, delimiter, quote)
    agree(_told(header), _refer(given.rest, delimiter, quote), "the header")
    format_at(Memory(given.rest), "events_2025-03-30", Form())
    try:
        refuse_other_forms(given.rest, header, RAW)
    except NotCsvError as error:
        is_one_line(str(error.strerror), "the refusal")


def _told(header: Header) -> dict[str, object]:
    return {
        "columns": list(header.columns),
        "cells": list(header.cells),
        "line": header.line,
        "lines": header.lines,
        "length": header.length,
        "invalid": header.invalid_utf8,
    }


def _refer(data: bytes, delimiter: str, quote: str) -> dict[str, object]:
    mark = len(b"\xef\xbb\xbf") * data.startswith(b"\xef\xbb\xbf")
    lines = reference.split_lines(data[mark:].decode("latin-1"))
    blank = next((place for place, line in enumerate(lines) if line.strip("\r\n")), len(lines))
    first = lines[blank] if blank < len(lines) else ""
    line = first.rstrip("\r\n")
    # As text first: within quotes, bytes that are not UTF-8 might come together as a letter.
    cells = next(csv.reader([reference.to_text(line)], delimiter=delimiter, quotechar=quote), [])
    texts = [cell.strip() for cell in cells]
    return {
        "columns": _named(texts),
        "cells": texts,
        "line": line.encode("latin-1"),
        "lines": blank + 1,
        "length": mark + sum(map(len, lines[: blank + 1])),
        "invalid": reference.is_broken(line),
    }


def _named(cells: Sequence[str]) -> list[str]:
    columns = list(cells)
    for place, cell in enumerate(columns):
        if ALIASES.get(cell, cell) not in columns:
            columns[place] = ALIASES[cell]
    return columns


TARGET = Target(
    name="header",
    run=run,
    seeds=(
        b"\0\0client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n1,2,3",
        b'\1\0\xef\xbb\xbf\r\n\n"client_id";timestamp ;;"a ""b"""\r\nx',
        b"\2\1clientId\ttimestamp\t'a'\r",
        b"\3\0a|b\xff|\0c",
        b"\0\0PK\x03\x04",
        b"\0\0<!doctype html><html>",
        b"\0\0c\0l\0i\0e\0n\0t\0_\0i\0d\0,\0",
        b"\0\0Client ID,Page URL,Event Name\n",
        b"\0\0id,/p,,2025-03-30T01:00:00Z,page_viewed,,agent\n",
    ),
    words=(
        b"client_id",
        b"clientId",
        b"timestamp",
        b"event_name",
        b"\xef\xbb\xbf",
        b"\r\n",
        b'""',
        b"PAR1",
        b"{",
    ),
    longest=256,
)
