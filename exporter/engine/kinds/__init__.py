"""Kinds of engines: a module each, found by ``exporter.engine.choose``."""
