"""Delimiters, encodings and headers; an unsupported file is refused with what to do about it."""

import gzip
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from packing import PACK
from pyarrow import csv
from pyarrow import parquet as pq
from running import call
from sniff_files import FIRST, days, orders, write, write_days

from exporter.contract.write import contract_text
from exporter.errors import UserError
from exporter.model import Stage
from exporter.sniff.dialect import Dialect, Sample, sniff_dialect
from exporter.sniff.reading import read_rows
from exporter.sniff.sniff import sniff
from exporter.sniff.walk import Found

ROWS = "id,price,city\n1,1.5,Rome\n2,2.5,Paris\n"


def told(*texts: str | bytes) -> Dialect:
    """Return the dialect of files with this content."""
    return sniff_dialect(
        [
            Sample(f"{number}.csv", text if isinstance(text, bytes) else text.encode())
            for number, text in enumerate(texts)
        ]
    )


DELIMITERS = [
    (ROWS, ","),
    (ROWS.replace(",", ";"), ";"),
    (ROWS.replace(",", "\t"), "\t"),
    (ROWS.replace(",", "|"), "|"),
    ("id;price\n1;1,5\n2;2,5\n", ";"),
    ("id\tnote\n1\ta, b, c\n2\td, e, f\n", "\t"),
    ('id,note\n1,"a;b;c"\n2,"d;e;f"\n', ","),
    ('id,note\n1,"a\nb;c"\n2,"d"\n', ","),
    ("url|note\nhttp://a.example/?a=1;b=2|x, y\n", "|"),
    ("name\nAnn\nBob\n", ","),
    ("a,b\n", ","),
    ("a;b\n", ";"),
]


@pytest.mark.parametrize(("text", "delimiter"), DELIMITERS)
def test_the_delimiter_is_the_one_that_makes_rows_as_wide_as_the_header(text: str, delimiter: str) -> None:
    """Commas in numbers, quotes or text are not mistaken for delimiters."""
    assert told(text) == Dialect(delimiter)


def test_a_byte_order_mark_and_single_damaged_lines_are_read() -> None:
    """The mark is dropped, damaged lines are reported."""
    assert told("\ufeff" + ROWS) == told(ROWS)
    good = "1,ö\n" * 200
    assert told(f"id,name\n{good}".encode() + b"2,\xff\n").damaged


