"""Where the broken records are, how wide they are, and whether orders are among them."""

from pathlib import Path

import pytest
import reference
from feeds import PLAIN_RAW, orders
from reference import day_of
from test_profiling_run import HEADER, PARTITION, find

from exporter.model import Profile, Stage
from exporter.profiling.records import Sizes
from exporter.profiling.run import profile_file

DAY = day_of(PARTITION)
GOOD = b"c,/p,,2025-03-30T08:00:00Z,page_viewed,,agent\n"
ORDER = b'c,/p,,2025-03-30T08:00:00Z,checkout_completed,{"transaction_id":"T","revenue":5},agent\n'
SIZES = [Sizes(), Sizes(span=300, block=120, parse=60)]


def read(path: Path, data: bytes, sizes: Sizes | None = None) -> Profile:
    """Profile a file of these bytes."""
    path.write_bytes(data)
    return profile_file(find(path), DAY, table=PLAIN_RAW, sizes=sizes)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_first_five_are_named_by_their_lines(tmp_path: Path, sizes: Sizes) -> None:
    """As an editor counts them, header and blank lines included, however the file is cut."""
    broken = [b"x\n" if number % 10 == 7 else GOOD for number in range(100)]
    found = read(tmp_path / "x", b"\n" + HEADER + b"".join(broken), sizes)
    assert found.malformed_rows == 10
    assert found.malformed_lines == (10, 20, 30, 40, 50)
    assert found.malformed_fields == {"1": 10}


@pytest.mark.parametrize("sizes", SIZES)
def test_an_order_that_falls_apart_is_counted_as_one(tmp_path: Path, sizes: Sizes) -> None:
    """Its event is named in the record, whatever its fields have become."""
    found = read(tmp_path / "x", HEADER + GOOD * 30 + ORDER + b"x,y\n" + GOOD * 30 + ORDER, sizes)
    assert (found.malformed_rows, orders(found).malformed_orders, orders(found).checkouts) == (3, 2, 0)
    assert found.malformed_lines == (32, 33, 64)
    assert found.malformed_fields == {"2": 1, "8": 2}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_repeated_header_is_no_row(tmp_path: Path, end: bytes, sizes: Sizes) -> None:
    """Parts that were pasted together keep theirs, with a byte order mark or without."""
    parts = HEADER + GOOD * 13 + HEADER + GOOD * 14 + b"\xef\xbb\xbf" + HEADER + GOOD + HEADER.rstrip() + end
    found = read(tmp_path / "x", parts, sizes)
    assert (found.rows, found.malformed_rows, found.unparseable_timestamps) == (28, 0, 0)
    assert found.repeated_headers == 3
    assert found.repeated_header_lines == (15, 30, 32)
    assert orders(found).events == {"page_viewed": 28}


def test_an_event_that_is_called_like_its_column_is_a_row(tmp_path: Path) -> None:
    """Only a record that names every column repeats the header."""
    found = read(tmp_path / "x", HEADER + GOOD.replace(b"page_viewed", b"event_name"))
    assert (found.rows, found.repeated_headers, orders(found).events) == (1, 0, {"event_name": 1})


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("end", "truncated"),
    [
        (GOOD, False),
        (GOOD.rstrip(), False),
        (b"c,/p,,2025-03-30T08:0", True),
        (b'c,/p,,2025-03-30T08:00:00Z,page_viewed,"{""trans', True),
        (b"c,/p\n", False),
        (b"c,/p,,2025-03-30T08:00:00Z,page_viewed,,agent,more", False),
    ],
)
def test_a_file_that_ends_within_a_record_is_truncated(
    tmp_path: Path,
    end: bytes,
    truncated: bool,  # noqa: FBT001  parametrized
    sizes: Sizes,
) -> None:
    """An open quote at the end, or too few fields and no line end; a last line without one is usual."""
    assert read(tmp_path / "x", HEADER + GOOD * 40 + end, sizes).truncated is truncated


