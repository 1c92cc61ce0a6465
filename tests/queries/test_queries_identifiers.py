"""The columns that a statement may read are found without running it."""

import pytest

from exporter.queries.identifiers import RESERVED, identifiers

duckdb = pytest.importorskip("duckdb")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT avg(amount) FROM ${table}", {"amount"}),
        ('SELECT count(*) FROM t WHERE "a ""b" > 1 AND id IS NULL', {"t", 'a "b', "id"}),
        ("SELECT count(Id) FROM t -- id2\n WHERE /* id3 */ x <> 'id4 ''id5'", {"id", "t", "x"}),
        ("SELECT 1 FROM t ORDER BY y", {"t", "y"}),
        ('SELECT max("order") FROM t GROUP BY "by"', {"order", "t", "by"}),
        ("SELECT day(happened) FROM t WHERE happened > now() - INTERVAL 1 day", {"happened", "t"}),
        ("SELECT sum(x) OVER (ORDER BY y ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t", {"x", "y", "t"}),
        ("SELECT max(日付) FROM t", {"日付", "t"}),
    ],
)
def test_names_are_found_and_nothing_else(sql: str, found: set[str]) -> None:
    """Not in text, not in comments, not words of the language; in any case, quoted or not."""
    words = {"between", "rows", "preceding"}  # words that may name a column too
    assert identifiers(sql) - (words - found) == found


def test_the_reserved_words_are_those_that_cannot_name_a_column() -> None:
    """According to DuckDB itself, which is asked for each of its keywords."""
    connection = duckdb.connect()
    words = [row[0] for row in connection.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()]
    for word in dict.fromkeys(words):
        connection.execute(f'CREATE OR REPLACE TABLE t AS SELECT 7 AS "{word}"')
        try:
            read = connection.execute(f"SELECT {word} FROM t WHERE {word} = 7").fetchall() == [(7,)]
        except duckdb.Error:
            read = False
        assert read is (word not in RESERVED), word
