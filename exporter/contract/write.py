"""Write a feed as its contract, so that reading it gives the same feed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from exporter.contract.columns import TYPES
from exporter.contract.rules import query_rule, rule_of, short
from exporter.contract.service import weekdays_written
from exporter.contract.tables import ANY, ROLES
from exporter.contract.trends import written_trend
from exporter.document import parse_document
from exporter.feed import Column, Feed, Form, Limits, Table
from exporter.model import Stage
from exporter.places.url import is_remote, shown
from exporter.plain import LONGEST_LINE, plain
from exporter.strict import Place

STANDARD = "v3.1.0"
WIDTH = 100  # of a line with a whole list or mapping
LOGICAL: Mapping[str, str] = {kind: name for name, kind in TYPES.items() if name != "time"} | {
    "category": "string",
    "url": "string",
}
Written = dict[str, Any]


def contract_text(feed: Feed, notes: Mapping[Place, str] | None = None, heading: str = "") -> str:
    """Return a feed's contract as YAML. ``notes`` are comments, by the path of keys that they explain.

    Raises KeyError for a note on a missing key, ValueError as ``contract_document`` does.
    """
    text = _dumped(contract_document(feed))
    if notes:
        text = _commented(text, notes)
    return heading + text


def contract_document(feed: Feed) -> Written:
    """Return a feed's contract, valid against the standard's schema.

    Raises ValueError for a feed that no contract can describe: tables in different formats, a query without a
    check.
    """
    if len({table.form for table in feed.tables.values()}) > 1:
        raise ValueError("tables of different form")
    document: Written = {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": feed.id,
        "name": feed.name,
        "version": feed.version,
        "status": "active",
    }
    if feed.description:
        document["description"] = {"purpose": feed.description}
    if feed.directory is not None or feed.raw.form != Form():
        document["servers"] = [_server(feed.directory or "", feed.raw.form)]
    document["team"] = {"name": feed.owner.team}
    contact = feed.owner.contact
    if contact is not None:
        document["team"]["members"] = [{"username": contact, "role": "owner"}]
        if "@" in contact:
            document["support"] = [{"channel": contact, "tool": "email", "url": f"mailto:{contact}"}]
    document["slaProperties"] = _service_levels(feed)
    own: Written = {}
    if feed.trends:
        own["trends"] = {trend.name: written_trend(trend, feed.tables) for trend in feed.trends}
    off = {name: dict(fields) for name, fields in feed.checks.items() if _is_off(fields)}
    if off:
        own["checks"] = off
    if own:
        document["customProperties"] = custom(**own)
    document["schema"] = [_table(feed.table(stage)) for stage in feed.stages]
    _lay_rules(document["schema"], feed)
    return document


def custom(**properties: Any) -> list[Written]:
    """Write properties that are not in the standard."""
    return [{"property": name, "value": value} for name, value in properties.items()]


def _server(directory: str, form: Form) -> Written:
    server: Written = {"server": "files", **_place(directory), "format": form.format or ANY}
    if form.encoding != Form().encoding:
        server["encoding"] = form.encoding
    signs = {name: getattr(form, name) for name in ("delimiter", "quote")}
    written = {name: sign for name, sign in signs.items() if sign != getattr(Form(), name)}
    if written:
        server["customProperties"] = custom(**written)
    return server


def _place(directory: str) -> Written:
    path = Path(directory)
    if not is_remote(path):
        return {"type": "local", "path": directory}
    scheme = path.parts[0].removesuffix(":")
    kind = {"s3": "s3", "abfs": "azure", "abfss": "azure"}.get(scheme, "custom")
    return {"type": kind, "location": shown(path)}


def _service_levels(feed: Feed) -> list[Written]:
    service, raw = feed.service, feed.raw.name
    frequency: Written = {"property": "frequency", "value": 1, "unit": "d", "element": raw}
    if len(service.weekdays) < len(weekdays_written(type(service)().weekdays)):
        frequency["customProperties"] = custom(weekdays=list(weekdays_written(service.weekdays)))
    clock = f"{service.due_time:%H:%M:%S}".removesuffix(":00")
    levels = [
        frequency,
        {
            "property": "timeOfAvailability",
            "value": f"{clock} {service.zone}",
            "element": raw,
            "description": "On the day after.",
        },
    ]
    behind = [stage for stage in feed.stages if stage is not Stage.RAW]
    if behind:
        value, unit = _duration(service.grace_seconds)
        levels.append(
            {
                "property": "latency",
                "value": value,
                "unit": unit,
                "element": feed.table(behind[0]).name,
                "description": "After the raw file was due.",
            }
        )
    return levels


def _duration(seconds: float) -> tuple[float, str]:
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return short(seconds / size), unit
    return short(seconds), "s"


def _table(table: Table) -> Written:
    written: Written = {"name": table.name, "logicalType": "object", "physicalName": table.path.text}
    if table.description:
        written["description"] = table.description
    role = next(role for role, stage in ROLES.items() if stage is table.stage)
    written["customProperties"] = custom(stage=role)
    if table.packs:
        written["customProperties"] += custom(
            pack=list(table.packs) if len(table.packs) > 1 else table.packs[0]
        )
    if table.success_file:
        written["customProperties"] += custom(successFile=table.success_file)
    if table.columns:
        written["properties"] = [_column(column, table) for column in table.columns]
    return written


def _column(column: Column, table: Table) -> Written:
    written: Written = {"name": column.name}
    inferred = _add_type(written, column, packed=bool(table.packs))
    if column.required:
        written["required"] = True
    if column.name in table.key:
        written |= {"primaryKey": True, "primaryKeyPosition": table.key.index(column.name) + 1}
    if column.personal:
        written["classification"] = "personal"
    if column.description:
        written["description"] = column.description
    if column.limits.values is not None:
        written["enum"] = [{"value": value} for value in column.limits.values]
    own: Written = {}
    if column.type != inferred:
        own["type"] = column.type or "none"
    own |= {"eventTime": True} if column.event_time else {}
    own |= {"reason": True} if column.reason else {}
    own |= {"aliases": list(column.aliases)} if column.aliases else {}
    own |= {} if column.expected else {"expected": False}
    if own:
        written["customProperties"] = custom(**own)
    return written


def _add_type(written: Written, column: Column, *, packed: bool) -> str:
    """Write the standard's type and options; return the type that a reader would infer from them."""
    # A column without a type has one in the contract: the standard's schema requires one.
    logical = LOGICAL.get(column.type) or ("timestamp" if column.event_time else "string")
    options = _options(column.limits, logical)
    if column.format is not None:
        options["format"] = column.format
    if column.type == "url":
        options["format"] = "uri"
    written["logicalType"] = logical
    if options:
        written["logicalTypeOptions"] = options
    if packed:
        return ""
    if logical == "string" and column.limits.values is not None:
        return "category"
    return "url" if column.type == "url" else TYPES[logical]


