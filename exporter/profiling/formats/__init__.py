"""File formats, one module each, found by ``exporter.profiling.run``."""
