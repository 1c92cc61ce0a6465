"""What causes most of a total's change: one value of one column."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import median

from exporter.causes.cause import Case
from exporter.causes.reads import tracked
from exporter.checks.check import Alert, Kind
from exporter.feed import FollowedFigure, Table
from exporter.history.contributions import Breakdown, Usual, break_down
from exporter.history.verdict import normal
from exporter.metric import ROWS, profile_of
from exporter.model import NO_NAME, Partition, PartitionFacts, Profile, Split

NAMED = frozenset(("category", "url"))


def carried(case: Case, alerts: Sequence[Alert], since: Partition | None = None) -> Breakdown | None:
    """Return the value that carries most of the change, for the first deviating volume that has one.

    ``since`` is when the change began, if before the day itself: the time until then is the reference.
    """
    for alert in alerts:
        figure = tracked(alert, case.feed)
        if alert.check.kind is Kind.ANOMALY and figure is not None:
            found = _best(_of_trend(case, alert, figure, since))
            if found is not None:
                return found
    return None


def _best(found: Iterator[Breakdown]) -> Breakdown | None:
    """Return the breakdown, among all columns, that leaves the least unexplained."""
    return min(found, key=lambda one: abs(one.others.change / one.others.usual), default=None)


def _of_trend(
    case: Case, alert: Alert, figure: FollowedFigure, since: Partition | None
) -> Iterator[Breakdown]:
    table = _table(case, figure)
    if table is None:
        return
    day = case.facts.partition
    before = [one for one in case.baseline if one.partition < (since or day)]
    past = [(one.partition, splits_of(one, figure, table)) for one in before]
    for column, today in splits_of(case.facts, figure, table).items():
        known = {partition: splits[column] for partition, splits in past if column in splits}
        own = [partition.weekday() == day.weekday() for partition in known]
        usual = _usual(case, alert, known if since else {})
        if usual is not None:
            found = break_down(figure.name, today, tuple(known.values()), own, usual)
            if found is not None:
                yield found


def _usual(case: Case, alert: Alert, before: Mapping[date, Split]) -> Usual | None:
    """Return the day's expected value, or that of the same weekdays before the change began."""
    name = alert.check.trend
    if name is None or name not in case.trends:
        return None
    usual = normal(case.trends[name], case.detection(name, case.facts.partition), alert.check.band)
    if not usual.expected or usual.expected <= 0 or usual.low is None or usual.high is None:
        return None
    low, high = usual.low / usual.expected, usual.high / usual.expected
    weekday = case.facts.partition.weekday()
    totals = [_total(split) for day, split in before.items() if day.weekday() == weekday]
    expected = median(totals) if totals else usual.expected
    return Usual(expected, low, high) if 0 < expected < math.inf else None


def _total(split: Split) -> float:
    if split.amounts is None:
        return float(sum(split.rows.values()) + split.overflow)
    return sum(split.amounts.values()) + split.amounts_overflow


def _table(case: Case, figure: FollowedFigure) -> Table | None:
    """Return the table whose rows a trend adds up, or ``None`` if its labels select less than a table."""
    if set(figure.labels) != {"stage", *(("column",) if figure.of else ())}:
        return None
    return next((table for stage, table in case.feed.tables.items() if stage == figure.labels["stage"]), None)


def splits_of(facts: PartitionFacts, figure: FollowedFigure, table: Table) -> Mapping[str, Split]:
    """Return a trend's total by value of each column that is not personal, by column."""
    profile = profile_of(facts, table.stage)
    if profile is None:
        return {}
    personal = {column.name for column in table.columns if column.personal}
    key = figure.metric, figure.of
    found = {split.column: split for split in profile.splits if (split.metric, split.of) == key}
    if figure.metric == ROWS:
        found |= {split.column: split for split in _rows(profile)}
    return {column: split for column, split in found.items() if column not in personal}


def _rows(profile: Profile) -> Iterator[Split]:
    """Yield rows by value of each column whose values are counted anyway."""
    for column, known in profile.figures.items():
        if known.type in NAMED and (known.values or known.values_overflow):
            rest = profile.good_rows - sum(known.values.values()) - known.values_overflow
            rows = {**known.values, **({NO_NAME: rest} if rest > 0 else {})}
            yield Split(ROWS, column, known.type, rows, known.values_overflow)
