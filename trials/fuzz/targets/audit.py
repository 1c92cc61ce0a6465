"""The gate's log: damage is recognised, and a parsed entry is written back unchanged."""

import hashlib
import json
from datetime import UTC, date, datetime

from given import Given
from target import DisagreementError, Target, agree

from exporter.gate.audit import _parse
from exporter.gate.entry import Acknowledged, Held, Released, Revoked, StandingAcknowledgement
from exporter.gate.gate import Gate
from exporter.gate.line import as_fields, write_line

AT, DAY = datetime(2025, 3, 6, 7, tzinfo=UTC), date(2025, 3, 5)
ENTRIES = (
    Held(AT, DAY, "no_rows", "c1", "critical", 0.0, 1.0, "c0"),
    Released(AT, DAY, ("c1",), "c0"),
    Acknowledged(
        AT, DAY, ("c1",), "Ann", "known", ("no_rows",), AT, "exclude", "column_missing/x/2025-03-05", DAY
    ),
    StandingAcknowledgement(
        AT, "column_missing/x/2025-03-05", "column_missing", "x", "critical", DAY, AT, "Ann", "known"
    ),
    Revoked(AT, "column_missing/x/2025-03-05", "Ann", "over"),
)
LOG = b"".join(map(write_line, ENTRIES))


def run(data: bytes) -> None:
    """Parse a log as it is, or one with an odd entry that has the right checksum."""
    given = Given(data)
    is_edited = given.number() % 2
    log = _line(given.edited(as_fields(given.pick(ENTRIES)))) + LOG if is_edited else given.rest
    book = _parse(log)
    for entry in book.entries:
        agree(_parse(write_line(entry)).entries, (entry,), "an entry written back")
    lines = sum(bool(line.strip()) for line in log.split(b"\n")[:-1])
    agree(len(book.entries) + book.broken, lines, "lines")
    if len(book.damaged) > book.broken + 1:
        raise DisagreementError("more lines are damaged than broken")
    gate = Gate(book.entries, AT)
    for hold in gate.holds:
        gate.is_acknowledged(hold.key)


def _line(fields: object) -> bytes:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    total = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    signed = {**fields, "sum": total} if isinstance(fields, dict) else fields
    return (
        json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )


TARGET = Target(
    name="audit",
    run=run,
    seeds=(
        b"\0" + LOG,
        b"\0" + LOG[:-20],
        b"\0" + LOG.replace(b"Ann", b"Bob") + b"\0\0",
        *(bytes([1, place, 0, 1, 4, 5]) for place in range(len(ENTRIES))),
        b"\1\2\0\5\4\x20\0\6\4\x1b",
    ),
    words=(b'"sum"', b'"kind"', b"null", b"\0", b"}\n", b'"hold"', b'"standing"'),
    longest=1200,
)
