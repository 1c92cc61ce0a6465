"""What counts as a missing value."""

import re
from collections.abc import Iterable
from functools import lru_cache

PANDAS_NA_STRINGS = frozenset(
    (
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    )
)
"""pandas' default NA strings, which ``read_csv`` treats as missing."""

DATABASE_NULL = r"\N"
"""How MySQL, Postgres and Hive export a NULL."""


PLACEHOLDERS = frozenset(
    (
        "(direct)",
        "(empty)",
        "(none)",
        "(not set)",
        "-",
        "--",
        "-1",
        "0",
        "?",
        "anonymous",
        "default",
        "direct",
        "empty",
        "false",
        "missing",
        "nil",
        "not set",
        "test",
        "true",
        "undefined",
        "unknown",
        "xxx",
    )
)
"""Placeholders, in lower case, that producers write for missing values, but readers treat as values."""

_PATTERN = re.compile(
    r"""
    (?P<one>[0fx9*.?_-])(?:(?P=one)|[-:.])*  # an id of one character: 00000000-0000-...
    | ["'`]{2}                               # an empty text in quotes
    | \{\{[\w .$-]{1,32}\}\} | [$%\#]\{[\w .$-]{1,32}\} | %%?[a-z_]{1,32}%%? | <%=?[\w .$-]{1,32}%>
    | \[object\ [a-z]{1,16}\]
    """,
    re.VERBOSE | re.ASCII,
)
SAME, OPENING = "0fFxX9*.?_-", "\"'`{$%#<["
"""What a placeholder that is not a word begins with: the character that it repeats, or a template."""
LONGEST_PLACEHOLDER = 48


@lru_cache(maxsize=8192)
def placeholder_of(value: str) -> str | None:
    """Return the placeholder that a value is, in lower case, or ``None``: a word, or zeros, or a template."""
    word = value.strip().lower()
    if word in PLACEHOLDERS:
        return word
    if not 1 < len(word) <= LONGEST_PLACEHOLDER or word[0] not in SAME + OPENING:
        return None
    return word if _PATTERN.fullmatch(word) else None


class MissingValues:
    """The words that mean "no value", with or without surrounding white space."""

    __slots__ = ("longest", "words")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = PANDAS_NA_STRINGS | {DATABASE_NULL} | {word.strip() for word in words}
        self.longest = max(len(word.encode()) for word in self.words)  # in bytes

    def __contains__(self, value: str) -> bool:
        return value.strip() in self.words


NO_VALUE = MissingValues()
"""The built-in words."""


def is_missing(value: str) -> bool:
    """Return whether a cell is empty, white space only, or a built-in word for no value."""
    return value in NO_VALUE
