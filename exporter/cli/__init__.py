"""The command line: ``puffy-exporter`` and ``python -m exporter``."""

from exporter.cli.app import main

__all__ = ["main"]
