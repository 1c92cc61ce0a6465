"""The trends of a contract: figures tracked from day to day."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from exporter.contract.columns import NUMBERS
from exporter.contract.metrics import COLUMN_METRICS, labels_of
from exporter.contract.node import Node, Value
from exporter.feed import FollowedFigure, Table
from exporter.figures.table import BY_NAME
from exporter.history.band import BandSpec
from exporter.history.detection import Method
from exporter.history.trend import SHIPPED
from exporter.model import Stage
from exporter.nearest import did_you_mean
from exporter.strict import problems_of

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
CALL = re.compile(r"(?P<word>[a-z]+)\((?P<column>[^()]+)\)")
FUNCTIONS: Mapping[str, str] = {
    "sum": "puffy_column_sum_of_values",
    "missing": "puffy_column_missing_ratio",
    "invalid": "puffy_column_invalid_ratio",
}
ROWS = "puffy_partition_rows"


def trends_of(
    value: Value, tables: Mapping[Stage, Table], stage: Stage, metrics: Container[str]
) -> Iterator[FollowedFigure]:
    """Yield the trends of one property; they are about ``stage`` unless a label names another."""
    for name, node in value.mapping():
        if NAME.fullmatch(name) is None:
            node.wrong("must be lowercase letters, digits and _, starting with a letter")
            continue
        table = _table(node, tables, stage)
        found = None if table is None else _figure(node, table, metrics)
        band = _band(node)
        if found is not None:
            yield FollowedFigure(name, *found, band)


def _table(node: Node, tables: Mapping[Stage, Table], stage: Stage) -> Table | None:
    written = node.node("labels").value.get("stage", stage.value)
    found = next((table for known, table in tables.items() if known.value == written), None)
    if found is None:
        node.wrong(f"there is no stage {written!r} (known: {', '.join(tables)})", "labels", "stage")
    return found


def _figure(node: Node, table: Table, metrics: Container[str]) -> tuple[str, dict[str, str]] | None:
    of = node.text("of")
    if of is None:
        node.wrong("of is missing: rows, sum(column), missing(column), invalid(column) or a metric's name")
        return None
    call = CALL.fullmatch(of.strip())
    if of == "rows":
        return ROWS, {"stage": table.stage.value} | _labels(node, ROWS)
    if call is not None:
        return _call(node, call, table)
    if of not in metrics:
        near = did_you_mean(of, {*BY_NAME, *COLUMN_METRICS, "rows"})
        node.wrong(
            f"there is no figure {of!r}: rows, sum(column), missing(column) or a metric's name{near}", "of"
        )
        return None
    labels = ({"stage": table.stage.value} if "stage" in (labels_of(of) or ()) else {}) | _labels(node, of)
    lacking = [label for label in labels_of(of) or () if label not in labels]
    if lacking:
        node.wrong(f"{of} has a sample for each {lacking[0]}: choose one under labels", "of")
    elif "column" in labels and table.column(labels["column"]) is None:
        node.wrong(f"{table.name} has no column {labels['column']!r}", "labels", "column")
    else:
        return of, labels
    return None


def _call(node: Node, call: re.Match[str], table: Table) -> tuple[str, dict[str, str]] | None:
    word, column = call["word"], call["column"].strip()
    metric = FUNCTIONS.get(word)
    if metric is None:
        node.wrong(
            f"there is no {word}(…) (known: {', '.join(FUNCTIONS)}){did_you_mean(word, FUNCTIONS)}", "of"
        )
        return None
    known = table.column(column)
    if known is None:
        names = [column.name for column in table.columns]
        node.wrong(f"{table.name} has no column {column!r}{did_you_mean(column, names)}", "of")
        return None
    if word == "sum" and known.type not in NUMBERS:
        node.wrong(f"{column} is not a number, so it has no sum", "of")
        return None
    return metric, {"stage": table.stage.value, "column": column} | _labels(node, metric)


def _labels(node: Node, metric: str) -> dict[str, str]:
    known = labels_of(metric)
    found = {}
    for label, value in node.node("labels").value.items():
        if known is not None and label not in known:
            node.wrong(
                f"{metric} has no label {label!r} (it has {', '.join(known) or 'none'})", "labels", label
            )
        elif not isinstance(value, str):
            node.wrong("must be text", "labels", label)
        else:
            found[str(label)] = value
    if "labels" in node.value and not isinstance(node.value["labels"], Mapping):
        node.wrong("must be a mapping of labels", "labels")
    return found


def _band(node: Node) -> Mapping[str, Any]:
    written = {key: value for key, value in node.value.items() if key not in {"of", "labels"}}
    try:
        spec = BandSpec.model_validate(written)
    except ValidationError as error:
        for problem in problems_of(error, BandSpec):
            node.wrong(problem.reason, *problem.place)
        return {}
    chosen = spec.model_dump(mode="json", exclude_none=True)
    try:
        spec.over(SHIPPED[spec.method or Method.AVERAGE])
    except ValueError as error:
        node.wrong(str(error))
    return chosen


def written_trend(trend: FollowedFigure, tables: Mapping[Stage, Table]) -> dict[str, Any]:
    """Write a trend in the shortest form that is read back as the same."""
    labels = dict(trend.labels)
    stage = labels.get("stage")
    if stage == Stage.RAW.value and "stage" in (labels_of(trend.metric) or ()):
        del labels["stage"]
    of = "rows" if trend.metric == ROWS else trend.metric
    column = labels.get("column")
    for word, metric in FUNCTIONS.items():
        table = next((table for known, table in tables.items() if known.value == stage), None)
        known = None if table is None or column is None else table.column(column)
        fits = metric == trend.metric and known is not None and (word != "sum" or known.type in NUMBERS)
        if fits and CALL.fullmatch(f"{word}({column})"):
            of = f"{word}({labels.pop('column')})"
    return {"of": of} | ({"labels": labels} if labels else {}) | dict(trend.band)


def doubled(trends: Sequence[tuple[Value, FollowedFigure]]) -> Iterator[tuple[Value, str]]:
    """Yield the trends with duplicate names."""
    seen: set[str] = set()
    for value, trend in trends:
        if trend.name in seen:
            yield value, trend.name
        seen.add(trend.name)
