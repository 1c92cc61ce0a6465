"""Headers, and lines that prove to start a record."""

import pytest

from exporter.profiling.grammar import LONGEST_HEADER, Grammar, NotCsvError, read_header, unquote

ALIASES = {"clientId": "client_id", "ts": "timestamp"}


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (b"", ()),
        (b"\xef\xbb\xbf", ()),
        (b"\r\n\n", ()),
        (b"a,b", ("a", "b")),
        (b"\xef\xbb\xbf a , b\t\r\nx", ("a", "b")),
        (b"\n\r\na,b\rc", ("a", "b")),
        (b'"a","b,c"\n', ("a", "b,c")),
        (b'a,"b\n1,"2"\n', ("a", "b")),
        (b"clientId,ts", ("client_id", "timestamp")),
        (b"clientId,client_id", ("clientId", "client_id")),
        (b"ts,ts", ("timestamp", "ts")),
        (b"a,a", ("a", "a")),
        (b"caf\xc3\xa9,\xff", ("café", "\ufffdff")),
    ],
)
def test_a_header_is_the_first_line_that_is_not_blank(data: bytes, columns: tuple[str, ...]) -> None:
    """Cells are trimmed, a byte order mark is dropped, and an alias gives way to the real name."""
    assert read_header(data, ALIASES).columns == columns


def test_a_first_line_without_an_end_is_no_csv() -> None:
    """What goes on for a mebibyte without a line end is refused, not read into memory."""
    with pytest.raises(NotCsvError, match="first line is longer"):
        read_header(b"x" * (LONGEST_HEADER + 1), {})


GRAMMAR = Grammar(width=3, timestamp=1, longest_proof=100)
TIME = b"2025-03-30T00:00:00Z"


@pytest.mark.parametrize(
    "line",
    [
        b"a," + TIME + b",b",
        b'"a, b"," ' + TIME + b' ","c""d"\r\n',
        b",2025-03-30 00:00:00,\n",
        b'x,"' + TIME + b'",b\r',
    ],
)
def test_a_line_with_its_fields_and_its_time_proves_to_start_a_record(line: bytes) -> None:
    """However it is quoted, and whatever ends it."""
    assert GRAMMAR.proves(b"before\n" + line, 7)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"a," + TIME,
        b"a," + TIME + b",b,c",
        b"a,b," + TIME,
        b"a,2025-03-30,b",
        b'"a,' + TIME + b",b",
        b"a," + TIME + b',"b\nc"',
        b'x"y,' + TIME + b",b",
        b'"x"y,' + TIME + b",b",
        b'",' + TIME + b",b",
        b"x" * 100 + b"," + TIME + b",b",
    ],
)
def test_any_other_line_proves_nothing(line: bytes) -> None:
    """Not with other fields, another time, quotes out of place, or beyond the length that is looked at."""
    assert not GRAMMAR.proves(line, 0)
    assert not Grammar(width=3, timestamp=None, longest_proof=100).proves(b"a," + TIME + b",b", 0)


@pytest.mark.parametrize(
    ("field", "value"), [(b"", b""), (b"a", b"a"), (b'"a"', b"a"), (b'"a""b"', b'a"b'), (b'""', b"")]
)
def test_unquoting_is_what_csv_readers_do(field: bytes, value: bytes) -> None:
    """Doubled quotes are one."""
    assert unquote(field) == value
