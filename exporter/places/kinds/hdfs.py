"""Hadoop's file system, by libhdfs: ``hdfs://namenode:8020/folder``."""

from typing import Any

from exporter.model import HERE, Place
from exporter.places.kind import Kind


def _connect(_scheme: str, authority: str, place: Place) -> tuple[Any, str]:
    """Connect with Hadoop's own configuration, apart from what was set here.

    Without a port it may be a logical name of several namenodes.
    """
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    host, _, port = authority.partition(":")
    number = int(port) if port.isdecimal() else 0
    return fs.HadoopFileSystem(host, number, extra_conf=properties_of(place)), "/"


def properties_of(place: Place) -> dict[str, str]:
    """Return Hadoop's properties for what differs from the defaults, which leave its configuration alone."""
    found: dict[str, float] = {}
    if place.timeout != HERE.timeout:
        found |= dict.fromkeys(
            ("dfs.client.socket-timeout", "ipc.client.rpc-timeout.ms"), place.timeout * 1000
        )
    if place.connect_timeout != HERE.connect_timeout:
        found["ipc.client.connect.timeout"] = place.connect_timeout * 1000
    if place.attempts != HERE.attempts:
        again = ("ipc.client.connect.max.retries", "ipc.client.connect.max.retries.on.timeouts")
        found |= dict.fromkeys(again, place.attempts - 1)
    return {name: str(round(value)) for name, value in found.items()}


KIND = Kind(("hdfs",), frozenset(("timeout", "connect_timeout", "attempts")), _connect)
