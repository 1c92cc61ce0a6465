"""The causes, a module each with a ``CAUSE`` in it. Nothing else has to know of a new one."""
