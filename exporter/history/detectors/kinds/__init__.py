"""The detectors, one module each with a ``DETECTOR``."""
