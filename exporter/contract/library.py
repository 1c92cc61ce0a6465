"""Metrics of the standard's library of quality rules, as the values of checks."""

from collections.abc import Mapping
from typing import Any

from exporter.contract.narrowing import LIMITS, NarrowedTables, listed
from exporter.contract.node import Node
from exporter.contract.operators import Unit
from exporter.model import Stage
from exporter.profiling.missing import DATABASE_NULL, PANDAS_NA_STRINGS

COUNTED: Mapping[str, str] = {
    "rowCount": "rows",
    "nullValues": "rows without a value",
    "missingValues": "rows without a value",
    "invalidValues": "rows with an invalid value",
    "duplicateValues": "rows with a repeated key",
}


def value_of(
    rule: Node, unit: Unit, stage: Stage, column: str | None, tables: NarrowedTables
) -> dict[str, Any] | None:
    """Return the value that a rule of a known metric judges, or ``None`` if the rule is refused.

    Its arguments narrow ``tables``: they can define valid values and the key.
    """
    metric, labels = rule.text("metric") or "", {"stage": stage.value}
    if metric == "rowCount":
        if unit.share:
            rule.wrong("rows are counted in rows, not in percent", "unit")
        return None if unit.share else {"metric": "puffy_partition_rows", "labels": labels}
    if metric == "duplicateValues":
        return _duplicates(rule, unit, stage, column, tables)
    known = tables[stage].column(column or "")
    if known is None:
        rule.beyond(f"{metric} needs a column: write the rule under one", "metric")
        return None
    word = "invalid" if metric == "invalidValues" else "missing"
    if word == "invalid":
        known = tables.narrow(rule, stage, known)
    _arguments(rule, metric)
    if not known.type and (word == "invalid" or not known.required):
        rule.beyond(f"{word} values are not counted in a column without a type", "metric")
        return None
    ending = "ratio" if unit.share else "rows"
    return {"metric": f"puffy_column_{word}_{ending}", "labels": {**labels, "column": known.name}}


def _duplicates(
    rule: Node, unit: Unit, stage: Stage, column: str | None, tables: NarrowedTables
) -> dict[str, Any] | None:
    table = tables[stage]
    names = tuple(map(str, listed(rule, "properties"))) or ((column,) if column else table.key)
    unknown = [name for name in names if table.column(name) is None]
    if unknown:
        rule.wrong(f"{table.name} has no column {unknown[0]!r}", "arguments", "properties")
        return None
    if not names:
        rule.beyond("which columns must be unique? name them in arguments.properties", "metric")
        return None
    _arguments(rule, "duplicateValues", "properties")
    value: dict[str, Any] = {"metric": "puffy_partition_duplicate_keys", "labels": {"stage": stage.value}}
    if set(names) != set(table.key):
        if len(names) == 1 and (table.key or column):
            value = {
                "metric": "puffy_column_duplicate_rows",
                "labels": {"stage": stage.value, "column": names[0]},
            }
        elif table.key:
            rule.beyond(f"a table has only one key, here ({', '.join(table.key)})", "arguments")
            return None
        else:
            tables.key_by(stage, names)
    if unit.share:
        value["per"] = {"metric": "puffy_partition_rows", "labels": {"stage": stage.value}}
    return value


def _arguments(rule: Node, metric: str, *known: str) -> None:
    """Note the arguments without effect."""
    arguments = rule.node("arguments")
    if metric == "invalidValues":
        known = (*LIMITS, "validValues")
    if metric == "missingValues":
        known = ("missingValues",)
        words = {str(word).strip() for word in listed(rule, "missingValues") if word is not None}
        unknown = sorted(words - PANDAS_NA_STRINGS - {DATABASE_NULL})
        if unknown:
            arguments.beyond(
                f"{unknown[0]!r} is a value unless it is in data.missing_values of the configuration",
                "missingValues",
            )
    for key in arguments.value:
        if key not in known:
            arguments.beyond(f"{key} is not an argument of {metric} here", str(key))
