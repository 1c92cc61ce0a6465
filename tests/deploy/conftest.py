"""What the tests of the deployment share: each generation of servers in turn."""

import pytest
from servers import GENERATIONS, Generation, find_generation


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> Generation:
    """Provide each generation of Prometheus and Alertmanager in turn."""
    return find_generation(request.param)
