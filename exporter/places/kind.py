"""What a kind of object storage is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exporter.model import Place


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``connect`` gets the scheme and the first part of an address after it, as ``bucket``.

    It returns a ``pyarrow.fs.FileSystem`` and the path below which the rest of an address is.
    """

    schemes: tuple[str, ...]
    connect: Callable[[str, str, Place], tuple[Any, str]]
