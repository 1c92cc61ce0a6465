"""What a kind of engine is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from exporter.engine.engine import Engine
from exporter.engine.settings import Settings


class Closable(Engine, Protocol):
    """An engine that holds connections."""

    def close(self) -> None:
        """Close them; running work ends with EngineError."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of engine: its address schemes and its factory."""

    name: str
    schemes: tuple[str, ...]
    make: Callable[[Settings], Closable]
