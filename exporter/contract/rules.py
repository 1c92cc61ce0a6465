"""Checks as quality rules: the standard's if one expresses the check completely, ours otherwise."""

from collections.abc import Mapping
from typing import Any

from exporter.contract.metrics import KNOWN
from exporter.contract.node import ENGINE, Node, Notes
from exporter.contract.operators import OPPOSITE, WRITTEN
from exporter.contract.quality import IMPACT, RESOLUTION, Rules
from exporter.contract.tables import Read
from exporter.contract.written import Written
from exporter.feed import Feed, Query
from exporter.model import Stage

Rule = dict[str, Any]
Fields = Mapping[str, Any]

METRICS: Mapping[str, str] = {
    "puffy_partition_rows": "rowCount",
    "puffy_column_missing_rows": "nullValues",
    "puffy_column_missing_ratio": "nullValues",
    "puffy_column_invalid_rows": "invalidValues",
    "puffy_column_invalid_ratio": "invalidValues",
    "puffy_partition_duplicate_keys": "duplicateValues",
    "puffy_column_duplicate_rows": "duplicateValues",
}
WORDS = ("summary", "impact", "owner", "resolution", "blocking")


def rule_of(name: str, fields: Fields, feed: Feed) -> tuple[Stage, str | None, Rule]:
    """Return the rule that is read back as this check, with its stage and column."""
    stage, column = _subject(fields, feed)
    for candidate in (_library(name, fields, feed), _custom(name, fields, feed)):
        under = column if candidate is not None and "metric" in candidate else None
        if candidate is not None and _reads_as(candidate, feed, stage, under, checks={name: fields}):
            return stage, under, candidate
    return stage, None, {"name": name, "type": "custom", "engine": ENGINE, "implementation": dict(fields)}


def query_rule(query: Query, feed: Feed) -> tuple[Rule, frozenset[str]]:
    """Return the rule of a query, and the names of the checks that it represents.

    Raises ValueError for a query without a check: the standard has no rule without a demand.
    """
    candidates = [(query.name,), (f"{query.name}_low", f"{query.name}_high")]
    for names in candidates:
        if all(name in feed.checks for name in names):
            checks = {name: feed.checks[name] for name in names}
            rule = _query_rule(query, checks, feed)
            if rule is not None and _reads_as(rule, feed, query.stage, None, checks=checks, queries=(query,)):
                return rule, frozenset(names)
    raise ValueError(f"no check says what the query {query.name} must return")


def _query_rule(query: Query, checks: Mapping[str, Fields], feed: Feed) -> Rule | None:
    first = next(iter(checks.values()))
    demand = _demand(first, 1) if len(checks) == 1 else _between(list(checks.values()))
    if demand is None:
        return None
    rule: Rule = {"name": query.name, "type": "sql", "query": query.sql} | demand
    return rule | _words(first, feed)


def _subject(fields: Fields, feed: Feed) -> tuple[Stage, str | None]:
    """Return the stage and column of a check; without a single stage, the raw one."""
    value = fields.get("value")
    labels = value.get("labels") if isinstance(value, Mapping) else None
    labels = labels if isinstance(labels, Mapping) else {}
    written = labels.get("stage")
    stage = next((known for known in feed.stages if written in (known.value, [known.value])), Stage.RAW)
    column = labels.get("column")
    known = isinstance(column, str) and feed.table(stage).column(column) is not None
    return stage, column if known else None


def _library(name: str, fields: Fields, feed: Feed) -> Rule | None:
    value = fields.get("value")
    metric = METRICS.get(str(value.get("metric"))) if isinstance(value, Mapping) else None
    if metric is None or not isinstance(value, Mapping):
        return None
    share = "per" in value or str(value["metric"]).endswith("_ratio")
    demand = _demand(fields, 100 if share else 1)
    if demand is None:
        return None
    rule: Rule = {"name": name, "metric": metric} | demand | ({"unit": "percent"} if share else {})
    return rule | _words(fields, feed)


def _demand(fields: Fields, times: int) -> Rule | None:
    limits = fields.get("limits")
    if not isinstance(limits, Mapping) or len(limits) != 1:
        return None
    ((severity, limit),) = limits.items()
    compare = str(fields.get("compare", ">"))
    if compare not in WRITTEN or not isinstance(limit, int | float):
        return None
    when = fields["value"].get("when")
    demand: Rule = {WRITTEN[compare]: _times(limit, times)}
    if isinstance(when, Mapping) and isinstance(when.get("limit"), int | float):
        demand = {"mustNotBeBetween": [_times(when["limit"], times), _times(limit, times)]}
    return demand | {"severity": str(severity)}


def _between(pair: list[Fields]) -> Rule | None:
    low, high = (_demand(fields, 1) for fields in pair)
    if low is None or high is None or low["severity"] != high["severity"]:
        return None
    ends = [next((rule[key] for key in OPPOSITE if key in rule), None) for rule in (low, high)]
    return {"mustBeBetween": ends, "severity": low["severity"]}


def _times(number: float, times: int) -> float:
    return number if times == 1 else short(round(number * times, 10))


def short(number: float) -> float:
    """Return whole numbers as integers."""
    return int(number) if float(number).is_integer() else number


def _custom(name: str, fields: Fields, feed: Feed) -> Rule:
    inner = {key: value for key, value in fields.items() if key not in WORDS}
    rule: Rule = {"name": name, "type": "custom", "engine": ENGINE, "implementation": inner}
    limits = fields.get("limits")
    severities = [fields.get("severity"), *(limits if isinstance(limits, Mapping) else ())]
    if any(severities):
        rule["severity"] = "critical" if "critical" in severities else "warning"
    return rule | _words(fields, feed, spare=False)


def _words(fields: Fields, feed: Feed, *, spare: bool = True) -> Rule:
    """Return a check's texts, without those that a reader would add by default."""
    rule: Rule = {}
    if "summary" in fields:
        rule["description"] = fields["summary"]
    if "impact" in fields and not (spare and fields["impact"] == IMPACT.format(feed.name)):
        rule["businessImpact"] = fields["impact"]
    spared = {"owner": feed.owner.team, "resolution": list(RESOLUTION)} if spare else {}
    own = [
        {"property": key, "value": fields[key]}
        for key in ("owner", "blocking", "resolution")
        if key in fields and fields[key] != spared.get(key)
    ]
    return rule | ({"customProperties": own} if own else {})


def _reads_as(
    rule: Rule,
    feed: Feed,
    stage: Stage,
    column: str | None,
    *,
    checks: Mapping[str, Fields],
    queries: tuple[Query, ...] = (),
) -> bool:
    """Return whether a rule is read back as exactly these checks."""
    table, notes = feed.table(stage), Notes()
    entries = [{"name": one.name, "quality": [rule] if one.name == column else []} for one in table.columns]
    node = Node({"properties": entries, "quality": [] if column else [rule]}, (), notes)
    trends = {trend.name for trend in feed.trends}
    metrics = {*KNOWN, *_metrics(checks)}
    written = Written(metrics, trends)
    rules = Rules({stage: Read(table, node, {})}, feed.owner.team, feed.name, written)
    rules.read({})
    return (
        not notes.problems
        and not notes.beyond
        and written.checks == checks
        and tuple(rules.queries) == queries
        and rules.table(stage) == table
    )


def _metrics(checks: Mapping[str, Fields]) -> set[str]:
    """Return the metrics of checks: they were accepted when the checks were read."""
    values = [fields.get("value") for fields in checks.values()]
    return {str(value.get("metric")) for value in values if isinstance(value, Mapping)}
