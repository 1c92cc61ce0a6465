"""What a kind of object storage is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exporter.model import Place


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``connect`` is given the scheme and the first part of an address behind it, as ``bucket``.

    It returns a ``pyarrow.fs.FileSystem`` and the path there that the rest of an address is below.
    """

    schemes: tuple[str, ...]
    connect: Callable[[str, str, Place], tuple[Any, str]]
