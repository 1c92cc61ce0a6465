"""The column types, discovered in ``exporter.profiling.types``, one module each."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from exporter.profiling import types
from exporter.profiling.values.kind import ColumnType, Figure, Reading, State
from exporter.registry import constants_of

__all__ = ["FIGURES", "TYPES", "ColumnType", "Figure", "Reading", "State"]


def _figures(found: Mapping[str, ColumnType]) -> Iterator[Figure]:
    for kind in found.values():
        yield from kind.figures


TYPES: Mapping[str, ColumnType] = MappingProxyType({kind.name: kind for kind in constants_of(types, "TYPE")})
"""Every column type by its name."""

FIGURES: Mapping[str, Figure] = MappingProxyType({figure.name: figure for figure in _figures(TYPES)})
"""Every figure that any of them gives by its name; a figure of several types is one."""
