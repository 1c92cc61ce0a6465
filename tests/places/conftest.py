"""One moto server for all tests in this folder."""

import os
from collections.abc import Iterator

import pytest
from object_storage import KEY, SECRET, Proxy, Storage, moto

from exporter.model import HERE
from exporter.places.settings import use


@pytest.fixture(scope="session")
def storage() -> Iterator[Storage]:
    """Run an S3 server."""
    with moto() as found:
        yield found


@pytest.fixture
def proxy(storage: Storage) -> Iterator[Proxy]:
    """Provide a proxy in front of the server."""
    with Proxy(storage) as found:
        yield found


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set only the environment variables of the provider's credential chain."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    use(HERE)
