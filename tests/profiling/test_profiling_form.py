"""Files that are not CSV of this feed are described, and no figures are made up."""

import bz2
import gzip
import io
import lzma
import tarfile
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


def tar(data: bytes) -> bytes:
    """Pack a file of these bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("events.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


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
    (b"sep=,\n" + PLAIN, "the header is in line 2; line 1 is 'sep=,'"),
    (b"sep=;\n" + PLAIN.replace(b",", b";"), "the header is in line 2, separated by semicolons; line 1"),
    (b"\xef\xbb\xbf# exported\n\n" + PLAIN, "the header is in line 3; line 1 is '# exported'"),
    (b"Events\nFrom,2025\nTo,2025\n" + PLAIN, "the header is in line 4; line 1 is 'Events'"),
    (b",,,,,,\n" + PLAIN, "the header is in line 2; line 1 is empty but for delimiters"),
    (b"404: Not Found", "the file has only 1 line: 404: Not Found"),
    (b"psql: error: connection refused\n", "the file has only 1 line: psql: error: connection refused"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 9\n", "a Git LFS pointer"),
    (b"-----BEGIN PGP MESSAGE-----\n\nhQ\n", "PGP-encrypted"),
    (b'"' + HEADER.strip() + b'"\n"a,b"\n', "the names in the first line are quoted as a whole"),
    (HEADER.replace(b",", b"','"), "in quotes of another kind"),
    (tar(PLAIN), "a tar archive"),
    (PLAIN[:100] + b"\0" * 5000, "are NUL"),
    (b"\0", "1 of its first 1 bytes are NUL"),
    (b"   ", "none is the name of an expected column"),
]


@pytest.mark.parametrize(("data", "words"), FORMS, ids=[words for _, words in FORMS])
def test_another_form_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    """By its first bytes or its first line."""
    assert words in refusal(tmp_path / "x.csv", data)


def test_no_value_of_a_row_is_shown(tmp_path: Path) -> None:
    """A first line that is not a header is someone's row."""
    assert "id-000001" not in refusal(tmp_path / "x", PLAIN.partition(b"\n")[2])
    row = b"ann@example.com,timeout,\n"
    assert "ann" not in refusal(tmp_path / "x", row)
    assert "only 1 line" not in refusal(tmp_path / "x", b"ORDER-1,failed,2025-03-30T08:00:00Z\n")


def test_a_file_that_is_compressed_twice_is_named(tmp_path: Path) -> None:
    """Whatever compressed it the first time."""
    for again, name in ((gzip.compress, "gzip"), (bz2.compress, "bzip2")):
        assert f"compressed twice: what is in it is {name}-compressed" in refusal(
            tmp_path / "x.csv.gz", gzip.compress(again(PLAIN))
        )


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
