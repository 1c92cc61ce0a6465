"""Fixtures of alerting tests: the generations of servers, each in turn."""

import pytest
from servers import GENERATIONS, Generation, find_generation


@pytest.fixture(scope="module", params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> Generation:
    """Provide the servers of one Debian release."""
    return find_generation(request.param)
