"""Prometheus exporter for daily data pipelines."""

__version__ = "0.1.0"
