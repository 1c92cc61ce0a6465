"""The process that queries a file, one statement after another. It runs as a script and imports only DuckDB.

It reads one line from stdin, a request in JSON, and writes a line for each step: that it is
ready, then a result for each statement. It ends with stdin, so that it never outlives its parent.
Reasons never contain values of rows: DuckDB's messages are passed on only if they concern the statement.
"""

import json
import math
import os
import resource
import sys
import threading
from typing import Any

FOR_ITSELF = 3 << 30  # bytes of addresses for the interpreter, DuckDB's code and its threads' stacks
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = frozenset(
    (*WHOLE, *(f"U{kind}" for kind in WHOLE), "BOOLEAN", "FLOAT", "DOUBLE", "DECIMAL", "NULL")
)
ABOUT_THE_STATEMENT = frozenset(("BinderException", "CatalogException", "ParserException", "SyntaxException"))
REASONS = {
    "PermissionException": "it accesses something other than the day's file",
    "OutOfMemoryException": "it needs more memory than is allowed",
    "ConversionException": "a value cannot be converted; TRY_CAST makes it NULL",
    "OutOfRangeException": "a number is out of range",
    "InvalidInputException": "DuckDB rejects its arguments",
}


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    sys.path[:] = request["modules"]
    import duckdb  # noqa: PLC0415  found only now

    _confine(request["memory"])
    try:
        connection = _connect(duckdb, request)
        refused = _miscount(connection, request)
    except duckdb.Error as error:
        refused = f"the file cannot be opened: {_reason(error)}"
    _say({} if refused is None else {"reason": refused})
    for statement in request["statements"] if refused is None else ():
        _say(_answer(duckdb, connection, statement))
    os._exit(0)  # even if threads are still running


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _confine(memory: int) -> None:
    """Have the system enforce what DuckDB should: no growing files, limited memory."""
    for limit, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory + FOR_ITSELF),
    ):
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):  # a lower one is set, or the system has none
            continue


def _connect(duckdb: Any, request: dict[str, Any]) -> Any:
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": request["threads"],
            "memory_limit": f"{request['memory']}B",
            "temp_directory": "",
            "max_temp_directory_size": "0B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
            "python_enable_replacements": False,
        },
    )
    connection.execute(f"SET allowed_paths = ['{request['file']}']")
    connection.execute("SET enable_external_access = false")
    try:
        connection.execute(f"SET TimeZone = '{request['zone']}'")
    except duckdb.Error:  # a zone unknown to DuckDB
        connection.execute("SET TimeZone = 'UTC'")
    connection.execute(request["view"])
    connection.execute("SET lock_configuration = true")
    return connection


def _miscount(connection: Any, request: dict[str, Any]) -> str | None:
    """Report that DuckDB's row count differs, if it may."""
    if request["rows"] is None:
        return None
    wanted, odd = request["rows"]
    (found,) = connection.execute(request["count"]).fetchone()
    if abs(found - wanted) <= odd:
        return None
    return f"DuckDB finds {found} rows in this damaged file, not {wanted}"


def _answer(duckdb: Any, connection: Any, statement: str) -> dict[str, Any]:
    try:
        parts = duckdb.extract_statements(statement)
        if len(parts) != 1:
            return {"reason": "it is not one statement"}
        if parts[0].type != duckdb.StatementType.SELECT:
            return {"reason": f"it is not a SELECT but {parts[0].type.name}"}
        return _number(connection.execute(parts[0]))
    except (duckdb.Error, MemoryError, RuntimeError) as error:
        return {"reason": _reason(error)}


def _number(result: Any) -> dict[str, Any]:
    kinds = [str(column[1]).strip('"').partition("(")[0] for column in result.description]
    if len(kinds) != 1:
        return {"reason": f"not a number: it returns {len(kinds)} columns"}
    if kinds[0] not in NUMBERS:
        return {"reason": f"not a number: it returns {kinds[0]}"}
    rows = result.fetchmany(2)
    if len(rows) != 1:
        return {"reason": f"not a number: it returns {'several rows' if rows else 'no row'}"}
    value = rows[0][0]
    number = math.nan if value is None else float(value)
    if not math.isfinite(number):
        return {"reason": f"not a number: {'NULL' if value is None else 'NaN or infinite'}"}
    return {"number": number}


def _reason(error: BaseException) -> str:
    name = type(error).__name__
    if name in ABOUT_THE_STATEMENT:
        return str(error).partition("\n")[0].partition(": ")[2] or name
    if isinstance(error, MemoryError):
        name = "OutOfMemoryException"
    return REASONS.get(name, f"DuckDB failed ({name})")


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
