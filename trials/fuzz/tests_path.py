"""Lets targets import what tests have: the reference, and feeds and days made by hand."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests"


def add_tests() -> None:
    """Add the folders; behind all others, so that nothing of a library is hidden."""
    for folder in (TESTS, TESTS / "profiling", TESTS / "contract"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
