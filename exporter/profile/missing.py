"""What counts as no value at all."""

NA_STRINGS = frozenset(
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
"""pandas' default NA strings: what a reader with ``read_csv`` would take for nothing."""

LONGEST_NA = max(map(len, NA_STRINGS))


def is_missing(value: str) -> bool:
    """Tell whether a cell is empty, white space only, or an NA string with or without space around."""
    return value.strip() in NA_STRINGS
