"""The detectors, discovered in ``exporter.history.detectors.kinds``, one module each."""

from collections.abc import Mapping
from types import MappingProxyType

from exporter.history.detection import Method
from exporter.history.detectors import kinds
from exporter.history.detectors.detector import Detector
from exporter.registry import constants_of

DETECTORS: Mapping[Method, Detector] = MappingProxyType(
    {detector.method: detector for detector in constants_of(kinds, "DETECTOR")}
)
"""Every detector by its method. The 7-day rule is none: it judges if they cannot."""

LONGEST_LAG = max(detector.reach for detector in DETECTORS.values())
"""Days that the detector with the longest memory looks back."""
