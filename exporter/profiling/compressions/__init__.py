"""Forms of compression: a module each, found by ``exporter.profiling.unpack``."""
