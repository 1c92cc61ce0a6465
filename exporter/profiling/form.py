"""Is it a CSV file of this feed at all? If not, describe what it is instead of making up figures."""

import errno

from exporter.feed import Table
from exporter.plain import plain
from exporter.profiling.ahead import name_ahead
from exporter.profiling.grammar import Header, NotCsvError
from exporter.profiling.rfc3339 import parse_ns

OTHER_FORMS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"%PDF", "a PDF document"),
)
COMPRESSED = (
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"\x04\x22\x4d\x18", "lz4-compressed"),
)
_MAGIC = (
    *COMPRESSED,
    *OTHER_FORMS,
    (b"-----BEGIN PGP", "PGP-encrypted"),
    (b"-----BEGIN ", "a key or a certificate"),
    (b"version https://git-lfs.github.com/", "a Git LFS pointer, in place of the file itself"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_DELIMITERS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    "\x01": "control characters (^A)",
    "\x1f": "unit separators",
    " ": "spaces",
}
_NO_DELIMITERS = frozenset("_-.\r\n\"'")  # nor letters and digits: they make up names
_LOOKED_AT = 4096
TAR, TAR_PLACE = b"ustar", 257
LONGEST_NAME = 40  # characters of a column's name that are shown
MOST_NULS = 0.1  # of the bytes; fewer only damage some lines, which are counted
UTF16_SHARE = 0.9  # share of every second byte that is zero in text of a Western language


def refuse_other_forms(data: bytes, header: Header, table: Table) -> None:
    """Raise NotCsvError, with a readable reason, if a file's first bytes are not those of this feed.

    An empty file is accepted: its form is still open.
    """
    form = _name_form(data, header, table)
    if form is not None:
        raise NotCsvError(errno.EILSEQ, f"not CSV with a header: {form}")


def refuse_unknown(columns: tuple[str, ...], table: Table, what: str) -> None:
    """Raise NotCsvError if a file has none of this feed's columns."""
    if columns and table.names and _known(columns, table) == 0:
        raise NotCsvError(
            errno.EILSEQ,
            f"{what}: none of its {len(columns)} column{'s' * (len(columns) != 1)} is an expected one",
        )


def _name_form(data: bytes, header: Header, table: Table) -> str | None:
    if not data.strip(b"\xef\xbb\xbf\r\n"):
        return None
    if (name := name_magic(data)) is not None:
        return f"the file is {name}"
    head = data[:_LOOKED_AT]
    if head.count(0) > MOST_NULS * len(head):
        return _name_nulls(head)
    known = _known(header.columns, table)
    if known > 1:
        return None
    return _name_text(head) or name_ahead(head, header, table) or _name_delimiter(header, table)


def name_magic(data: bytes) -> str | None:
    """Name the format indicated by a file's first bytes, or ``None`` if they are text."""
    if data[TAR_PLACE : TAR_PLACE + len(TAR)] == TAR:
        return "a tar archive"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def _known(columns: tuple[str, ...], table: Table) -> int:
    return len(set(columns) & set(table.names))


def _name_nulls(head: bytes) -> str:
    pairs = len(head) // 2
    even, odd = (head[start : 2 * pairs : 2].count(0) / max(1, pairs) for start in (0, 1))
    for most, least, order in ((odd, even, "little-endian"), (even, odd, "big-endian")):
        if most > UTF16_SHARE > 1 - UTF16_SHARE > least:
            return f"the file is UTF-16 ({order}, without a byte order mark)"
    return f"{head.count(0):,} of its first {len(head):,} bytes are NUL"


def _name_text(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "the file is an HTML page"
    if start.startswith(b"<"):
        return "the file is XML or HTML"
    if start.startswith((b"{", b"[")):
        return "the file is JSON"
    return None


def _name_delimiter(header: Header, table: Table) -> str | None:
    line = header.line.decode("utf-8", "replace")
    wanted = table.form.delimiter
    for delimiter in _candidates(line, wanted):
        cells = tuple(cell.strip().strip("\"'") for cell in line.split(delimiter))
        if len(cells) > 1 and _known(cells, table) > 1:
            return (
                f"the first line is {plain(delimiter.join(cells))}: its {len(cells)} names are separated by "
                f"{_called(delimiter)}, expected {_called(wanted)}"
            )
    if _known(header.columns, table) == 0:
        return (
            f"the first line has {header.width} field{'s' * (header.width != 1)} and none is the name of "
            f"an expected column{_guess(header, table)}"
        )
    return None


def _candidates(line: str, wanted: str) -> list[str]:
    """Return the possible delimiters of a line, the usual ones first."""
    others = (sign for sign in sorted(set(line)) if sign.isascii() and not sign.isalnum())
    found = dict.fromkeys((*_DELIMITERS, *others))
    return [sign for sign in found if sign != wanted and sign not in _NO_DELIMITERS]


def _called(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))


def _guess(header: Header, table: Table) -> str:
    if _known(tuple(name.strip().lower().replace(" ", "_") for name in header.columns), table) > 1:
        return f": the names are spelled differently, the first is {plain(header.columns[0], LONGEST_NAME)}"
    if any(parse_ns(name.strip()) is not None for name in header.columns):
        return ": it is a row, so the header is missing"
    return ""
