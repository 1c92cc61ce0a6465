"""Lets targets import the tests' helpers: the reference, and handmade feeds and days."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests"


def add_tests() -> None:
    """Append the folders to the path, last, so that no library is shadowed."""
    for folder in (TESTS, TESTS / "profiling", TESTS / "contract"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