REFUSED = [
    (
        b"\x1f\x8b\x08abc",
        "compressed (gzip): end its name in .gz, or unpack it, for example with gunzip",
    ),
    (b"BZh91AY", "compressed (bzip2)"),
    (b"\x28\xb5\x2f\xfdabc", "compressed (Zstandard): end its name in .zst"),
    (b"7z\xbc\xaf\x27\x1cabc", "compressed (7-Zip) and not read: unpack it, for example with 7z x"),
    (
        b"PK\x03\x04abc",
        "a ZIP archive or an Excel workbook: end the name of an archive of one file in .zip, or",
    ),
    (b"PAR1abc", "a Parquet file: end its name in .parquet"),
    (b"Obj\x01abc", "an Avro file: CSV, Parquet and NDJSON are read; export it as one of them"),
    (b"<!DOCTYPE html><p>,</p>", "HTML or XML: CSV, Parquet and NDJSON are read"),
    (
        b'{"a": 1, "b": 2}\n{"a": 2, "b": 3}\n',
        "JSON: it is read with one object per line, if the name ends in .ndjson",
    ),
    (b'[{"a": 1}]', "JSON: it is read with one object per line"),
    (
        ROWS.encode("utf-16"),
        "UTF-16: init reads only UTF-8; run it on copies converted with iconv -f UTF-16 -t UTF-8, and set",
    ),
    (ROWS.encode("utf-16-le"), "looks like UTF-16 (LE, without a byte order mark)"),
    (ROWS.encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8"),
    ("id,city\n1,Köln\n2,Rom\n".encode("latin-1"), "not UTF-8 (byte 0xF6 in line 2), it looks like Latin-1"),
    ("id,city,price\n1,Köln,5 €\n".encode("cp1252"), "it looks like Windows-1252: init reads only UTF-8"),
    (b"id\x01name\n1\x01Ann\n", "columns are separated by control characters (^A)"),
    (
        b"id^name\n1^Ann\n",
        "by carets: init knows commas, semicolons, tabs and vertical bars; run it on copies with one of",
    ),
    (b"1,Ann,2.5\n2,Bob,3.5\n", "no header: the first line is a row (9, aaa, 9.9)"),
    (b"Ann,red\nBob,blue\nAnn,blue\nBob,red\n", "no header"),
    (
        b"2025-03-09T10:00:00Z,Ann\n2025-03-09T11:00:00Z,Bob\n",
        "the first line of each file must hold the columns'",
    ),
    (b"ann@example.org,1\nbob@example.org,2\n", "no header"),
]


@pytest.mark.parametrize(("data", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_what_is_not_read_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    """The message names the file and shows none of its values."""
    with pytest.raises(UserError) as error:
        told(data)
    assert str(error.value).startswith("0.csv: ")
    assert said in str(error.value)
    assert "Ann" not in str(error.value)


def obeyed(folder: Path, name: str, content: bytes, renamed: str) -> None:
    """Check that days are refused under a name, and read under the one that the refusal asks for."""
    for day in days(3):
        write(folder / "refused", {f"{day}{name}": content})
        write(folder / "renamed", {f"{day}{renamed}": content})
    with pytest.raises(UserError, match=f"end its name in {re.escape(PurePath(renamed).suffix)}"):
        sniff([folder / "refused"])
    assert sniff([folder / "renamed"]).looked.rows == 120


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst", ".lz4"])
def test_a_compressed_file_is_read_under_the_name_that_its_refusal_asks_for(
    tmp_path: Path, ending: str
) -> None:
    """The ending is one that is read."""
    obeyed(tmp_path, ".csv", PACK[ending](orders(FIRST).encode()), f".csv{ending}")


def test_a_parquet_file_is_read_under_the_name_that_its_refusal_asks_for(tmp_path: Path) -> None:
    """As any Parquet file."""
    table = csv.read_csv(io.BytesIO(orders(FIRST).encode()))
    pq.write_table(table, tmp_path / "x")
    obeyed(tmp_path, ".csv", (tmp_path / "x").read_bytes(), ".parquet")


def test_a_file_that_is_compressed_twice_is_named_as_such(tmp_path: Path) -> None:
    """Its name is right, so another would not help."""
    content = gzip.compress(gzip.compress(orders(FIRST).encode()))
    write(tmp_path, {"2025-03-03.csv.gz": content})
    with pytest.raises(UserError, match=r"csv\.gz: compressed twice \(gzip within\): unpack it once"):
        sniff([tmp_path])


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("gzip", r"\(gzip\) and not read: end their names in \.gz, or unpack them, 1 in all"),
        ("snappy", r"\(Snappy\) and not read: unpack them, 1 in all"),
    ],
)
def test_compression_under_an_unknown_ending_is_refused_by_name(
    tmp_path: Path, ending: str, said: str
) -> None:
    """A gzip file is read, but not as ``.gzip``."""
    write(tmp_path, {f"2025-03-03.csv.{ending}": gzip.compress(orders(FIRST).encode())})
    with pytest.raises(UserError, match=said):
        sniff([tmp_path])


CONVERTED = [
    (lambda text: text.replace(",", "^").encode(), "delimiter", "^"),
    (lambda text: text.encode("utf-16"), "encoding", "UTF-16"),
    (lambda text: text.replace("DE", "Köln").encode("cp1252"), "encoding", "WINDOWS-1252"),
]


@pytest.mark.parametrize(("written", "setting", "value"), CONVERTED, ids=[row[2] for row in CONVERTED])
def test_a_contract_of_copies_reads_the_files_once_it_is_set_as_the_refusal_asks(
    tmp_path: Path, written: Callable[[str], bytes], setting: str, value: str
) -> None:
    """The contract names the delimiter or the encoding; ``init`` needs another one."""
    write_days(tmp_path / "copies", 3)
    write(tmp_path / "data", {f"orders_{day}.csv": written(orders(day)) for day in days(3)})
    with pytest.raises(UserError, match=f"run it on copies .* set the contract's {setting}"):
        sniff([tmp_path / "data"])
    feed = sniff([tmp_path / "copies"]).feed
    table = replace(feed.raw, form=replace(feed.raw.form, **{setting: value}))
    feed = replace(feed, directory=str(tmp_path / "data"), tables={Stage.RAW: table})
    (tmp_path / "orders.yaml").write_text(contract_text(feed))
    done = call("profile", "data", "--feed.file", "orders.yaml", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    profiles = [file["profile"] for file in json.loads(done.stdout)["files"]]
    assert [(one["rows"], one["malformed_rows"]) for one in profiles] == [(40, 0)] * 3
    assert {tuple(one["columns"]) for one in profiles} == {tuple(column.name for column in table.columns)}


HEADERS = [
    "id,2024,2025\nx,1,2\ny,3,4\n",  # years as names
    "name,colour\nAnn,red\nBob,blue\n",  # text only
    ",name,age\n0,Ann,7\n1,Bob,8\n",  # pandas' index
    "id,name\n1,name\n2,name\n",
    "a,b\nx,y\na,b\nx,y\n",  # repeated in the middle
    "a,b,c\nx,y,z\na,b\nx,y,z\n",  # another file's header
    "a\n1\n2\n",
]


@pytest.mark.parametrize("text", HEADERS)
def test_a_header_is_known_by_its_columns_values(text: str) -> None:
    """The header has no type, or another type than the values below it."""
    told(text)


def test_files_that_begin_alike_have_a_header() -> None:
    """If nothing else decides, a first line shared by two files is the header."""
    one, other = "name,colour\ncolour,name\nname,colour\n", "name,colour\nname,x\nname,y\n"
    told(one, other)


def test_empty_files_are_ignored_unless_all_are_empty() -> None:
    """The first file with content decides."""
    assert told("", "\n\n", ROWS.replace(",", ";")).delimiter == ";"
    with pytest.raises(UserError, match=r"0\.csv: empty, as are all inspected files"):
        told("", "\n")


def test_rows_are_read_as_text_without_repeated_headers(tmp_path: Path) -> None:
    """Malformed rows are counted, values are unchanged."""
    write(tmp_path, {"x.csv": '\ufeffid, name \n01,"a\nb"\nid, name \n1,2,3\n\n02,NULL'})
    rows = read_rows(Found(tmp_path / "x.csv", "x.csv", 0, 0), "x.csv", Dialect())
    assert {name: texts.to_pylist() for name, texts in rows.columns.items()} == {
        "id": ["01", "02"],
        "name": ["a\nb", "NULL"],
    }
    assert (rows.count, rows.malformed, rows.cut) == (2, 1, False)


def test_a_large_file_is_cut_at_a_line_and_that_is_reported(tmp_path: Path) -> None:
    """Only so many bytes are read, and no partial row."""
    write(tmp_path, {"x.csv": "id,name\n" + "1,abcdef\n" * 100})
    rows = read_rows(Found(tmp_path / "x.csv", "x.csv", 0, 0), "x.csv", Dialect(), most=100)
    assert (rows.count, rows.malformed, rows.cut) == (10, 0, True)
    assert read_rows(Found(tmp_path / "x.csv", "x.csv", 0, 0), "x.csv", Dialect(), most=908).count == 100


def test_rows_that_all_miss_the_header_are_refused(tmp_path: Path) -> None:
    """A trailing delimiter in each row makes one field too many."""
    write_days(tmp_path, 3, content=lambda _: "a,b\n1,2,\n3,4,\n")
    with pytest.raises(
        UserError, match=r"all 2 rows have a different number of fields than the header, which has 2"
    ):
        sniff([tmp_path])


def test_a_damaged_compressed_file_is_named(tmp_path: Path) -> None:
    """The message says that it is gzip and where it is cut off."""
    write(tmp_path, {"x_20250309.csv.gz": b"\x1f\x8b\x08\0\0"})
    with pytest.raises(UserError, match=r"x_20250309.csv.gz: gzip file is cut off after 5 bytes"):
        sniff([tmp_path])


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """The message has the system's reason."""
    with pytest.raises(UserError, match=r"x\.csv: no such file or directory"):
        read_rows(Found(tmp_path / "x.csv", "x.csv", 0, 0), "x.csv", Dialect())
