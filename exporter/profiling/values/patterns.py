"""Which values match a pattern of Python's ``re``: by RE2, vectorised, if it reads the pattern alike."""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from exporter.profiling.strings import Flags, Strings
from exporter.profiling.values.cells import flag_where, has_any, is_ascii

# What both read alike in ASCII values without line ends: letters, classes of letters, the dot,
# groups, alternatives, greedy and lazy repeats; ^ and $ around everything.
_CLASS = r"\[\^?(?:[^][\\^&~|-]|\\[dw\-.\\\]\[])(?:[^][\\&~|]|\\[dw\-.\\\]\[])*\]"
_ALIKE = re.compile(
    rf"\^?(?:[^][\\(){{}}^$*+?|]|\\[dwDW]|\\[^\w\s]|{_CLASS}|\((?:\?:|(?!\?))|\)|\||(?:[*+?]|\{{\d{{1,3}}(?:,\d{{0,3}})?\}})\??+)*+\$?",
    re.ASCII,
)


def matches(strings: Strings, pattern: str) -> Flags:
    """Flag the values that match completely, by the rules of Python's ``re``."""
    whole = re.compile(pattern)
    if _is_alike(pattern) and is_ascii(strings) and not has_any(strings, b"\n\0"):
        try:
            return flag_where(strings.array, rf"\A(?:{pattern})\z")
        except pa.ArrowInvalid:  # too many repeats for it
            pass
    texts = strings.array.to_pylist()
    known = {text: whole.fullmatch(text) is not None for text in set(texts)}
    return np.fromiter((known[text] for text in texts), np.bool_, len(texts))


@lru_cache(maxsize=256)
def _is_alike(pattern: str) -> bool:
    return pattern.isascii() and _ALIKE.fullmatch(pattern) is not None
