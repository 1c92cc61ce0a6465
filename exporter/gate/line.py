"""An entry as one line of the audit log: JSON that carries its own checksum."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from exporter.gate.entry import Acknowledged, Entry, Held, Released, Revoked, StandingAcknowledgement

SUM = "sum"


class BrokenLineError(ValueError):
    """A line that was cut off or altered."""


def write_line(entry: Entry) -> bytes:
    """Return an entry as a line, its end included."""
    fields = as_fields(entry)
    return _encode({**fields, SUM: _sum(fields)}) + b"\n"


def as_fields(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON values."""
    if isinstance(entry, Held):
        return _held(entry)
    if isinstance(entry, StandingAcknowledgement):
        return _standing(entry)
    if isinstance(entry, Revoked):
        return _revoked(entry)
    return _released(entry) if isinstance(entry, Released) else _acknowledged(entry)


def read_line(line: bytes) -> Entry:
    """Return the entry of a line. Raises BrokenLineError."""
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict) or fields.pop(SUM, None) != _sum(fields):
            raise BrokenLineError("the checksum is wrong")
        return _entry(fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise BrokenLineError(str(error)) from None


def _encode(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _sum(fields: Mapping[str, Any]) -> str:
    return hashlib.blake2b(_encode(fields), digest_size=8).hexdigest()


def _held(entry: Held) -> dict[str, Any]:
    return {
        "kind": "hold",
        "at": write_time(entry.at),
        "partition": entry.partition.isoformat(),
        "check": entry.check,
        "content": entry.content,
        "severity": entry.severity,
        "value": entry.value,
        "limit": entry.limit,
        **({"before": entry.before} if entry.before else {}),
    }


def _released(entry: Released) -> dict[str, Any]:
    return {
        "kind": "release",
        "at": write_time(entry.at),
        "partition": entry.partition.isoformat(),
        "contents": list(entry.contents),
        "restored": entry.restored,
    }


def _acknowledged(entry: Acknowledged) -> dict[str, Any]:
    return {
        "kind": "acknowledgement",
        "at": write_time(entry.at),
        "partition": entry.partition.isoformat(),
        "contents": list(entry.contents),
        "by": entry.by,
        "reason": entry.reason,
        "checks": list(entry.checks),
        "until": None if entry.until is None else write_time(entry.until),
        "baseline": entry.baseline,
        **({"incident": entry.incident} if entry.incident else {}),
        **({"new_level": entry.new_level.isoformat()} if entry.new_level else {}),
    }


def _standing(entry: StandingAcknowledgement) -> dict[str, Any]:
    return {
        "kind": "standing",
        "at": write_time(entry.at),
        "incident": entry.incident,
        "cause": entry.cause,
        "subject": entry.subject,
        "severity": entry.severity,
        "after": entry.after.isoformat(),
        "until": write_time(entry.until),
        "by": entry.by,
        "reason": entry.reason,
        **({"sides": [list(side) for side in entry.sides]} if entry.sides else {}),
    }


def _revoked(entry: Revoked) -> dict[str, Any]:
    return {
        "kind": "revocation",
        "at": write_time(entry.at),
        "incident": entry.incident,
        "by": entry.by,
        "reason": entry.reason,
    }


def _entry(fields: Mapping[str, Any]) -> Entry:
    at = _instant(fields["at"])
    if fields["kind"] == "standing":
        return StandingAcknowledgement(
            at,
            _words(fields["incident"]),
            _words(fields["cause"]),
            _words(fields["subject"]),
            _words(fields["severity"]),
            date.fromisoformat(fields["after"]),
            _instant(fields["until"]),
            _words(fields["by"]),
            _words(fields["reason"]),
            tuple((_words(name), _words(side)) for name, side in fields.get("sides", ())),
        )
    if fields["kind"] == "revocation":
        return Revoked(at, *(_words(fields[name]) for name in ("incident", "by", "reason")))
    partition = date.fromisoformat(fields["partition"])
    if fields["kind"] == "hold":
        return Held(
            at,
            partition,
            _words(fields["check"]),
            _words(fields["content"]),
            _words(fields["severity"]),
            _number(fields["value"]),
            _number(fields["limit"]),
            _words(fields.get("before", "")),
        )
    if fields["kind"] == "release":
        contents = tuple(_words(content) for content in fields["contents"])
        return Released(at, partition, contents, _words(fields["restored"]))
    if fields["kind"] == "acknowledgement":
        return Acknowledged(
            at,
            partition,
            tuple(_words(content) for content in fields["contents"]),
            _words(fields["by"]),
            _words(fields["reason"]),
            tuple(_words(check) for check in fields["checks"]),
            None if fields["until"] is None else _instant(fields["until"]),
            fields["baseline"],
            _words(fields.get("incident", "")),
            date.fromisoformat(fields["new_level"]) if "new_level" in fields else None,
        )
    raise BrokenLineError(f"unknown kind {fields['kind']!r}")


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise BrokenLineError("text is expected")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BrokenLineError("a number is expected")
    return value


def _instant(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:  # cannot be compared with the others
        raise BrokenLineError("an instant without an offset")
    return moment.astimezone(UTC)  # one beyond the calendar could not be written again


def write_time(moment: datetime) -> str:
    """Format an instant as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
