"""The causes, discovered in ``exporter.causes.kinds``, one module each."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from exporter.causes import kinds
from exporter.causes.cause import Cause


def _find() -> Iterator[Cause]:
    for module in iter_modules(kinds.__path__, f"{kinds.__name__}."):
        yield import_module(module.name).CAUSE


CAUSES: Mapping[str, Cause] = MappingProxyType(
    {cause.name: cause for cause in sorted(_find(), key=lambda cause: (cause.layer, cause.rank, cause.name))}
)
"""Every cause by its name, in the order in which they are looked for: the deepest first."""
