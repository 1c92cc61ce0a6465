"""Prometheus exporter for daily data pipelines, and its public Python names."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exporter.feed import Feed
    from exporter.library import load_feed, profile
    from exporter.model import Profile

__all__ = ["Feed", "Profile", "load_feed", "profile"]
__version__ = "0.1.0"

_HOMES = {
    "Feed": "exporter.feed",
    "Profile": "exporter.model",
    "load_feed": "exporter.library",
    "profile": "exporter.library",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used, so that the command line starts quickly."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
