"""Keys that a reload cannot change, because they are read once at the start."""

from exporter.config.schema import ConfigSpec

AT_START = (
    "data.directory",
    "data.output_directory",
    "places.endpoint",
    "places.region",
    "places.timeout",
    "places.connect_timeout",
    "places.attempts",
    "watch.mode",
    "watch.debounce_seconds",
    "watch.poll_seconds",
    "watch.rescan_seconds",
    "integrations.montecarlo.automatic",
    "integrations.openlineage.automatic",
)


def keys_for_restart(running: ConfigSpec, read: ConfigSpec) -> tuple[str, ...]:
    """Return the keys that differ and take effect only after a restart, in the documented order."""
    return tuple(key for key in AT_START if _value(running, key) != _value(read, key))


def _value(spec: object, key: str) -> object:
    for part in key.split("."):
        spec = getattr(spec, part)
    return spec
