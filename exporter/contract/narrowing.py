"""The tables of a contract, as its rules narrow them: valid values of columns, and keys."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exporter.contract.columns import NUMBERS, WORDED, as_text, refuse_impossible
from exporter.contract.node import Node
from exporter.contract.tables import Read
from exporter.feed import Column, Limits, Table
from exporter.model import Stage

LIMITS: Mapping[str, tuple[str, type]] = {
    "pattern": ("pattern", str),
    "minimum": ("minimum", float),
    "min": ("minimum", float),
    "maximum": ("maximum", float),
    "max": ("maximum", float),
    "minLength": ("shortest", int),
    "maxLength": ("longest", int),
}
FITTING: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("minimum", "maximum"), NUMBERS),
    **dict.fromkeys(("pattern", "shortest", "longest"), WORDED),
}


class NarrowedTables:
    """The tables of a contract being read, by stage; a rule that restricts one replaces it."""

    def __init__(self, tables: Mapping[Stage, Read]) -> None:
        self._read = tables
        self._tables = {stage: read.table for stage, read in tables.items()}

    def __getitem__(self, stage: Stage) -> Table:
        """Return a table as narrowed so far."""
        return self._tables[stage]

    def key_by(self, stage: Stage, columns: tuple[str, ...]) -> None:
        """Set the key of a table."""
        self._tables[stage] = replace(self._tables[stage], key=columns)

    def narrow(self, rule: Node, stage: Stage, column: Column) -> Column:
        """Restrict a column to the valid values in a rule's arguments, and return it."""
        arguments, limits = rule.node("arguments"), column.limits
        for key, (name, kind) in LIMITS.items():
            written = arguments.value.get(key)
            if written is None:
                continue
            found = arguments.text(key) if kind is str else arguments.number(key)
            if column.type not in FITTING[name]:
                arguments.beyond(f"{key} is not checked for a column of type {column.type or 'none'}", key)
            elif found is None:
                arguments.wrong(f"must be {'text' if kind is str else 'a number'}", key)
            elif getattr(limits, name) not in {None, found}:
                arguments.wrong(f"the column already sets {getattr(limits, name)}", key)
            else:
                limits = replace(limits, **{name: kind(found)})
        values = tuple(dict.fromkeys(as_text(value) for value in listed(rule, "validValues")))
        if values and limits.values is not None and set(values) != set(limits.values):
            arguments.wrong("the column already has different values", "validValues")
        elif values:
            limits = replace(limits, values=limits.values or values)
        refuse_impossible(arguments, limits)
        return self._put(stage, column, limits)

    def _put(self, stage: Stage, column: Column, limits: Limits) -> Column:
        entries = zip(
            self._read[stage].table.columns, self._read[stage].node.nodes("properties"), strict=True
        )
        chosen = any(
            column.name == known.name
            and any(custom.text("property") == "type" for custom in entry.nodes("customProperties"))
            for known, entry in entries
        )
        kind = "category" if column.type == "text" and limits.values and not chosen else column.type
        changed = replace(column, limits=limits, type=kind)
        table = self._tables[stage]
        self._tables[stage] = replace(
            table, columns=tuple(changed if one is column else one for one in table.columns)
        )
        return changed


def listed(rule: Node, key: str) -> list[Any]:
    """Return an argument that is a list, ``[]`` where it is absent or something else."""
    found = rule.node("arguments").value.get(key)
    if found is not None and not isinstance(found, list):
        rule.wrong("must be a list", "arguments", key)
    return found if isinstance(found, list) else []
