"""Azure's storage: ``abfss://container@account.dfs.core.windows.net/folder``."""

from typing import Any

from exporter.model import Place
from exporter.places.kind import Kind


def _connect(scheme: str, container: str, _place: Place) -> tuple[Any, str]:
    """Connect with Azure's default credentials: environment, workload identity, managed identity, CLI.

    The address names the server; Arrow leaves timeouts and attempts to Azure's SDK.
    """
    from pyarrow import fs  # noqa: PLC0415  slow to load, and rarely needed

    return fs.FileSystem.from_uri(f"{scheme}://{container}")


KIND = Kind(("abfs", "abfss"), frozenset(), _connect)
