"""A data directory with a report, and a peer that records."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from integrations_world import UUID, Pipeline
from recorder import Peer, listening


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Provide a pipeline with a report."""
    return Pipeline(tmp_path)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Provide a peer that accepts everything until told otherwise."""
    with listening() as peer:
        yield peer


@pytest.fixture
def pushing(pipeline: Pipeline, peer: Peer) -> Pipeline:
    """Provide a pipeline that knows the peer as Monte Carlo, and is impatient."""
    pipeline.configure(
        montecarlo={
            "endpoint": peer.address,
            "resource_uuid": UUID,
            "timeout": "0.3s",
            "longest_wait": "0.1s",
        }
    )
    return pipeline


@pytest.fixture
def closed_port() -> int:
    """Provide a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
