"""Quality rules of a contract, as checks."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.contract.node import Value
from exporter.contract.tables import Read
from exporter.feed import Owner, Query, Table
from exporter.model import Stage


@dataclass(slots=True)
class Rules:
    """The checks of a contract while it is read."""

    tables: Mapping[Stage, Read]
    owner: Owner
    metrics: Container[str]
    checks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)

    def read(self, own: Mapping[str, Value]) -> None:
        """Read all rules."""

    def table(self, stage: Stage) -> Table:
        """Return a table as the rules leave it."""
        return self.tables[stage].table
