"""Packs for kinds of business, one module each with a ``PACK``."""
