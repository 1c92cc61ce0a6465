"""interim"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from exporter.feed import Column
from exporter.model import ColumnFigures, Day
from exporter.profiling.missing import MissingValues


@dataclass(frozen=True, slots=True)
class Reading:
    column: Column
    day: Day
    missing: MissingValues


class State(Protocol):
    def merge(self, *others: Self) -> Self: ...
    def seal(self) -> ColumnFigures: ...


def known_types() -> Mapping[str, Any]:
    return {}
