"""CSV of any delimiter, quote and encoding has the figures of the same content as it usually is."""

import csv
import dataclasses
import gzip
import io
from pathlib import Path

import pytest
from feeds import TABLES
from hypothesis import given, settings
from hypothesis import strategies as st
from test_profiling_run import DAY, HEADER, find, plain

from exporter.feed import Form
from exporter.model import Profile, Stage
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.records import Sizes
from exporter.profiling.run import profile_file
from exporter.profiling.transcode import is_text, is_utf8
from exporter.triage.records import read_records

RAW = TABLES[Stage.RAW]
NAMES = HEADER.decode().strip().split(",")
WORDS = st.sampled_from(
    ["", "a", "id-1", "é", "Ünü", "a,b", 'say "no"', "it's", "x;y", "p|q", "one\ntwo", "t\tt", "^A", " "]
)
CONTENT = st.lists(
    st.tuples(
        WORDS,
        WORDS,
        st.integers(0, 23).map("2025-03-30T{:02d}:00:00Z".format),
        st.sampled_from(["page_viewed", ""]),
    ),
    max_size=12,
)
ENCODINGS = ["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "iso8859_15"]
SIGNS = st.sampled_from(",;\t|^~:\x01\x1f #'\\]-")


def written(content: list[tuple[str, str, str, str]], form: Form) -> bytes:
    """Write rows as a form says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter, quotechar=form.quote, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows([client, page, "", time, name, "", "agent"] for client, page, time, name in content)
    return text.getvalue().encode(form.encoding)


def read(path: Path, data: bytes, form: Form) -> Profile:
    """Profile a file of a form."""
    path.write_bytes(data)
    table = dataclasses.replace(RAW, form=form)
    return profile_file(find(path), DAY, table=table, sizes=Sizes(span=300, block=90, parse=80))


@settings(max_examples=80)
@given(
    content=CONTENT,
    delimiter=SIGNS,
    quote=st.sampled_from("\"'`"),
    encoding=st.sampled_from(ENCODINGS),
    packed=st.booleans(),
)
def test_the_form_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    content: list[tuple[str, str, str, str]],
    delimiter: str,
    quote: str,
    encoding: str,
    *,
    packed: bool,
) -> None:
    """Nor does it to the rows that a person is shown."""
    if delimiter == quote:
        return
    folder = tmp_path_factory.getbasetemp()
    usual = read(folder / "usual.csv", written(content, Form()), Form())
    form = Form(delimiter=delimiter, quote=quote, encoding=encoding)
    data = written(content, form)
    path = folder / ("form.csv.gz" if packed else "form.csv")
    found = read(path, gzip.compress(data) if packed else data, form)
    aside = {"placeholders": None, "malformed_lines": None}
    assert plain(found) | aside == plain(usual) | aside
    shown = [
        record.cells for record in read_records(find(path).files[0], dataclasses.replace(RAW, form=form))
    ]
    as_usual = [record.cells for record in read_records(find(folder / "usual.csv").files[0], RAW)]
    assert shown == as_usual


def test_bytes_that_are_no_text_are_counted_in_any_encoding(tmp_path: Path) -> None:
    """One line each, as in UTF-8."""
    good = HEADER + b"a,/p,,2025-03-30T01:00:00Z,page_viewed,,agent\n" * 3
    odd = good.replace(b"/p", b"/\x81", 1)
    assert read(tmp_path / "x.csv", odd, Form(encoding="cp1252")).invalid_utf8_lines == 1
    assert read(tmp_path / "x.csv", good, Form(encoding="cp1252")).invalid_utf8_lines == 0
    wide = good.decode().encode("utf-16-le")
    assert read(tmp_path / "x.csv", wide + b"\x00", Form(encoding="utf-16-le")).rows >= 3


def test_what_is_no_encoding_of_text_is_told() -> None:
    """Python knows more codecs than encodings."""
    assert all(is_text(encoding) for encoding in ENCODINGS)
    assert not any(is_text(name) for name in ("rot13", "hex", "zlib", "nonsense", "base64"))
    assert [is_utf8(name) for name in ("UTF8", "utf-8-sig", "us-ascii", "latin-1")] == [
        True,
        True,
        True,
        False,
    ]


def test_half_a_letter_is_counted_like_any_other_damage(tmp_path: Path) -> None:
    """UTF-7 can hold what UTF-8 cannot."""
    row = b"+2AA-,,,2025-03-30T01:00:00Z,page_viewed,,agent\n"
    found = read(tmp_path / "x.csv", HEADER + row, Form(encoding="utf-7"))
    assert (found.rows, found.malformed_rows, found.invalid_utf8_lines) == (1, 0, 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_without_the_mark_that_its_encoding_needs_is_refused(tmp_path: Path, encoding: str) -> None:
    """In words; with the mark it is read."""
    assert read(tmp_path / "x.csv", HEADER.decode().encode(encoding), Form(encoding=encoding)).rows == 0
    with pytest.raises(NotCsvError, match=r"not in the contract's encoding: .* does not start with BOM"):
        read(tmp_path / "x.csv", HEADER.decode().encode(f"{encoding}-be"), Form(encoding=encoding))
