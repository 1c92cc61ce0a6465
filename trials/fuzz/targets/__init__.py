"""Readers of bytes that others wrote: a module each, with a ``TARGET`` in it."""
