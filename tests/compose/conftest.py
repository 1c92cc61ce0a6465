"""What tests of the compose file share: one Docker daemon."""

from collections.abc import Iterator

import pytest
from stack import run_docker


@pytest.fixture(scope="session")
def docker() -> Iterator[dict[str, str]]:
    """Run a Docker daemon with the stand-in images."""
    with run_docker() as environment:
        yield environment
