"""Profiles as JSON in the state database, there and back without losing a bit."""

from dataclasses import asdict
from typing import Any

import orjson

from exporter.model import Defect, Profile

COUNTS = ("missing", "events", "reasons", "timestamp_shapes", "malformed_fields")
LISTS = ("columns", "malformed_lines", "repeated_header_lines")


def encode_profile(profile: Profile) -> bytes:
    """Write a profile; floats keep every bit."""
    return orjson.dumps(asdict(profile), option=orjson.OPT_NON_STR_KEYS)


def decode_profile(body: bytes) -> Profile | None:
    """Read a profile; ``None`` for anything that is not one, which is then read from its file again."""
    try:
        fields: dict[str, Any] = orjson.loads(body)
        for name in LISTS:
            fields[name] = tuple(fields[name])
        fields["defects"] = {Defect(name): int(count) for name, count in fields["defects"].items()}
        for name in COUNTS:
            fields[name] = {str(key): int(count) for key, count in fields[name].items()}
        return Profile(**fields)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None
