"""The column types, discovered in ``exporter.profiling.types``, one module each."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from exporter.profiling import types
from exporter.profiling.values.kind import ColumnType, Figure, Reading, State

__all__ = ["FIGURES", "TYPES", "ColumnType", "Figure", "Reading", "State"]


def _find() -> Iterator[ColumnType]:
    for module in iter_modules(types.__path__, f"{types.__name__}."):
        yield import_module(module.name).TYPE


def _figures(found: Mapping[str, ColumnType]) -> Iterator[Figure]:
    for kind in found.values():
        yield from kind.figures


TYPES: Mapping[str, ColumnType] = MappingProxyType({kind.name: kind for kind in _find()})
"""Every column type by its name."""

FIGURES: Mapping[str, Figure] = MappingProxyType({figure.name: figure for figure in _figures(TYPES)})
"""Every figure that any of them gives by its name; a figure of several types is one."""
