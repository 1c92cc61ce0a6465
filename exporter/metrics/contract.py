"""The checks of a contract as metric families: one rule covers them all, so their values are exposed."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from exporter.checks.check import Check, Kind, Origin
from exporter.checks.judge import evaluate, worst
from exporter.figures.table import BY_NAME
from exporter.metric import Labels
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot

COLUMN = ("column", "field")  # labels that name a column


def contract_values(snapshot: Snapshot) -> Metric:
    """Return the value of each contract check in each judged partition, by column."""
    family = GaugeMetricFamily(
        "puffy_contract_check_value",
        "Value judged by a check of the contract, per column if it has one: the worst of several values.",
        labels=("feed", "partition", "check", "column"),
    )
    checks = _thresholds(snapshot)
    for view in snapshot.window if checks else ():
        for check in checks:
            for column, value in _looked_at(check, view, snapshot.as_of_ns).items():
                family.add_metric((snapshot.feed, view.partition.isoformat(), check.name, column), value)
    return family


def _looked_at(check: Check, view: PartitionView, as_of_ns: int) -> Mapping[str, float]:
    if check.value is None:
        return {}
    labels = BY_NAME[check.value.selector.metric].labels
    place = next((labels.index(name) for name in COLUMN if name in labels), None)
    columns: dict[str, dict[Labels, float]] = {}
    for key, value in evaluate(check.value, view.subject(as_of_ns)):
        columns.setdefault("" if place is None else key[place], {})[key] = value
    return {column: _worst(check, values) for column, values in columns.items()}


def _worst(check: Check, values: Mapping[Labels, float]) -> float:
    """Return the decisive value: the one that crosses the most severe limit."""
    for severity in check.severities:
        limit = check.limits[severity]
        crossed = {key: value for key, value in values.items() if check.compare.holds(value, limit)}
        if crossed:
            return crossed[worst(crossed, check.compare)]
    return values[worst(values, check.compare)]


def contract_families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield limits and texts of the checks in contracts, on values and on trends."""
    limits = GaugeMetricFamily(
        "puffy_contract_check_limit",
        "Limit of a check of the contract, and the comparison that makes it a breach.",
        labels=("feed", "check", "severity", "compare"),
    )
    words = GaugeMetricFamily(
        "puffy_contract_check_info",
        "1: owner and text of a check of the contract; blocks: the severity that holds the load.",
        labels=("feed", "check", "owner", "blocks", "summary", "impact"),
    )
    trends = GaugeMetricFamily(
        "puffy_trend_check_info",
        "1: the contract's check that judges a trend; confirmed: its severity if the detector confirms it.",
        labels=("feed", "metric", "check", "severity", "confirmed", "owner"),
    )
    for check in snapshot.checks:
        if check.origin is not Origin.CONTRACT:
            continue
        blocks = check.severities[0].value if check.blocking else ""
        words.add_metric((snapshot.feed, check.name, check.owner, blocks, check.summary, check.impact), 1)
        if check.kind is Kind.ANOMALY:
            sure, other = check.severities[0].value, check.severities[-1].value
            trends.add_metric((snapshot.feed, check.trend or "", check.name, other, sure, check.owner), 1)
            continue
        for severity, limit in check.limits.items():
            limits.add_metric((snapshot.feed, check.name, severity.value, check.compare.value), limit)
    yield from (limits, words, trends)


def graces(snapshot: Snapshot) -> Mapping[str, float]:
    """Return the grace after due of contract checks that have one, by name, in nanoseconds."""
    values = {check.name: check.value for check in _thresholds(snapshot)}
    found = {name: value.after_due_seconds for name, value in values.items() if value is not None}
    return {name: seconds * NANOSECONDS for name, seconds in found.items() if seconds is not None}


def _thresholds(snapshot: Snapshot) -> list[Check]:
    return [
        check for check in snapshot.checks if check.origin is Origin.CONTRACT and check.kind is Kind.THRESHOLD
    ]
