"""Detectors: what to expect of a trend's next day. One module each in ``kinds``, found by its method."""