ODD = [
    (b"TRAILER|613", "a trailer"),
    (b"613 rows exported", "a trailer"),
    (b"(613 rows)", "a trailer"),
    (b"T|613", "a trailer"),
    (b"Total rows: 613", "a trailer"),
    (b"EOF", "a trailer"),
    (b"\x1a", "an end-of-file mark"),
    (b"\0" * 7, "NUL bytes"),
    (b"<html><body>502 Bad Gateway</body></html>", "HTML or XML"),
    (b'{"error": {"code": 429}}', "JSON"),
    (b"}],", "JSON"),
    (GOOD.strip() + HEADER.strip(), "a row and a header"),
    (GOOD.strip() + GOOD.strip(), "two rows"),
    (GOOD.strip().replace(b",", b";"), "semicolons"),
    (GOOD.strip().replace(b",", b"\t"), "tabs"),
    (b'"' + GOOD.strip() + b'"', "quoted as a whole"),
    (GOOD.strip().replace(b"agent", b"'agent, one'"), "other quotes"),
    (b'c,/p,,2025-03-30T08:00:00Z,e,"{\\"a\\":1,\\"b\\":2}",agent', "escaped quotes"),
    (GOOD.strip().replace(b"agent", b' "agent, one"'), "spaces before quotes"),
    (GOOD.strip().replace(b"/p", b"1,249.00"), "unquoted thousands separators"),
    (GOOD.strip().replace(b"/p", b"-12,345,678"), "unquoted thousands separators"),
]
UNODD = [
    b"x",
    b"c,/p,,2025-03-30T08:0",
    b"c,/p,<b>",
    b"trailer_park,/p",
    b"c,/p,1,2,3,4,5,6,7",
    b"totally,b",
    b",,",
]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize(("record", "kind"), ODD, ids=[record.decode()[:20] for record, _ in ODD])
def test_what_is_no_row_is_recognized_and_cuts_nothing_off(
    tmp_path: Path, record: bytes, kind: str, end: bytes, sizes: Sizes
) -> None:
    """At the end of a file or in it; the reference has another way to the same."""
    for data in (HEADER + GOOD * 40 + record + end, HEADER + GOOD * 3 + record + b"\n" + GOOD * 37 + end):
        found = read(tmp_path / "x", data, sizes)
        assert (found.odd_records, found.malformed_rows, found.truncated) == ({kind: 1}, 1, False)
        wanted = reference.profile(data, DAY, Stage.RAW, {})
        assert (wanted.odd_records, wanted.truncated) == (found.odd_records, False)


@pytest.mark.parametrize("record", UNODD)
def test_what_may_be_a_row_is_not_told(tmp_path: Path, record: bytes) -> None:
    """A row that is cut off, and one with an unquoted comma."""
    found = read(tmp_path / "x", HEADER + GOOD * 40 + record)
    assert (found.odd_records, found.malformed_rows) == ({}, 1)
    assert found.truncated is (record.count(b",") < 6)


@pytest.mark.parametrize("sizes", SIZES)
def test_empty_rows_are_no_rows(tmp_path: Path, sizes: Sizes) -> None:
    """However they are written, among lines that are records and among others; one value makes a row."""
    empty = b",,,,,,\n"
    several = GOOD.replace(b"agent", b'"agent\n"')
    value = b",/only,,,,,\n"
    for rows in (GOOD, several):
        data = HEADER + empty + rows * 30 + empty * 3 + b'"",,,,,,""\r\n' + value + rows * 9 + empty.strip()
        found = read(tmp_path / "x", data, sizes)
        assert (found.rows, found.empty_rows, found.malformed_rows) == (40, 6, 0)
        assert found.missing["timestamp"] == 1
        assert reference.profile(data, DAY, Stage.RAW, {}).empty_rows == 6


@pytest.mark.parametrize("sizes", SIZES)
def test_empty_rows_are_no_rows_where_no_column_is_measured(tmp_path: Path, sizes: Sizes) -> None:
    """One known name makes a header; none of its columns is needed for a figure."""
    found = read(tmp_path / "x", b"page_url,page_url,other\n,,\n,,1\n2,,\n,,\n", sizes)
    assert (found.rows, found.empty_rows) == (2, 2)


@pytest.mark.parametrize("sizes", SIZES)
def test_invalid_utf8_is_counted_by_lines_and_merges_nothing(tmp_path: Path, sizes: Sizes) -> None:
    """Two ids that differ in such a byte stay two; the same one stays one."""
    order = (
        b'c,/p,,2025-03-30T08:00:00Z,checkout_completed,"{""transaction_id"":""@"",""revenue"":5}",agent\n'
    )
    broken = [order.replace(b"@", octet) for octet in (b"\xe8", b"\xe9", b"\xe9")]
    events = [GOOD.replace(b"page_viewed", b"caf" + octet) for octet in (b"\xe8", b"\xe9")]
    found = read(tmp_path / "x", HEADER + GOOD * 20 + b"".join(broken + events), sizes)
    assert found.invalid_utf8_lines == 5
    assert [
        count for defect, count in orders(found).defects.items() if defect == "duplicate_transaction_id"
    ] == [1]
    nul = GOOD.replace(b"agent", b"ag\0ent")
    for place in (0, 5, 20):
        lines = [GOOD] * 20
        lines.insert(place, nul)
        found_nul = read(tmp_path / "nul", HEADER + b"".join(lines), sizes)
        assert (found_nul.invalid_utf8_lines, found_nul.rows, found_nul.malformed_rows) == (1, 21, 0)
    assert orders(found).events == {
        "caf\ufffde8": 1,
        "caf\ufffde9": 1,
        "checkout_completed": 3,
        "page_viewed": 20,
    }
