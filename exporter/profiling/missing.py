"""What counts as a missing value."""

from collections.abc import Iterable

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
        "(none)",
        "(not set)",
        "-",
        "--",
        "-1",
        "0",
        "?",
        "anonymous",
        "default",
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
