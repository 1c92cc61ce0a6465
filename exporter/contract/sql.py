"""SQL statements of a contract: each returns one number for a day's file."""

import re

from exporter.contract.node import Node
from exporter.feed import TABLE

PLACE = re.compile(r"\$\{\s*(?P<marked>\w+)\s*\}|\{\s*(?P<bare>\w+)\s*\}")
TABLES = frozenset(("table", "object", "schema", "model"))
COLUMNS = frozenset(("property", "column", "field"))
# Quoted text and comments, in which a semicolon does not end a statement.
SKIPPED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
STARTS = ("select", "with", "from")


def statement_of(rule: Node, column: str | None) -> str | None:
    """Return a rule's statement with its placeholders filled in, or ``None`` if it cannot be run."""
    written = (rule.text("query") or "").strip()
    bare = SKIPPED.sub(lambda part: "''" if part[0][0] in "'\"" else " ", written).strip()
    if bare.endswith(";"):
        bare = bare.rstrip("; \n\t")
        written = written.rstrip("; \n\t") if written.endswith(";") else written
    if not bare:
        rule.wrong("the query is empty", "query" if "query" in rule.value else "type")
        return None
    if ";" in bare:
        rule.wrong("more than one statement", "query")
        return None
    if not bare.lower().startswith(STARTS):
        rule.wrong(
            f"a query starts with {', '.join(word.upper() for word in STARTS)}: it only reads", "query"
        )
        return None
    return _filled(rule, written, column)


def _filled(rule: Node, written: str, column: str | None) -> str | None:
    names = {(match["marked"] or match["bare"]) for match in PLACE.finditer(written)}
    unknown = sorted(name for name in names if name.lower() not in TABLES | COLUMNS)
    if unknown:
        rule.wrong(f"${{{unknown[0]}}} is unknown: only ${{table}} and ${{column}} exist", "query")
        return None
    if column is None and any(name.lower() in COLUMNS for name in names):
        rule.wrong("${column} has no value in a table's rule: write the rule under a column", "query")
        return None
    if not any(name.lower() in TABLES for name in names):
        rule.beyond("the query does not read ${table}, the day's file, so it is not run", "query")
        return None
    quoted = "" if column is None else '"' + column.replace('"', '""') + '"'
    return PLACE.sub(
        lambda match: TABLE if (match["marked"] or match["bare"]).lower() in TABLES else quoted, written
    )
