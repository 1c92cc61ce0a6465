"""Incidents as JSON in the state database, encoded and decoded."""

from datetime import date
from typing import Any

import orjson

from exporter.checks.check import Severity
from exporter.incidents.incident import DayState, Incident, Standing, Why
from exporter.incidents.words import Words

BY_DAY = ("checks", "held_by")  # names of checks


def encode_incident(incident: Incident) -> bytes:
    """Write an incident."""
    fields = {name: getattr(incident, name) for name in incident.__slots__}
    fields["days"] = {day.isoformat(): state for day, state in incident.days.items()}
    for name in BY_DAY:
        fields[name] = {day.isoformat(): names for day, names in fields[name].items()}
    return orjson.dumps(fields)


def decode_incident(body: bytes) -> Incident | None:
    """Read an incident, or ``None`` for anything invalid, which is then found again from the days."""
    try:
        fields: dict[str, Any] = orjson.loads(body)
        severity, why = fields["severity"], fields["why"]
        if "held_by" not in fields:  # earlier versions kept only the days
            fields["held_by"] = dict.fromkeys(fields.pop("held"), ())
        return Incident(
            **fields
            | {
                "severity": None if severity is None else Severity(severity),
                "since": date.fromisoformat(fields["since"]),
                "days": {date.fromisoformat(day): DayState(state) for day, state in fields["days"].items()},
                "state": Standing(fields["state"]),
                "why": None if why is None else Why(why),
                "words": Words(**fields["words"]),
            }
            | {name: _by_day(fields[name]) for name in BY_DAY}
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _by_day(names: dict[str, list[str]]) -> dict[date, tuple[str, ...]]:
    return {date.fromisoformat(day): tuple(known) for day, known in names.items()}
