"""A cluster of real processes, which takes seconds to start: tests that do not change it share it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_cluster import Cluster, cluster

from exporter.engine.choose import close_engines


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Provide a scheduler with two workers."""
    with cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


@pytest.fixture(autouse=True)
def no_engine_stays() -> Iterator[None]:
    """Close all connections after each test."""
    yield
    close_engines()


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Provide a cluster that a test may damage, with no workers yet."""
    folder = tmp_path / "dask"
    folder.mkdir()
    with cluster(folder, workers=0) as found:
        yield found
