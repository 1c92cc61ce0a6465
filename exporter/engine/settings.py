"""An engine's settings."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM format, for TLS; without them the engine's own configuration applies."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Which engine is used, and how. Without a ``scheduler`` files are read by this process's threads."""

    scheduler: str | None = None  # scheme://host:port
    ranges_in_flight: int = 16  # submitted to the scheduler at a time, over all files
    fallback: bool = True  # read files locally while the engine is unavailable
    tls: Tls = Tls()
