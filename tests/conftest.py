"""What tests share: where the real sample lies, if it is there."""

import os
from pathlib import Path

import pytest


def find_sample() -> Path | None:
    """Return the folder of the real sample, ``None`` where it is absent."""
    given = os.environ.get("PUFFY_SAMPLE")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data" / "puffy-2025"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def sample() -> Path:
    """Give the folder of the real sample; skip where it is absent."""
    folder = find_sample()
    if folder is None:
        pytest.skip("the real sample is not on this machine")
    return folder
