"""Kinds of engines, one module each, found by ``exporter.engine.choose``."""
