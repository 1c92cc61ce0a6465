"""The detectors, discovered in ``exporter.history.detectors.kinds``, one module each."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from exporter.history.detection import Method
from exporter.history.detectors import kinds
from exporter.history.detectors.detector import Detector


def _find() -> Iterator[Detector]:
    for module in iter_modules(kinds.__path__, f"{kinds.__name__}."):
        yield import_module(module.name).DETECTOR


DETECTORS: Mapping[Method, Detector] = MappingProxyType({detector.method: detector for detector in _find()})
"""Every detector by its method. The 7-day rule is none: it judges if they cannot."""

LONGEST_LAG = max(detector.reach for detector in DETECTORS.values())
"""Days that the detector with the longest memory looks back."""
