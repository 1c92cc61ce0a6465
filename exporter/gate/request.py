"""Acknowledgements given on the command line or over HTTP, parsed and validated."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from exporter.gate.acknowledge import Acknowledgement, NotAcknowledgedError
from exporter.gate.entry import Acknowledged, Baseline
from exporter.gate.incident import IncidentAcknowledgement, Touched, find_id
from exporter.model import Partition
from exporter.nearest import did_you_mean_date

FIELDS = ("partition", "by", "reason", "checks", "until", "baseline", "content", "new_level")
OF_INCIDENTS = ("incident", "by", "reason", "until", "baseline", "standing", "new_level")


def read_acknowledgement(
    fields: Mapping[str, object], now: datetime, known_checks: frozenset[str]
) -> Acknowledgement:
    """Return an acknowledgement. ``fields`` are those of ``FIELDS``; partition, by and reason are required.

    Raises NotAcknowledgedError that names the field.
    """
    _refuse_other(fields, FIELDS)
    partition, new = read_partition(_text(fields, "partition")), _new_level(fields)
    return Acknowledgement(
        Acknowledged(
            at=now,
            partition=partition,
            contents=(),
            by=_text(fields, "by").strip(),
            reason=_text(fields, "reason").strip(),
            checks=_checks(fields.get("checks")),
            until=_until(fields),
            baseline="include" if new else _baseline(fields.get("baseline")),
            new_level=partition if new else None,
        ),
        seen=_text(fields, "content") if fields.get("content") is not None else None,
        known_checks=known_checks,
    )


def read_incident_acknowledgement(fields: Mapping[str, object], touched: Touched) -> IncidentAcknowledgement:
    """Return an incident's acknowledgement from the fields ``OF_INCIDENTS``; by and reason are required.

    Raises NotAcknowledgedError that names the field.
    """
    _refuse_other(fields, OF_INCIDENTS)
    return IncidentAcknowledgement(
        touched,
        by=_text(fields, "by").strip(),
        reason=_text(fields, "reason").strip(),
        until=_until(fields),
        baseline=_baseline(fields.get("baseline")),
        stands=_flag(fields, "standing"),
        new_level=_new_level(fields),
    )


def read_incident(fields: Mapping[str, object], ids: Iterable[str]) -> str:
    """Return the id of the acknowledged incident. Raises NotAcknowledgedError."""
    return find_id(_text(fields, "incident"), ids)


def _refuse_other(fields: Mapping[str, object], known: Sequence[str]) -> None:
    for name in fields:
        if name not in known:
            raise NotAcknowledgedError(f"{name}: unknown, there are {', '.join(known)}")


def read_partition(text: str) -> Partition:
    """Read a partition's date. Raises NotAcknowledgedError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = did_you_mean_date(text) or " such as 2025-03-07"
        raise NotAcknowledgedError(f"partition: {text!r} is not a date{hint}") from None


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise NotAcknowledgedError(f"{name}: must be true or false")
    return value


def _new_level(fields: Mapping[str, object]) -> bool:
    """Return whether the level is permanent: later days are compared with its days."""
    new = _flag(fields, "new_level")
    if new and fields.get("baseline") == "exclude":
        raise NotAcknowledgedError(
            "new_level: a permanent level is in the baseline; exclude contradicts that"
        )
    return new


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise NotAcknowledgedError(f"{name}: {'missing' if value is None else 'must be text'}")
    return value


def _checks(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise NotAcknowledgedError("checks: must be a list of names")
    return tuple(dict.fromkeys(value))


def _baseline(value: object) -> Baseline | None:
    if value is None:
        return None
    if value == "include":
        return "include"
    if value == "exclude":
        return "exclude"
    raise NotAcknowledgedError(f"baseline: {value!r} is neither include nor exclude")


def _until(fields: Mapping[str, object]) -> datetime | None:
    if fields.get("until") is None:
        return None
    text = _text(fields, "until")
    try:
        if len(text) == len("2025-03-09"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(0), UTC)
        until = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NotAcknowledgedError(f"until: {text!r} is neither a date nor an instant") from None
    try:
        return until.astimezone(UTC) if until.tzinfo is not None else until.replace(tzinfo=UTC)
    except OverflowError:
        raise NotAcknowledgedError(f"until: {text!r} is beyond the end of the calendar") from None
