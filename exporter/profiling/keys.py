"""interim."""

from typing import Any, Protocol, Self


class KeyState(Protocol):
    """x."""

    def merge(self, *others: Self) -> Self: ...
    def duplicates(self) -> int | None: ...


def tally_keys(columns: Any, missing: Any) -> Any: ...
