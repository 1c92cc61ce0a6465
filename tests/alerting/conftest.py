"""What tests of alerting share: the generations of servers, each in turn."""

import pytest
from servers import GENERATIONS, Generation, find_generation


@pytest.fixture(scope="module", params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> Generation:
    """Give the servers of one release of Debian."""
    return find_generation(request.param)
