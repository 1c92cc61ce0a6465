"""How this process accesses object storage: one global setting, like the providers' environment variables."""

from exporter.model import HERE, Place

_used = HERE


def use(place: Place) -> None:
    """Use these settings from now on."""
    global _used  # noqa: PLW0603  global to the process, like its environment
    _used = place


def used() -> Place:
    """Return the current settings."""
    return _used
