"""Instants in the report's format."""

from datetime import UTC, datetime

from exporter.model import NANOSECONDS


def timestamp(nanoseconds: int) -> str:
    """Write an instant as RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(nanoseconds // NANOSECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
