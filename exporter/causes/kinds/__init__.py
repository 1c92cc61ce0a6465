"""The causes, one module each with a ``CAUSE``. Adding one needs no change elsewhere."""
