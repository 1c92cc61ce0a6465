"""What tests share: where the real sample and the real servers are, if they are there."""

import os
from pathlib import Path

import pytest
from servers import find_program


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


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where groups are ignored: each worker would start the same servers once more."""
    in_a_worker = hasattr(session.config, "workerinput")
    marked = [item for item in session.items if item.get_closest_marker("xdist_group")]
    if in_a_worker and marked and not any("@" in item.nodeid for item in marked):
        raise pytest.UsageError("groups are ignored: use --dist loadgroup and pytest below 9.2")
