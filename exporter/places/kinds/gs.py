"""Google Cloud Storage."""

from datetime import timedelta
from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(_scheme: str, bucket: str, place: Place) -> tuple[Any, str]:
    """Connect with Application Default Credentials."""
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    scheme, _, host = place.endpoint.rpartition("://")
    system = fs.GcsFileSystem(
        endpoint_override=host or None,
        scheme=scheme or "https",
        retry_time_limit=timedelta(seconds=place.timeout * place.attempts),
    )
    return system, bucket


KIND = Kind(("gs",), frozenset(("endpoint", "timeout", "attempts")), _connect)
