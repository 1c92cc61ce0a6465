"""What reads a day's files: threads of this process, or a cluster of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.errors import UserError
from exporter.model import PartFile
from exporter.profiling.format import Found, Told, Work


class EngineError(UserError):
    """Files cannot be read by an engine, which is no fault of theirs."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether files are read where the configuration says; ``reason`` is why not."""

    name: str
    up: bool
    reason: str = ""


class Engine(Protocol):
    """Reads files. Safe for several threads; what is found does not depend on the engine, to the last bit."""

    def abreast(self, threads: int) -> int:
        """Return how many days' files to read at a time, where this process has so many threads."""

    def read(self, files: Sequence[PartFile], work: Work, threads: int, told: Told) -> Found:
        """Read all files of a day. Raises what ``profile_file`` does, and EngineError."""

    def health(self) -> Health | None:
        """Return how the engine is, or ``None`` if nothing can be wrong with it."""
