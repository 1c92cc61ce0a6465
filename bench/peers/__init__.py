"""One engine a module, each with ``profile(path, threads)``."""
