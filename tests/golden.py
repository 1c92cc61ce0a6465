"""Files that are derived from tables of the code: compared, or rewritten with PUFFY_GOLDEN=write."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def matches(name: str, wanted: str) -> bool:
    """Compare a file of the repository with what it should hold; `make golden` writes it."""
    path = ROOT / name
    if os.environ.get("PUFFY_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted)
    return path.read_text() == wanted
