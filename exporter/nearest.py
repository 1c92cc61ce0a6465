"""The name that somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean X?`` to end an error with, or nothing where no known name is near."""
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), list(lowered), 1)
    return f", did you mean {lowered[near[0]]}?" if near else ""
