"""Kinds of object storage, one module each, found by ``exporter.places.remote``."""
