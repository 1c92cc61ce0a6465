"""The identifiers in a statement, without running it."""

import re

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*' | --[^\n]* | /\*.*?\*/           # text and comments name nothing
    | "(?P<quoted>(?:[^"]|"")*)"
    | \b(?:interval\s+\S+\s+\w+|current\s+row)\b      # units, not columns
    | (?P<bare>[^\W\d]\w*) (?!\s*\(|\w)               # no function
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# Words that DuckDB takes for a column only in quotes.
_WORDS = """
all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
check collate collation column concurrently constraint create cross default deferrable desc describe
distinct do else end except false fetch for foreign freeze from full glob group having ilike in initially
inner intersect into is isnull join lambda lateral leading left like limit natural not notnull null offset
on only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify
references returning right select semi show similar some summarize symmetric table tablesample then to
trailing true union unique unpack unpivot using variadic verbose when where window with
"""
RESERVED = frozenset(_WORDS.split())


def identifiers(sql: str) -> frozenset[str]:
    """Return what may be names of columns in a statement, in lower case, as DuckDB compares them."""
    found = set()
    for token in _TOKEN.finditer(sql):
        quoted, bare = token["quoted"], (token["bare"] or "").casefold()
        if quoted is not None:
            found.add(quoted.replace('""', '"').casefold())
        elif bare and bare not in RESERVED:
            found.add(bare)
    return frozenset(found)
