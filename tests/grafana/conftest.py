"""The system on which the dashboards' queries run."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from live_system import System, run_system

_running = ExitStack()


@pytest.fixture(scope="session")
def system(prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run demo data, exporter, Alertmanager and Prometheus with the committed rules."""
    with _running:
        yield _running.enter_context(run_system(prometheus, tmp_path_factory.mktemp("system")))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End it behind the last test of its group: rules that are evaluated each second take a whole core."""
    if _group(item) == ("grafana",) != (None if nextitem is None else _group(nextitem)):
        _running.close()


def _group(item: pytest.Item) -> tuple[object, ...]:
    marker = item.get_closest_marker("xdist_group")
    return () if marker is None else marker.args
