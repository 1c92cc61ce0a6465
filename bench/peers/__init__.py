"""One engine per module, each with ``profile(path, threads)``."""
