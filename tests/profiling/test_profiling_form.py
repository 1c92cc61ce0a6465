"""Files that are not CSV of this feed are described, and no figures are made up."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
from feeds import PLAIN_RAW
from reference import day_of
from test_profiling_run import HEADER, PARTITION, find, rows

from exporter.profiling.grammar import NotCsvError
from exporter.profiling.run import profile_file

PLAIN = rows(20)
DAY = day_of(PARTITION)


def refusal(path: Path, data: bytes) -> str:
    """Return the message with which a file is refused."""
    path.write_bytes(data)
    with pytest.raises(NotCsvError) as caught:
        profile_file(find(path), DAY, table=PLAIN_RAW)
    return str(caught.value.strerror)


FORMS = [
    (gzip.compress(PLAIN), "gzip-compressed"),
    (bz2.compress(PLAIN), "bzip2-compressed"),
    (lzma.compress(PLAIN), "xz-compressed"),
    (b"PK\x03\x04rest", "a ZIP archive or an Excel workbook"),
    (b"PAR1rest", "a Parquet file"),
    (PLAIN.decode().encode("utf-16"), "UTF-16"),
    (PLAIN.decode().encode("utf-16-le"), "UTF-16 (little-endian, without a byte order mark)"),
    (PLAIN.decode().encode("utf-16-be"), "UTF-16 (big-endian, without a byte order mark)"),
    (b"<!DOCTYPE html>\n<html>503</html>", "an HTML page"),
    (b"\n  <html><body>", "an HTML page"),
    (b'<?xml version="1.0"?>\n<Error/>', "XML or HTML"),
    (b'{"client_id": "a"}\n{"client_id": "b"}\n', "JSON"),
    (PLAIN.replace(b",", b";"), "7 names are separated by semicolons, expected commas"),
    (PLAIN.replace(b",", b"\t"), "7 names are separated by tabs, expected commas"),
    (PLAIN.replace(b",", b"|"), "7 names are separated by vertical bars, expected commas"),
    (PLAIN.partition(b"\n")[2], "none is the name of an expected column"),
    (PLAIN[:100] + b"\0" * 5000, "are NUL"),
    (b"\0", "1 of its first 1 bytes are NUL"),
]


@pytest.mark.parametrize(("data", "words"), FORMS, ids=[words for _, words in FORMS])
def test_another_form_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    """By its first bytes or its first line."""
    assert words in refusal(tmp_path / "x.csv", data)


def test_no_value_of_a_row_is_shown(tmp_path: Path) -> None:
    """A first line that is not a header is someone's row."""
    assert "id-000001" not in refusal(tmp_path / "x", PLAIN.partition(b"\n")[2])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf\r\n",
        HEADER,
        b"timestamp,a,b,c\n",
        PLAIN.replace(b"referrer,", b"", 1),
        b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"),
    ],
    ids=["empty", "a byte order mark", "a header", "one known name", "a name too few", "CRLF and a mark"],
)
def test_a_header_with_a_name_that_is_known_is_read(tmp_path: Path, data: bytes) -> None:
    """So is an empty file: other checks report what it lacks."""
    path = tmp_path / "x"
    path.write_bytes(data)
    assert profile_file(find(path), DAY, table=PLAIN_RAW).malformed_rows in range(21)
