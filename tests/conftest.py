"""What tests share: where the real sample and the real servers are, if they are there."""

import gc
import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from servers import find_program

from exporter.causes import problem

# Beside servers and other tests the time of an example says nothing.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

# Prometheus' programs and Helm live for seconds: collecting garbage is half of what they do.
os.environ.setdefault("GOGC", "400")

# Thousands of tests stay in memory for the whole run. Python would look through them again and again.
gc.disable()
YOUNGEST = 100_000  # objects between two collections, of those made since


class _CausesMustNotFail(logging.Handler):
    """Fails a test in whose process a cause has failed: the exporter logs that, and goes on without it."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage())


logging.getLogger(problem.__name__).addHandler(_CausesMustNotFail())

# Groups that take minutes, the longest first: begun last they would run on alone.
LONG_GROUPS = (
    *("incidents", "browser", "docker", "blind", "flights", "detectors", "sample", "parity-0", "parity-1"),
    *("dask", "docs-commands", "endtoend", "parity_incidents", "notifications", "radosgw", "wheel"),
)


def find_sample() -> Path | None:
    """Return the folder of the real sample, or ``None`` if it is absent."""
    given = os.environ.get("PUFFY_SAMPLE")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data" / "puffy-2025"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def sample() -> Path:
    """Provide the folder of the real sample; skip where it is absent."""
    folder = find_sample()
    if folder is None:
        pytest.skip("the real sample is not on this machine")
    return folder


@pytest.fixture(scope="session")
def promtool() -> str:
    """Provide Prometheus' own tool."""
    return find_program("promtool")


@pytest.fixture(scope="session")
def prometheus() -> str:
    """Provide a real Prometheus."""
    return find_program("prometheus")


def begin_garbage_collection() -> None:
    """Collect garbage from now on, but do not look through the collected tests again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
    gc.enable()


def pytest_unconfigure() -> None:
    """Let Python collect everything as it ends: libraries in C report what is left as leaks."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long groups first, then other groups, then slow tests, and leave the order within each."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    marker = item.get_closest_marker("xdist_group")
    if marker is None:
        return len(LONG_GROUPS) + (1 if item.get_closest_marker("slow") else 2)
    return LONG_GROUPS.index(marker.args[0]) if marker.args[0] in LONG_GROUPS else len(LONG_GROUPS)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where groups are ignored: each worker would start the same servers once more."""
    begin_garbage_collection()
    in_a_worker = hasattr(session.config, "workerinput")
    marked = [item for item in session.items if item.get_closest_marker("xdist_group")]
    if in_a_worker and marked and not any("@" in item.nodeid for item in marked):
        raise pytest.UsageError("groups are ignored: use --dist loadgroup and pytest below 9.2")
