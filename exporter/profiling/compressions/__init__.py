"""Compressions, one module each, found by ``exporter.profiling.unpack``."""
