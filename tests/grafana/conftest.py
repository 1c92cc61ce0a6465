"""The system that the dashboards' queries are asked of."""

from collections.abc import Iterator

import pytest
from live_system import System, run_system


@pytest.fixture(scope="session")
def system(prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run demo data, exporter, Alertmanager and Prometheus with the committed rules."""
    with run_system(prometheus, tmp_path_factory.mktemp("system")) as running:
        yield running
