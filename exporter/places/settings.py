"""How this process reaches object storage: one setting, as the environment variables of the providers are."""

from exporter.model import HERE, Place

_used = HERE


def use(place: Place) -> None:
    """Reach it so from now on."""
    global _used  # noqa: PLW0603  the process's, as its environment
    _used = place


def used() -> Place:
    """Return how it is reached."""
    return _used
