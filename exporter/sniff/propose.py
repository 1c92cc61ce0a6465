"""Trends and checks for the findings: none of them fires on the inspected days."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from statistics import median
from typing import Any

from exporter.feed import FollowedFigure, Table
from exporter.model import Stage
from exporter.plain import plain
from exporter.sniff.columns import Decided
from exporter.sniff.event_time import IN_DAY, EventTime
from exporter.sniff.words import is_amount

MOST_AMOUNTS = 5
MOST_MISSING = 5
RARELY_THERE = 0.9  # of the rows lack the value: such a column is not relied on
HOUR = 3600
USUAL_SILENCE = 2 * HOUR  # the check's default for a long silence
WHOLE_DAY = 20 * HOUR  # silence that no limit can distinguish from a usual day's
VOLUME: Mapping[str, object] = {"method": "weekday"}
LEAST_CHANGE = 0.002
STEP = 0.001  # proposed limits are multiples of it
LONGEST_TREND = 64  # characters of a trend's name, as contracts allow


def propose_trends(table: Table, columns: Sequence[Decided]) -> tuple[FollowedFigure, ...]:
    """Track rows, sums of amounts, and shares of missing values in optional columns.

    A required column needs no trend: its check reports any missing value.
    """
    raw = Stage.RAW.value
    found = [FollowedFigure("rows", "puffy_partition_rows", {"stage": raw}, VOLUME)]
    if table.packs:
        found += [
            FollowedFigure("revenue", "puffy_partition_revenue", {"stage": raw}, VOLUME),
            FollowedFigure("checkouts", "puffy_partition_checkouts", {"stage": raw}, VOLUME),
        ]
    slugs = _slugs(table)
    for column in _amounts(columns):
        name = slugs[column] if slugs[column][0].isalpha() else f"sum_{slugs[column]}"
        labels = {"stage": raw, "column": column}
        found.append(FollowedFigure(name, "puffy_column_sum_of_values", labels, VOLUME))
    shares = {decided.seen.name: decided.seen.missing_by_day for decided in columns}
    for column in _sometimes_missing(columns):
        labels = {"stage": raw, "column": column}
        band = {"method": "rate", "min_change": _usual_change(list(shares[column].values()))}
        found.append(FollowedFigure(f"missing_{slugs[column]}", "puffy_column_missing_ratio", labels, band))
    names = _distinct([trend.name[:LONGEST_TREND] for trend in found], longest=LONGEST_TREND)
    return tuple(replace(trend, name=name) for trend, name in zip(found, names, strict=True))


def _amounts(columns: Iterable[Decided]) -> Sequence[str]:
    return [
        decided.column.name
        for decided in columns
        if decided.column.type in {"number", "integer"}
        and decided.column.expected
        and is_amount(decided.column.name)
        and not decided.column.personal
    ][:MOST_AMOUNTS]


def _sometimes_missing(columns: Iterable[Decided]) -> Sequence[str]:
    """Return columns with occasional missing values; only the first of those that lack them together."""
    found: dict[tuple[float, ...], str] = {}
    for decided in columns:
        seen = decided.seen
        if decided.column.expected and seen.rows and 0 < _mean(seen.missing_by_day) < RARELY_THERE:
            found.setdefault(tuple(share for _, share in sorted(seen.missing_by_day.items())), seen.name)
    return list(found.values())[:MOST_MISSING]


def _mean(shares: Mapping[date, float]) -> float:
    return sum(shares.values()) / len(shares) if shares else 0.0


def _usual_change(shares: Sequence[float]) -> float:
    """Return how far from its median a share has been, without the farthest day, which may be a fault.

    The detector assumes that days vary equally in both directions. Shares of missing values do not: most days
    lack few, occasionally one lacks many, and what has been seen before is normal.
    """
    usual = median(shares)
    *others, _ = sorted(abs(share - usual) for share in shares)
    return max(LEAST_CHANGE, round(math.ceil(max(others, default=0.0) / STEP) * STEP, 3))


def propose_checks(
    feed: str, tables: Mapping[Stage, Table], event_time: EventTime | None, owner: str
) -> dict[str, Mapping[str, Any]]:
    """Require rows, values in required columns, and a key without duplicates; widen limits that would fire.

    Rejects are exempt: they are faulty by definition.
    """
    rules = [
        rule
        for stage, table in tables.items()
        if stage is not Stage.REJECTS
        for rule in _rules(table, critical=stage is Stage.RAW)
    ]
    names = _distinct([rule.name for rule in rules], _joined)
    checks = {
        name: replace(rule, name=name).check(feed, owner) for rule, name in zip(rules, names, strict=True)
    }
    if event_time is not None:
        checks |= dict(_widened(event_time))
    return checks


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule for a figure that must be zero, or more than zero."""

    name: str
    where: str
    metric: str
    labels: Mapping[str, str]
    severity: str
    counted: str
    compare: str = "!="

    def check(self, feed: str, owner: str) -> Mapping[str, Any]:
        """Return the rule as a check in the configuration's form."""
        words = "be more than 0" if self.compare == "<=" else "be 0"
        return {
            "alert": f"Puffy{_joined(self.name)}",
            "value": {"metric": self.metric, "labels": dict(self.labels)},
            "compare": self.compare,
            "limits": {self.severity: 0},
            "owner": owner,
            "summary": f"{self.where}: {self.counted} must {words}.",
            "impact": f"Consumers of {feed} get data that its contract rules out.",
            "resolution": list(RESOLUTION),
        }


