"""What is written about an engine."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM format, for an encrypted connection; without any the engine's own configuration counts."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Which engine, and how it is used. Without a ``scheduler`` files are read by this process's threads."""

    scheduler: str | None = None  # scheme://host:port
    ranges_in_flight: int = 16  # given to the scheduler at a time, over all files
    fallback: bool = True  # read files here while the engine cannot be used
    tls: Tls = Tls()
