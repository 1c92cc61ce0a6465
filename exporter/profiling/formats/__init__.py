"""Formats of files: a module each, found by ``exporter.profiling.run``."""
