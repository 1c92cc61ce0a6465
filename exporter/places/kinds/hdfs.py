"""Hadoop's file system, by libhdfs: ``hdfs://namenode:8020/folder``."""

from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(_scheme: str, authority: str, _place: Place) -> tuple[Any, str]:
    """Connect as Hadoop's own configuration says."""
    from pyarrow import fs  # noqa: PLC0415  takes long to load, and few need it

    host, _, port = authority.partition(":")
    return fs.HadoopFileSystem(host, int(port) if port.isdecimal() else 8020), "/"


KIND = Kind(("hdfs",), _connect)
