"""Quality rules of a contract, as checks in the configuration's form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.contract.library import COUNTED, value_of
from exporter.contract.narrowing import NarrowedTables
from exporter.contract.node import ENGINE, Node, Value
from exporter.contract.operators import Demand, Unit, demands_of, unit_of
from exporter.contract.owner import line
from exporter.contract.sql import statement_of
from exporter.contract.tables import Read
from exporter.contract.written import Written, alert_of
from exporter.feed import Query, Table
from exporter.model import Stage

SEVERITIES: Mapping[str, str] = {
    **dict.fromkeys(("info", "low", "minor", "medium", "warning", "warn"), "warning"),
    **dict.fromkeys(("high", "major", "critical", "blocker", "error", "fatal"), "critical"),
}
IMPACT = "Consumers of {} get data that its contract rules out."
RESOLUTION = (
    "See which rows are affected: puffy-exporter explain shows the day's figures.",
    "Ask the owner of the source what changed, and have the day exported again; or change the contract.",
)


@dataclass(slots=True)
class Rules:
    """The checks of a contract being read: those written as checks, and those from its rules."""

    tables: Mapping[Stage, Read]
    team: str
    feed: str
    written: Written
    queries: list[Query] = field(default_factory=list)
    _narrowed: NarrowedTables = field(init=False)

    def __post_init__(self) -> None:
        self._narrowed = NarrowedTables(self.tables)

    def read(self, own: Mapping[str, Value]) -> None:
        """Read all rules, those of the contract as a whole first."""
        if "checks" in own:
            self._as_configured(own["checks"])
        for stage, read in self.tables.items():
            if "checks" in read.own:
                self._as_configured(read.own["checks"])
            for rule in read.node.nodes("quality"):
                self._rule(rule, stage, None)
            for entry, column in zip(read.node.nodes("properties"), read.table.columns, strict=False):
                for rule in entry.nodes("quality"):
                    self._rule(rule, stage, column.name)

    def table(self, stage: Stage) -> Table:
        """Return a table with its rules applied: they can define valid values and the key."""
        return self._narrowed[stage]

    def _as_configured(self, value: Value) -> None:
        for name, node in value.mapping():
            self.written.add(name, node, node.value)

    def _rule(self, rule: Node, stage: Stage, column: str | None) -> None:
        own = rule.own("rule")
        kind = rule.text("type") or "library"
        if kind == "library":
            self._library(rule, own, stage, column)
        elif kind == "sql":
            self._sql(rule, own, stage, column)
        elif kind == "custom":
            self._custom(rule, own)

    # Rules of the standard's library

    def _library(self, rule: Node, own: Mapping[str, Value], stage: Stage, column: str | None) -> None:
        metric, unit = rule.text("metric") or "", unit_of(rule)
        if "metric" not in rule and "type" not in rule:
            rule.beyond("it has no metric, so there is nothing to check", "name")
        if metric not in COUNTED or unit is None:
            return
        value = value_of(rule, unit, stage, column, self._narrowed)
        if value is None:
            return
        name = self._name(rule, stage, column, metric)
        where = f"{self.tables[stage].table.name}{'' if column is None else f'.{column}'}"
        for demand in demands_of(rule, unit, counted=not unit.share):
            fields = self._fields(rule, own, f"{where}: {COUNTED[metric]} must {demand.words}.")
            self._add(name, rule, value, demand, fields)

    # Statements, and checks as written in the configuration

    def _sql(self, rule: Node, own: Mapping[str, Value], stage: Stage, column: str | None) -> None:
        statement = statement_of(rule, column)
        if statement is None:
            return
        name = self._name(rule, stage, column, "query")
        if any(query.name == name for query in self.queries):
            rule.wrong(f"the query {name} already exists", "name")
            return
        value = {"metric": "puffy_query_value", "labels": {"stage": stage.value, "query": name}}
        self.queries.append(Query(name, stage, statement))
        for demand in demands_of(rule, Unit(), counted=False):
            fields = self._fields(rule, own, f"The result of the query {name} must {demand.words}.")
            self._add(name, rule, value, demand, fields)

    def _custom(self, rule: Node, own: Mapping[str, Value]) -> None:
        engine = rule.text("engine") or ""
        if engine != ENGINE:
            rule.beyond(f"rules of the engine {engine} are ignored", "engine")
            return
        implementation = rule.node("implementation")
        name = slug(rule.text("name") or "")
        if not isinstance(rule.value.get("implementation"), Mapping):
            rule.wrong("must be a mapping of a check's fields, as in the configuration", "implementation")
        elif not name:
            rule.wrong("a check needs a name", "name")
        else:
            said = _said(rule, own)
            if not self.written.ships(name):
                said = self._fields(rule, own, f"{name} is in breach.") | {"alert": alert_of(name)}
                if "trend" in implementation and "severity" not in implementation:
                    said["severity"] = _severity(rule)
            fields = {**said, **implementation.value}
            self.written.add(name, implementation, fields)

    # Words and names

    def _name(self, rule: Node, stage: Stage, column: str | None, part: str) -> str:
        written = rule.text("name")
        if written is not None:
            name = slug(written)
            if not name:
                rule.wrong("must be a name with a letter in it", "name")
            return name
        base = slug("_".join(filter(None, (stage.value, column, snake(part))))) or "rule"
        taken = {*self.written.checks, *(query.name for query in self.queries)}
        name, count = base, 1
        while {name, f"{name}_low", f"{name}_high"} & taken:
            count += 1
            name = f"{base}_{count}"
        return name

    def _add(
        self, name: str, rule: Node, value: Mapping[str, Any], demand: Demand, fields: Mapping[str, Any]
    ) -> None:
        if not name:
            return
        looked_at = dict(value)
        if demand.above is not None:
            if "per" in looked_at:
                rule.beyond("mustNotBeBetween is not supported for a share of duplicates", "mustNotBeBetween")
                return
            looked_at["when"] = {**value, "compare": ">=", "limit": demand.above}
        full = f"{name}{demand.ending}"
        if self.written.ships(full):
            rule.wrong(f"{full} is a built-in check: change it under the custom property checks", "name")
            return
        limits = {_severity(rule): demand.limit}
        check = {"alert": alert_of(full), "value": looked_at, "compare": demand.compare, "limits": limits}
        self.written.put(full, rule, {**check, **fields})

    def _fields(self, rule: Node, own: Mapping[str, Value], said: str) -> dict[str, Any]:
        """Return a check's texts: the rule's own, or default ones."""
        ours = {
            "owner": self.team,
            "summary": said,
            "impact": IMPACT.format(self.feed),
            "resolution": list(RESOLUTION),
        }
        return ours | _said(rule, own)


def _said(rule: Node, own: Mapping[str, Value]) -> dict[str, Any]:
    """Return the texts of a rule."""
    found: dict[str, Any] = {
        "summary": own["summary"].text() if "summary" in own else line(rule.text("description")),
        "impact": line(rule.text("businessImpact")),
        "owner": own["owner"].text() if "owner" in own else None,
        "resolution": list(own["resolution"].words()) if "resolution" in own else None,
        "blocking": ("blocking" in own and own["blocking"].flag()) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _severity(rule: Node) -> str:
    written = rule.text("severity")
    if written is None:
        return "warning"
    known = SEVERITIES.get(written.strip().lower())
    if known is None:
        rule.beyond(f"{written} is treated as a warning", "severity")
    return known or "warning"


def slug(text: str) -> str:
    """Return a text as a check's name, ``""`` where no letter is in it."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if re.match("[a-z]", name) else re.sub(r"^[0-9_]+", "", name)


def snake(word: str) -> str:
    """Write ``nullValues`` as ``null_values``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()
