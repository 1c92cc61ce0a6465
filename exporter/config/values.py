"""Values of configuration keys: how they are written, and which are rejected."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from exporter.errors import UserError
from exporter.places.url import is_remote, refuse_unusable
from exporter.strict import printable


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA timezone") from None
    return name


def _clock(value: object) -> object:
    """Parse ``06:00``, which YAML 1.1 reads as the base-60 number 360."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value // 60:02d}:{value % 60:02d}"
    if isinstance(value, str):
        try:
            clock = time.fromisoformat(value.strip().zfill(5))
        except ValueError:
            raise ValueError("not a time of day such as 06:00") from None
        if clock.tzinfo is not None:
            raise ValueError("must not have an offset: it is a time in calendar.timezone")
        return clock
    return value


def _size(value: object) -> object:
    """Parse ``512MB``; anything else is left to validation."""
    match = (
        re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(MB|GB)", value.strip()) if isinstance(value, str) else None
    )
    if match is None:
        raise ValueError("not a size such as 512MB or 2GB")
    return round(float(match[1]) * (10**6 if match[2] == "MB" else 10**9))


def _readable(path: Path) -> Path:
    try:
        refuse_unusable(path, "")
    except UserError as error:
        raise ValueError(str(error).removeprefix(": ")) from None
    return path


def _writable(path: Path) -> Path:
    if is_remote(path):
        raise ValueError("must be a local folder, as output is written to it")
    return path


def scheduler_address(address: str) -> str:
    """Reject an invalid scheduler address; for use as a validator."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in {"tcp", "tls"} or not parts.hostname or port is None:
        raise ValueError("not a scheduler's address such as tcp://host:8786 or tls://host:8786")
    if parts.username or parts.password or parts.path.strip("/") or parts.query:
        raise ValueError("must be an address without user, path or query")
    return address.rstrip("/")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an address such as https://host.example.org")
    if parts.username or parts.password or parts.query or parts.path.strip("/"):
        raise ValueError("must be an address without user, path or query")
    return address.rstrip("/")


Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[time, BeforeValidator(_clock)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=64 * 10**6, le=10**12)]  # bytes
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Count = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Origin = Annotated[str, AfterValidator(_origin)]
Scheduler = Annotated[str, AfterValidator(scheduler_address)]
Readable = Annotated[Path, AfterValidator(_readable)]
Writable = Annotated[Path, AfterValidator(_writable)]