RESOLUTION = (
    "See which rows are affected: puffy-exporter explain shows the day's figures.",
    "Ask the owner of the source what changed, and have the day exported again; or change the contract.",
)


def _rules(table: Table, *, critical: bool) -> Iterator[_Rule]:
    stage = table.stage.value
    labels = {"stage": stage}
    vital = {*table.key, table.event_time}
    slugs = _slugs(table)
    for column in table.columns:
        if column.required and (critical or column.name in vital):
            yield _Rule(
                f"{stage}_{slugs[column.name]}_missing_values",
                f"{table.name}.{plain(column.name)}",
                "puffy_column_missing_rows",
                {**labels, "column": column.name},
                "critical" if critical and column.name in vital else "warning",
                "rows without a value",
            )
    if table.key:
        yield _Rule(
            f"{stage}_duplicate_values",
            table.name,
            "puffy_partition_duplicate_keys",
            labels,
            "warning",
            "rows with a repeated key",
        )


def _slugs(table: Table) -> dict[str, str]:
    """Return each column's name in the letters of checks and trends: its place, if it has none of them."""
    slugs = {column.name: _slug(column.name) for column in table.columns}
    taken = {_joined(slug) for slug in slugs.values()}
    for place, (name, slug) in enumerate(slugs.items(), 1):
        if not slug:
            possible = (f"{'other_' * number}column_{place}" for number in count())
            slugs[name] = next(one for one in possible if _joined(one) not in taken)
    return slugs


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _distinct(names: Sequence[str], key: Callable[[str], str] = str, longest: int | None = None) -> list[str]:
    """Return the names, numbered where their keys are equal; the first of those keeps its own."""
    taken = set(map(key, names))
    given: set[str] = set()
    found = []
    for name in names:
        chosen = name
        if key(name) in given:
            endings = (f"_{number}" for number in count(2))
            numbered = (name[: longest and longest - len(ending)] + ending for ending in endings)
            chosen = next(one for one in numbered if key(one) not in taken)
            taken.add(key(chosen))
        given.add(key(chosen))
        found.append(chosen)
    return found


def _joined(name: str) -> str:
    """Return a name as its alert has it: without ``_``, so ``a1`` and ``a_1`` are the same."""
    return "".join(part.capitalize() for part in name.split("_"))


def _widened(event_time: EventTime) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield shipped checks whose limits are crossed on usual days of this feed."""
    if event_time.silence_seconds > USUAL_SILENCE - HOUR:
        hours = math.ceil(event_time.silence_seconds * 1.5 / HOUR)
        if hours * HOUR > WHOLE_DAY:
            yield "silence", {"enabled": False}
        else:
            yield "silence", {"limits": {"warning": hours * HOUR}}
    if event_time.share < IN_DAY:
        outside = 1 - event_time.share
        limit = math.ceil(outside * 2 * 100) / 100
        limits = {"warning": limit, "critical": max(limit, 0.5)} if limit < 1 else None
        yield "out_of_day_rows", {"limits": limits} if limits else {"enabled": False}
