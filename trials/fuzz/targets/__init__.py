"""Parsers of foreign data: one per module, with a ``TARGET`` in it."""
