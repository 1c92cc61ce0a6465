"""The causes, discovered in ``exporter.causes.kinds``, one module each."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from exporter.causes import kinds
from exporter.causes.cause import Cause
from exporter.registry import constants_of

_found: Iterable[Cause] = constants_of(kinds, "CAUSE")
CAUSES: Mapping[str, Cause] = MappingProxyType(
    {cause.name: cause for cause in sorted(_found, key=lambda cause: (cause.layer, cause.rank, cause.name))}
)
"""Every cause by its name, in the order in which they are looked for: the deepest first."""
