"""The name that was probably meant."""

import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean X?`` to end an error with, or nothing if no known name is similar."""
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), list(lowered), 1)
    return f", did you mean {lowered[near[0]]}?" if near else ""


def did_you_mean_date(text: str) -> str:
    """Return ``, did you mean 2025-03-09?`` for other spellings of a date, or nothing if it is not a date."""
    parts = re.fullmatch(r"([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})", text.strip(), re.ASCII)
    if parts is None:
        return ""
    try:
        meant = date(*(int(part) for part in parts.groups()))
    except ValueError:
        return ""
    return f", did you mean {meant}?"
