"""Column types: one module each, with its ``TYPE``. ``exporter.profiling.kinds`` finds them."""
