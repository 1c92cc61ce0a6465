"""A line of the audit log that holds what no entry can hold is a broken line, whatever its checksum says."""

import json

import pytest

from exporter.gate.line import SUM, BrokenLineError, _sum, read_line

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
    ("field", "value"),
    [
        ("at", "2025-03-06T00:00:00"),
        ("at", "9999-12-31T23:59:59-23:59"),
        ("at", 7),
        ("partition", None),
        ("check", None),
        ("check", ["a"]),
        ("content", {}),
        ("severity", 1.5),
        ("value", "1"),
        ("value", True),
        ("limit", 10**400),
        ("kind", []),
    ],
)
def test_a_value_of_another_type_is_a_broken_line(field: str, value: object) -> None:
    """It is counted there, and does not end the pass where entries are compared."""
    with pytest.raises(BrokenLineError):
        read_line(line(**{field: value}))


@pytest.mark.parametrize("text", [b"[" * 100_000, b"null", b"\xff", b"1e999", b'"x"', b"{"])
def test_what_is_no_object_is_a_broken_line(text: bytes) -> None:
    """Nesting that is too deep included."""
    with pytest.raises(BrokenLineError):
        read_line(text)
