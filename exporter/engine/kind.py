"""What a kind of engines is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from exporter.engine.engine import Engine
from exporter.engine.settings import Settings


class Closable(Engine, Protocol):
    """An engine that holds connections."""

    def close(self) -> None:
        """Give them up; what is under way ends with EngineError."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of engines: the schemes of its addresses, and what makes one."""

    name: str
    schemes: tuple[str, ...]
    make: Callable[[Settings], Closable]
