"""A line of the audit log that holds what no entry can hold is a broken line, whatever its checksum says."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from exporter.gate.entry import Acknowledged, Held, StandingAcknowledgement
from exporter.gate.line import SUM, BrokenLineError, _sum, read_line, write_line

NOW = datetime(2025, 3, 6, tzinfo=UTC)
HOLD = {
    "kind": "hold",
    "at": "2025-03-06T00:00:00Z",
    "partition": "2025-03-05",
    "check": "schema_mismatch",
    "content": "a1",
    "severity": "critical",
    "value": 1.0,
    "limit": 0.5,
}


def line(**changes: object) -> bytes:
    """Return a line with a right checksum."""
    fields = HOLD | changes
    return json.dumps({**fields, SUM: _sum(fields)}).encode()


def test_a_whole_line_is_read() -> None:
    """The silent side."""
    assert read_line(line()).partition.isoformat() == "2025-03-05"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("at", "2025-03-06T00:00:00", "^an instant without an offset$"),
        ("at", "9999-12-31T23:59:59-23:59", "out of range"),
        ("at", 7, "must be str"),
        ("partition", None, "must be str"),
        ("check", None, "^text is expected$"),
        ("check", ["a"], "^text is expected$"),
        ("content", {}, "^text is expected$"),
        ("severity", 1.5, "^text is expected$"),
        ("before", 7, "^text is expected$"),
        ("value", "1", "^a number is expected$"),
        ("value", True, "^a number is expected$"),
        ("limit", 10**400, "int too large"),
        ("kind", [], r"^unknown kind \[\]$"),
    ],
)
def test_a_value_of_another_type_is_a_broken_line(field: str, value: object, words: str) -> None:
    """It is counted there, and does not end the pass where entries are compared."""
    with pytest.raises(BrokenLineError, match=words):
        read_line(line(**{field: value}))


@pytest.mark.parametrize("sides", [[["events"]], [["events", 1]], [7], 7])
def test_sides_that_are_no_pairs_of_words_are_a_broken_line(sides: object) -> None:
    """A standing acknowledgement that covers something else must not be in force."""
    known = json.loads(
        write_line(StandingAcknowledgement(NOW, "a1", "c", "", "info", NOW.date(), NOW, "b", "r"))
    )
    fields = {name: value for name, value in known.items() if name != SUM} | {"sides": sides}
    with pytest.raises(BrokenLineError):
        read_line(json.dumps({**fields, SUM: _sum(fields)}).encode())


def test_a_line_whose_sum_is_not_its_own_says_so() -> None:
    """The entry may be a good one: nobody knows."""
    with pytest.raises(BrokenLineError, match=r"^the checksum is wrong$"):
        read_line(line().replace(b"a1", b"a2"))


def test_a_line_has_no_room_to_spare() -> None:
    """Letters as they are, in UTC, without blanks: it is the same in every version."""
    at = datetime(2025, 3, 6, 1, tzinfo=timezone(timedelta(hours=1)))
    entry = Held(at, date(2025, 3, 5), "schema_mismatch", "ä1", "critical", 1.0, 0.5)
    assert write_line(entry).decode() == (
        '{"kind":"hold","at":"2025-03-06T00:00:00Z","partition":"2025-03-05","check":"schema_mismatch",'
        '"content":"ä1","severity":"critical","value":1.0,"limit":0.5,"sum":"fa5a97bbf5b31e03"}\n'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_line(replace(entry, value=float("nan")))


@pytest.mark.parametrize("name", ["Zoë Łukasiewicz", "Çağla İnönü", "李小龙", "Анна", "علي", "🐡"])
def test_a_name_in_any_script_is_written_in_its_own_letters_and_read_back(name: str) -> None:
    """``grep`` finds who said what."""
    entry = Acknowledged(NOW, date(2025, 3, 5), ("a1",), name, f"asked {name}")
    written = write_line(entry)
    assert written.count(name.encode()) == 2
    assert read_line(written) == entry


def test_standing_acknowledgements_of_earlier_versions_are_read() -> None:
    """These called them answers, in the reason of each day that one covered."""
    standing = (
        '{"kind":"standing","at":"2025-03-08T06:00:00Z","incident":"15fbe7cfd9","cause":"column_missing",'
        '"subject":"referrer","severity":"critical","after":"2025-03-07","until":"2025-04-07T06:00:00Z",'
        '"by":"Ann","reason":"known","sum":"2a381d0e48512bb1"}'
    )
    of_a_day = (
        '{"kind":"acknowledgement","at":"2025-03-08T06:00:00Z","partition":"2025-03-08","contents":["c8"],'
        '"by":"Ann","reason":"standing answer of 2025-03-08: known","checks":["schema_mismatch"],'
        '"until":null,"baseline":null,"incident":"15fbe7cfd9","sum":"2d9ab3441dd46af8"}'
    )
    for text in (standing, of_a_day):
        assert write_line(read_line(text.encode())).decode() == f"{text}\n"
    assert isinstance(read_line(standing.encode()), StandingAcknowledgement)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"null", b"\xff", b"1e999", b'"x"', b"{"])
def test_what_is_no_object_is_a_broken_line(text: bytes) -> None:
    """Nesting that is too deep included."""
    with pytest.raises(BrokenLineError):
        read_line(text)
