"""Hadoop's file system, by libhdfs: ``hdfs://namenode:8020/folder``."""

from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(_scheme: str, authority: str, _place: Place) -> tuple[Any, str]:
    """Connect with Hadoop's own configuration."""
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    host, _, port = authority.partition(":")
    return fs.HadoopFileSystem(host, int(port) if port.isdecimal() else 8020), "/"


KIND = Kind(("hdfs",), _connect)
