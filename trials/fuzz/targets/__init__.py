"""Readers of bytes that others wrote: one per module, with a ``TARGET`` in it."""
