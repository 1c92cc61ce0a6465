"""A file's dialect: bytes or text, encoding, delimiter, header."""

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from exporter.errors import UserError
from exporter.plain import plain
from exporter.profiling.form import OTHER_FORMS
from exporter.profiling.missing import is_missing
from exporter.template import ending_of

SAMPLE_BYTES = 64 * 1024
READ = "CSV, Parquet and NDJSON are read; export it as one of them"
DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
UNREAD_DELIMITERS = {
    "\x01": "control characters (^A)",
    "^": "carets",
    "~": "tildes",
    "\x1f": "unit separators",
}
DAMAGE = 0.01  # of the lines; more lines that are not UTF-8 mean another encoding, not damage
MOST_NULS = 0.1  # of the bytes
CONSISTENT = 0.5  # of the records must have as many fields as the header for a delimiter
LONGEST_FIELD = 1 << 24

_COMPRESSED = (
    (b"\x1f\x8b", "gzip", "gunzip", ".gz"),
    (b"BZh", "bzip2", "bunzip2", ".bz2"),
    (b"\xfd7zXZ\x00", "xz", "unxz", ".xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "unzstd", ".zst"),
    (b"\x04\x22\x4d\x18", "lz4", "unlz4", ".lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x", None),  # not read
)
_MISNAMED = {  # what to do about forms that are read under another name
    "a Parquet file": "end its name in .parquet",
    "a ZIP archive or an Excel workbook": (
        "end the name of an archive of one file in .zip, or export the workbook as CSV"
    ),
}
_MARKED = (
    (b"\xff\xfe\x00\x00", "UTF-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32", "UTF-32"),
    (b"\xff\xfe", "UTF-16", "UTF-16"),
    (b"\xfe\xff", "UTF-16", "UTF-16"),
)
_TYPED = re.compile(
    r"[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([T ].*)?|"
    r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?|true|false|[a-z]+://.*|[^@\s]+@[^@\s]+\.[^@\s]+",
    re.IGNORECASE,
)

_YEAR = re.compile("(19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Sample:
    """The first bytes of a file; ``name`` is safe to show."""

    name: str
    head: bytes

    @property
    def is_filled(self) -> bool:
        """Whether it has any content."""
        return bool(self.head.strip(b"\xef\xbb\xbf\r\n \t"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """The files' dialect. ``damaged`` means that some lines are not UTF-8."""

    delimiter: str = ","
    damaged: bool = False


def sniff_dialect(samples: Sequence[Sample]) -> Dialect:
    """Return the files' dialect, by the first of them; the others must agree.

    Raises UserError with advice for what is not recognised: compressed files and other formats under the name
    of a CSV file, other encodings than UTF-8, other delimiters than the usual four, files without a header.
    """
    filled = [sample for sample in samples if sample.is_filled]
    if not filled:
        raise UserError(f"{samples[0].name}: empty, as are all inspected files")
    for sample in filled:
        refuse_other_forms(sample)
    damaged = [_is_damaged(sample) for sample in filled]
    delimiter = delimiter_of(filled[0])
    tables = [records(sample.head, delimiter) for sample in filled]
    _refuse_headerless(filled, tables)
    return Dialect(delimiter, any(damaged))


def records(head: bytes, delimiter: str) -> list[list[str]]:
    """Return the records of a file's first bytes, without the last of a longer file, which may be cut."""
    text = decode(head)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    csv.field_size_limit(LONGEST_FIELD)
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # the records before it are sufficient
        found += (record for record in reader if record)
    return found[:-1] if len(head) >= SAMPLE_BYTES and len(found) > 1 else found


def decode(data: bytes) -> str:
    """Return bytes as text, without a byte order mark; invalid UTF-8 is replaced."""
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").replace("\0", "\ufffd")


def refuse_other_forms(sample: Sample) -> None:
    """Raise UserError with advice for what is not CSV in UTF-8."""
    head = sample.head
    for magic, name, tool, ending in _COMPRESSED:
        if head.startswith(magic):
            raise UserError(f"{sample.name}: {_compressed(sample.name, name, tool, ending)}")
    for magic, name in OTHER_FORMS:
        if head.startswith(magic):
            raise UserError(f"{sample.name}: {name}: {_MISNAMED.get(name, READ)}")
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UserError(f"{sample.name}: HTML or XML: {READ}")
    if re.match(rb'\{\s*("|\})|\[\s*(\{|\[|\])', start):
        raise UserError(
            f"{sample.name}: JSON: it is read with one object per line, if the name ends in .ndjson"
        )
    encoding = _other_encoding(head)
    if encoding is not None:
        raise UserError(
            f"{sample.name}: {encoding[0]}: init reads only UTF-8; run it on copies converted with "
            f"iconv -f {encoding[1]} -t UTF-8, and set the contract's encoding to {encoding[1]}"
        )


def _compressed(name: str, kind: str, tool: str, ending: str | None) -> str:
    """Return what to do about a compressed file that is not read as one."""
    if ending is None:
        return f"compressed ({kind}) and not read: unpack it, for example with {tool}"
    if ending_of(name) is not None:
        return f"compressed twice ({kind} within): unpack it once"
    return f"compressed ({kind}): end its name in {ending}, or unpack it, for example with {tool}"


def _other_encoding(head: bytes) -> tuple[str, str] | None:
    """Name an encoding other than UTF-8, and its name for iconv."""
    for mark, name, code in _MARKED:
        if head.startswith(mark):
            return name, code
    if head.count(0) > MOST_NULS * len(head):
        even, odd = head[::2].count(0), head[1::2].count(0)
        order = "LE" if odd >= even else "BE"
        return f"looks like UTF-16 ({order}, without a byte order mark)", f"UTF-16{order}"
    if not _damaged_lines(head) or _is_mostly_utf8(head):
        return None
    position, byte = _first_invalid(head)
    line = head[:position].count(b"\n") + 1
    windows = re.search(rb"[\x80-\x9f]", head) is not None or b"\xa4" in head
    name, code = ("Windows-1252", "WINDOWS-1252") if windows else ("Latin-1", "ISO-8859-1")
    return f"not UTF-8 (byte 0x{byte:02X} in line {line}), it looks like {name}", code


def _lines(head: bytes) -> list[bytes]:
    lines = head.split(b"\n")
    return lines[:-1] if len(head) >= SAMPLE_BYTES and len(lines) > 1 else lines


def _damaged_lines(head: bytes) -> int:
    return sum(not _is_utf8(line) for line in _lines(head))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(head: bytes) -> bool:
    """Distinguish damage from another encoding, in which no line with an accent is UTF-8."""
    lines = _lines(head)
    accented = sum(not line.isascii() and _is_utf8(line) for line in lines)
    damaged = _damaged_lines(head)
    return accented > damaged and damaged <= max(1, DAMAGE * len(lines))


def _first_invalid(head: bytes) -> tuple[int, int]:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start, head[error.start]
    return 0, 0


def _is_damaged(sample: Sample) -> bool:
    return _damaged_lines(sample.head) > 0


def delimiter_of(sample: Sample) -> str:
    """Return the delimiter that makes rows as wide as the header. Raises UserError for an unsupported one."""
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    share, width = scores[best]
    if width > 1 and share > 0:
        return best
    for unread, name in UNREAD_DELIMITERS.items():
        share, width = _score(sample, unread)
        if width > 1 and share > 0:
            raise UserError(
                f"{sample.name}: columns are separated by {name}: init knows commas, semicolons, tabs and "
                "vertical bars; run it on copies with one of these, and set the contract's delimiter"
            )
    return ","


def _score(sample: Sample, delimiter: str) -> tuple[float, int]:
    """Return the share of records with as many fields as the header, and that number."""
    found = records(sample.head, delimiter)
    width = len(found[0]) if found else 1
    if width == 1:
        return 0.0, 1
    rows = found[1:]
    share = sum(len(record) == width for record in rows) / len(rows) if rows else 1.0
    if share < CONSISTENT:
        usual = Counter(len(record) for record in rows).most_common(1)[0]
        share = usual[1] / len(rows) / 10 if usual[0] > 1 else 0.0  # all rows malformed: reported later
    return round(share, 2), width


def _refuse_headerless(samples: Sequence[Sample], tables: Sequence[list[list[str]]]) -> None:
    index = max(range(len(tables)), key=lambda index: len(tables[index]) > 1)  # the first with rows
    name, table = samples[index].name, tables[index]
    first = [cell.strip() for cell in table[0]]
    if _is_header(first, table[1:], [other[0] for other in tables if other]):
        return
    shown = plain(", ".join(_masked(cell) for cell in first[:6]))
    raise UserError(
        f"{name}: no header: the first line is a row ({shown}); the first line of each file must hold the "
        "columns' names"
    )


def _masked(cell: str) -> str:
    """Return a value's shape, because a row may contain personal data."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell[:20]))


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> bool:
    """Distinguish a header from a row: names have no type, and are not values of their own column."""
    years = all(_YEAR.fullmatch(cell) for cell in first if _TYPED.fullmatch(cell))  # one column per name
    typed = [place for place, cell in enumerate(first) if _TYPED.fullmatch(cell) and not years]
    if not typed:
        same = len(others) > 1 and all([cell.strip() for cell in other] == list(first) for other in others)
        return same or not _recurs(first, rows)
    if not rows:
        return len(typed) * 2 < len(first)
    against = sum(_share_typed(rows, place) > CONSISTENT for place in typed)
    named = [place for place, cell in enumerate(first) if cell and place not in typed]
    in_favour = sum(_share_typed(rows, place) > CONSISTENT for place in named)
    return in_favour > against or (against == 0 and len(typed) < len(first))


def _share_typed(rows: Sequence[Sequence[str]], place: int) -> float:
    cells = [row[place].strip() for row in rows if len(row) > place]
    present = [cell for cell in cells if not is_missing(cell)]
    return sum(_TYPED.fullmatch(cell) is not None for cell in present) / len(present) if present else 0.0


def _recurs(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether most cells of the first line are values that recur in their columns."""
    named = [place for place, cell in enumerate(first) if cell]
    if len(named) * 2 < len(first):
        return True
    again: set[int] = set()
    for row in rows:
        same = [place for place in named if len(row) > place and row[place].strip() == first[place]]
        if len(same) * 2 <= len(named):  # otherwise it is a repeated header of concatenated files
            again.update(same)
    return len(again) * 2 > len(named)
