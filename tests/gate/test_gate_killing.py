"""The gate under SIGKILL. ``python tests/gate/killing.py --rounds 200`` does it at length."""

from pathlib import Path

import pytest
from killing import kill_at_random


@pytest.mark.slow
def test_nothing_is_lost_whenever_writers_are_killed(tmp_path: Path) -> None:
    """No answered acknowledgement, no line and no hold, in ten rounds of two kills."""
    finding = kill_at_random(tmp_path, rounds=10, seed=7)
    assert finding.whole, finding
    assert finding.kills == 20
    assert finding.told > 0
