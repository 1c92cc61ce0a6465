"""Kinds of object storage: a module each, found by ``exporter.places.remote``."""
