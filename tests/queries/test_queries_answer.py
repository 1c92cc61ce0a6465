"""What statements return of a file, and what they cannot do."""

import math
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psutil
import pytest

from exporter.discover.calendar import Calendar
from exporter.feed import Column, Form, Query, Table
from exporter.model import SourceFile, Stage, Stamp
from exporter.places.local import LocalFile
from exporter.profiling.run import profile_file
from exporter.queries import answer as module
from exporter.queries.answer import DEFAULTS, NOT_INSTALLED, NOTHING, Answer, Bounds, Known, answer
from exporter.template import PathTemplate

NUMBER, WHOLE, TEXT = Column("n", "number"), Column("i", "integer"), Column("s", "text", aliases=("word",))
TIME, FLAG = Column("t", "timestamp"), Column("b", "boolean")
COMMAS = Form()
TIMED = (replace(TIME, event_time=True), TEXT)


def profiled(path: Path) -> Known:
    """Return what is known of a file that has been profiled."""
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    source = SourceFile(date(2025, 3, 1), Stage.RAW, path, stamp)
    table = Table("orders", Stage.RAW, PathTemplate("orders_{date:%Y%m%d}.csv"), TIMED)
    return Known(profile=profile_file(source, Calendar().day(source.partition), table=table))


def ask(
    path: Path,
    *statements: str,
    columns: tuple[Column, ...] = (NUMBER, WHOLE, TEXT),
    form: Form = COMMAS,
    bounds: Bounds = DEFAULTS,
    known: Known = NOTHING,
) -> list[Answer]:
    """Ask a file statements and return the answers in their order."""
    table = Table("orders", Stage.RAW, PathTemplate("orders_{date:%Y%m%d}.csv"), columns, form)
    queries = [Query(f"query_{place}", Stage.RAW, sql) for place, sql in enumerate(statements)]
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = answer(LocalFile(descriptor), table, queries, bounds, known=known)
    finally:
        os.close(descriptor)
    assert list(found) == [query.name for query in queries]
    assert all(isinstance(one, str) or math.isfinite(one) for one in found.values())
    return list(found.values())


def write(tmp_path: Path, content: bytes | str) -> Path:
    """Write the day's file, under a name that must not be taken for a pattern."""
    path = tmp_path / "orders_[20250301]*.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ROWS = (
    b"n,i,word",
    b"+1.5,3.0,a",
    b'.5,1e3,"q,""x"""',
    b"nan,1.5, NA ",
    b"0x10,1_000,x",
    b"inf,+7,\\N",
    b" 5. ,9007199254740993,z",
    b"1e999,2,two words",
    b"1,2",
    b",,",
)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"], ids=["plain", "BOM", "blank"])
def test_values_are_typed_as_the_contract_says(tmp_path: Path, start: bytes, end: bytes) -> None:
    """What cannot be read is NULL, as it is invalid or missing in figures; malformed rows are left out."""
    path = write(tmp_path, start.replace(b"\n", end) + end.join(ROWS) + end)
    assert ask(
        path,
        "SELECT count(*) FROM ${table}",
        "SELECT sum(n) FROM ${table}",
        "SELECT count(n) FROM ${table}",
        "SELECT max(i) - 9007199254740992 FROM ${table}",
        "SELECT count(i) FROM ${table}",
        "SELECT count(s) FROM ${table}",
        """SELECT count(*) FROM ${table} WHERE s = 'q,"x"'""",
    ) == [8, 7, 3, 1, 5, 5, 1]


def test_times_are_in_the_timezone_of_the_calendar(tmp_path: Path) -> None:
    """One that names no offset is local time, and so is the date of an instant."""
    rows = ("t,b", "2025-01-01T00:30:00+01:00,yes", "2025-01-01 00:30:00,F", "2024-12-31T23:30:00Z,1", "x,no")
    path = write(tmp_path, "\n".join(rows))
    found = ask(
        path,
        "SELECT count(DISTINCT t) FROM ${table}",
        "SELECT epoch(max(t)) FROM ${table}",
        "SELECT count(*) FROM ${table} WHERE t::DATE = '2025-01-01'",
        "SELECT count(*) FILTER (b) FROM ${table}",
        columns=(TIME, FLAG),
        known=Known(zone="Europe/Berlin"),
    )
    assert found == [1, 1735687800, 3, 2]


def test_formats_of_the_contract_are_read(tmp_path: Path) -> None:
    """Dates and timestamps, with a delimiter of their own."""
    path = write(tmp_path, "t;d\n28.02.2025 13:00;20250228\n31.02.2025 13:00;2025\n")
    found = ask(
        path,
        "SELECT hour(max(t)) FROM ${table}",
        "SELECT count(t) FROM ${table}",
        "SELECT day(max(d)) FROM ${table}",
        "SELECT count(d) FROM ${table}",
        columns=(Column("t", "timestamp", format="%d.%m.%Y %H:%M"), Column("d", "date", format="%Y%m%d")),
        form=Form(delimiter=";"),
    )
    assert found == [13, 1, 28, 1]


