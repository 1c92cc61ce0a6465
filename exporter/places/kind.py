"""What a kind of object storage is."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from exporter.model import HERE, Place


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``connect`` gets the scheme and the first part of an address after it, as ``bucket``.

    It returns a ``pyarrow.fs.FileSystem`` and the path below which the rest of an address is. ``settings``
    are the fields of ``Place`` that it uses: Arrow has no way to set the others.
    """

    schemes: tuple[str, ...]
    settings: frozenset[str]
    connect: Callable[[str, str, Place], tuple[Any, str]]

    def ignored(self, place: Place) -> tuple[str, ...]:
        """Return the fields that were set, in vain."""
        names = (field.name for field in fields(Place) if field.name not in self.settings)
        return tuple(name for name in names if getattr(place, name) != getattr(HERE, name))
