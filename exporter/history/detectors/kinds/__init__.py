"""The detectors, each a module with a ``DETECTOR`` in it."""