NUMBERS: list[tuple[str, Answer]] = [
    ("SELECT true", 1),
    ("SELECT 1.25::DECIMAL(9, 2)", 1.25),
    ("SELECT 10::HUGEINT", 10),
    ("SELECT 1::UTINYINT", 1),
    ("FROM ${table} SELECT count(*)", 1),
    ("WITH c AS (SELECT n FROM ${table}) SELECT max(n) FROM c -- all of it", 2),
    ("SELECT NULL", "not a number: NULL"),
    ("SELECT sum(n) FROM ${table} WHERE false", "not a number: NULL"),
    ("SELECT 'nan'::DOUBLE", "not a number: NaN or infinite"),
    ("SELECT -'inf'::FLOAT", "not a number: NaN or infinite"),
    ("SELECT 1 WHERE false", "not a number: it returns no row"),
    ("SELECT * FROM range(3)", "not a number: it returns several rows"),
    ("SELECT 1, 2", "not a number: it returns 2 columns"),
    ("SELECT '12'", "not a number: it returns VARCHAR"),
    ("SELECT now()", "not a number: it returns TIMESTAMP WITH TIME ZONE"),
    ("SELECT [1]", "not a number: it returns INTEGER[]"),
    ("SELECT amuont FROM ${table}", 'Referenced column "amuont" not found in FROM clause!'),
    ("SELEC 1", 'syntax error at or near "SELEC"'),
    ("SELECT s::INTEGER FROM ${table}", "a value cannot be converted; TRY_CAST makes it NULL"),
    ("SELECT error(s) FROM ${table}", "DuckDB rejects its arguments"),
]


def test_an_answer_is_one_number_or_says_why_it_is_none(tmp_path: Path) -> None:
    """And no reason ever shows a value of the file."""
    found = ask(write(tmp_path, "n,i,s\n2,2,secret@example.com\n"), *(sql for sql, _ in NUMBERS))
    assert list(zip((sql for sql, _ in NUMBERS), found, strict=True)) == NUMBERS
    assert "secret" not in str(found)


def test_a_file_without_rows_has_none(tmp_path: Path) -> None:
    """Whether it has a header or not a byte."""
    for content in ("", "\n", "n,i,s\n", "n,i,s"):
        path = write(tmp_path, content)
        assert ask(path, "SELECT count(s) FROM ${table}", "SELECT avg(n) FROM ${table}") == [
            0,
            "not a number: NULL",
        ]


def test_columns_are_found_by_the_names_of_the_contract(tmp_path: Path) -> None:
    """One that may be absent is NULL, one that must be there is missed, others are text, of two the first."""
    path = write(tmp_path, 'word,N,n,i,"odd ""name"""\nb,7,8,9,x\n')
    may_be_absent = Column("note", "number", expected=False)
    found = ask(
        path,
        "SELECT n FROM ${table} WHERE s = 'b'",
        "SELECT count(note) FROM ${table}",
        "SELECT count(gone) FROM ${table}",
        'SELECT count(*) FROM ${table} WHERE "odd ""name""" = \'x\'',
        columns=(NUMBER, WHOLE, TEXT, may_be_absent, Column("gone", "text")),
    )
    assert found == [8, 0, 'Referenced column "gone" not found in FROM clause!', 1]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Provide a socket that nobody must connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def attacks(folder: Path, port: int) -> list[str]:
    """Return statements that reach for what is not theirs, or for more than they may have."""
    other, out = folder / "other.csv", folder / "out"
    return [
        f"COPY (SELECT 1) TO '{out}'",
        f"COPY ${{table}} TO '{out}.parquet'",
        "INSTALL httpfs",
        "LOAD httpfs",
        f"ATTACH '{out}.db'",
        f"ATTACH '{other}' (TYPE sqlite)",
        f"EXPORT DATABASE '{out}'",
        f"SELECT count(*) FROM read_csv('{other}')",
        f"SELECT count(*) FROM '{other}'",
        "SELECT count(*) FROM read_csv('/etc/passwd')",
        "SELECT count(*) FROM read_text('/etc/passwd')",
        "SELECT count(*) FROM read_blob('/proc/self/environ')",
        "SELECT count(*) FROM sniff_csv('/etc/passwd')",
        "SELECT count(*) FROM glob('*')",
        f"SELECT count(*) FROM glob('{folder}/*')",
        f"SELECT count(*) FROM read_csv('http://127.0.0.1:{port}/x.csv')",
        "SELECT count(*) FROM read_parquet('s3://bucket/x.parquet')",
        "PRAGMA database_list",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "CREATE TABLE x AS SELECT 1",
        "CREATE OR REPLACE VIEW orders AS SELECT 1",
        "DROP VIEW ${table}",
        "SELECT 1; SELECT 2",
        f"SELECT 1; COPY (SELECT 1) TO '{out}'",
        "",
        "EXPLAIN ANALYZE SELECT 1",
        "CALL pragma_version()",
        f"SELECT count(*) FROM query('COPY (SELECT 1) TO ''{out}''')",
        "SELECT getenv('HOME')",
        "SELECT 1 FROM other_table",
        "SELECT 1 FROM request",
        "SELECT count(*) FROM duckdb_secrets()",
        "SELECT length(repeat('abc', 2000000000))",
        "SELECT sum(length(repeat('x', 1000000000))) FROM range(100)",
        "SELECT length(string_agg(repeat('x', 1000000), ',')) FROM range(100000)",
    ]