def _options(limits: Limits, logical: str) -> Written:
    """Write the limits that the standard has for a type."""
    found: Written = {}
    if logical == "string":
        found = {"pattern": limits.pattern, "minLength": limits.shortest, "maxLength": limits.longest}
    if logical in {"number", "integer"}:
        found = {
            key: None if end is None else short(end)
            for key, end in (("minimum", limits.minimum), ("maximum", limits.maximum))
        }
    return {key: value for key, value in found.items() if value is not None}


def _lay_rules(tables: list[Written], feed: Feed) -> None:
    """Write checks and queries as rules of their table or column."""
    by_stage = dict(zip(feed.stages, tables, strict=True))
    done = {name for name, fields in feed.checks.items() if _is_off(fields)}
    for query in feed.queries:
        rule, names = query_rule(query, feed)
        done |= names
        _lay(by_stage[query.stage], None, rule)
    for name, fields in feed.checks.items():
        if name not in done:
            stage, column, rule = rule_of(name, fields, feed)
            _lay(by_stage[stage], column, rule)


def _is_off(fields: Mapping[str, object]) -> bool:
    """Return whether a check is disabled, which no rule can express."""
    return fields.get("enabled") is False


def _lay(table: Written, column: str | None, rule: Written) -> None:
    under = table
    if column is not None:
        under = next(one for one in table["properties"] if one["name"] == column)
    under.setdefault("quality", []).append(rule)


class _Dumper(yaml.SafeDumper):
    """Writes short values on one line, and never uses aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML's signature
        return True

    def serialize(self, node: yaml.Node) -> None:
        """Keep the top-level keys on lines of their own."""
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = False
        super().serialize(node)


def _length(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2
    total = 2
    for entry in node.value:
        total += sum(map(_length, entry)) + 2 if isinstance(entry, tuple) else _length(entry)
        if total > WIDTH:
            break
    return total


def _mapping(dumper: _Dumper, data: Written) -> yaml.Node:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", data.items())
    node.flow_style = _length(node) <= WIDTH
    return node


def _sequence(dumper: _Dumper, data: list[Any]) -> yaml.Node:
    node = dumper.represent_sequence("tag:yaml.org,2002:seq", data)
    node.flow_style = _length(node) <= WIDTH
    return node


def _text(dumper: _Dumper, data: str) -> yaml.Node:
    """Write multi-line text on one line, so that a comment can follow it."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"' if "\n" in data else None)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
_Dumper.add_representer(str, _text)


def _dumped(document: Written) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)


def _commented(text: str, notes: Mapping[Place, str]) -> str:
    lines, places = text.splitlines(), parse_document(text, "contract").lines
    comments: dict[int, list[str]] = {}
    for place, note in notes.items():
        comments.setdefault(places[place] - 1, []).append(plain(" ".join(note.split()), LONGEST_LINE))
    for index, said in comments.items():
        lines[index] += f"  # {'; '.join(said)}"
    return "\n".join(lines) + "\n"
