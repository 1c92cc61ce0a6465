"""What reads a day's files: threads of this process, or a cluster of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.errors import UserError
from exporter.model import PartFile
from exporter.profiling.format import Advance, Found, Work


class EngineError(UserError):
    """An engine failed to read files for a reason that is not theirs."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether files are read where the configuration says; ``reason`` is why not."""

    name: str
    up: bool
    reason: str = ""


class Engine(Protocol):
    """Reads files. Thread-safe; results do not depend on the engine, to the last bit."""

    def abreast(self, threads: int) -> int:
        """Return how many days' files to read at a time, given this process's threads."""

    def read(self, files: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
        """Read all files of a day. Raises what ``profile_file`` does, and EngineError."""

    def health(self) -> Health | None:
        """Return the engine's health, or ``None`` if it cannot fail."""