@pytest.mark.slow
def test_no_statement_reaches_beyond_the_file(tmp_path: Path, listener: socket.socket) -> None:
    """Each has a reason in words, nothing is read, written or connected to, the others have their answers."""
    path = write(tmp_path, "n,i,s\n2,2,a\n")
    (tmp_path / "other.csv").write_text("a\n1\n")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    tried = attacks(tmp_path, listener.getsockname()[1])
    first, *found, last = ask(path, "SELECT sum(n) FROM ${table}", *tried, "SELECT sum(i) FROM ${table}")
    assert (first, last) == (2, 2)
    for statement, reason in zip(tried, found, strict=True):
        assert isinstance(reason, str), statement
        assert reason
        assert "\n" not in reason
        assert "Traceback" not in reason
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    with pytest.raises(BlockingIOError):
        listener.accept()


RUNAWAYS = (
    "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r",
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT '\ud800'",  # DuckDB aborts
    "SELECT count(DISTINCT a.range::VARCHAR || b.range) FROM range(100000) a, range(100000) b",
    "SELECT sleep_ms(100000)",
)


def asking() -> list[psutil.Process]:
    """Return the processes that answer queries for this one, which may have others."""
    children = psutil.Process().children()
    return [child for child in children if any("queries" in part for part in child.cmdline())]


@pytest.mark.slow
def test_a_runaway_costs_only_itself(tmp_path: Path) -> None:
    """One without end, one that crashes, one that wants all memory: the others have their answers."""
    path = write(tmp_path, "n,i,s\n2,2,a\n")
    statements = [part for runaway in RUNAWAYS for part in (runaway, "SELECT sum(n) FROM ${table}")]
    found = ask(path, *statements, bounds=Bounds(memory=128_000_000, timeout=5))
    assert found[1::2] == [2] * len(RUNAWAYS)
    growing, endless, crashed, large, _ = reasons = found[::2]
    assert all(isinstance(reason, str) for reason in reasons)
    assert growing in {"it takes longer than 5 s", "it needs more memory than is allowed"}
    assert endless == "it takes longer than 5 s"
    assert crashed == "its process crashed (SIGABRT)"
    assert large == "it needs more memory than is allowed"
    assert asking() == []


def test_an_open_quote_is_told_instead_of_half_a_file(tmp_path: Path) -> None:
    """DuckDB takes what follows for one value, the figures do not: no answer is better than that one."""
    rows = [f"2025-03-01T10:{minute:02d}:00Z,{minute}" for minute in range(60)]
    rows[10] = '2025-03-01T10:10:00Z,"10'
    path = write(tmp_path, "\n".join(("t,s", *rows)))
    (reason,) = ask(path, "SELECT count(*) FROM ${table}", columns=TIMED, known=profiled(path))
    assert reason == "DuckDB finds 11 rows in this damaged file, not 59"


def test_a_few_odd_rows_do_not_matter(tmp_path: Path) -> None:
    """Malformed ones and bytes that are no text are left out, and so are repeated headers and empty rows."""
    rows = (
        b"t,s",
        b"2025-03-01T10:00:00Z,a",
        b"malformed",
        b"2025-03-01T10:00:00Z,\xff",
        b"t,s",
        b",",
        b"2025-03-01T10:00:00Z,b",
        b",",
    )
    path = write(tmp_path, b"\n".join(rows))
    assert ask(path, "SELECT count(*) FROM ${table}", columns=TIMED, known=profiled(path)) == [2]


def test_stopping_does_not_wait_for_a_statement(tmp_path: Path) -> None:
    """Nobody is told that there is no answer, because nobody waited for it."""
    path = write(tmp_path, "n\n1\n")
    table = Table("orders", Stage.RAW, PathTemplate("orders_{date:%Y%m%d}.csv"), (NUMBER,))
    with path.open("rb") as file, pytest.raises(InterruptedError):
        answer(
            LocalFile(file.fileno()),
            table,
            [Query("endless", Stage.RAW, RUNAWAYS[1])],
            Bounds(),
            stopped=lambda: True,
        )
    assert asking() == []


def test_without_duckdb_every_query_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no process is started."""
    monkeypatch.setattr(module, "is_installed", lambda: False)
    monkeypatch.setattr(module.subprocess, "Popen", None)
    assert ask(write(tmp_path, "n\n1\n"), "SELECT 1", "SELECT 2") == [NOT_INSTALLED] * 2


def test_without_queries_no_process_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed without SQL pays nothing for it."""
    monkeypatch.setattr(module.subprocess, "Popen", None)
    assert ask(write(tmp_path, "n\n1\n")) == []


def test_a_process_that_cannot_be_started_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all queries; the file's figures are not lost for it."""
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "gone"))
    assert (
        ask(write(tmp_path, "n\n1\n"), "SELECT 1", "SELECT 2")
        == ["no process could be started: no such file or directory"] * 2
    )
