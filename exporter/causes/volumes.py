"""Checks on volumes and on repeated keys, recognised by what they measure: contracts choose their names."""

from collections.abc import Iterator

from exporter.causes.cause import Case
from exporter.causes.reads import selectors, tracked
from exporter.checks.check import Alert, Compare
from exporter.feed import SUM
from exporter.history.detection import Method
from exporter.history.verdict import normal
from exporter.metric import ROWS
from exporter.model import Profile

VOLUMES = frozenset(
    (
        ROWS,
        SUM,
        "puffy_column_value_rows",
        "puffy_partition_events",
        "puffy_partition_checkouts",
        "puffy_partition_revenue",
    )
)
COUNTS = frozenset(
    (
        "puffy_column_invalid_rows",
        "puffy_column_missing_rows",
        "puffy_column_negative_rows",
        "puffy_column_true_rows",
        "puffy_column_zero_rows",
        "puffy_partition_missing_rows",
    )
)
REPEATS = frozenset(("puffy_partition_duplicate_keys", "puffy_column_duplicate_rows"))


def volumes(case: Case) -> Iterator[str]:
    """Yield the checks on a volume, too high or too low: what follows if the file is not the day's."""
    for alert in case.alerts:
        if _measures(alert, case, VOLUMES):
            yield alert.check.name


def too_low(case: Case) -> Iterator[str]:
    """Yield the checks whose volume is too low, though not zero: what follows if rows are missing."""
    for alert in case.alerts:
        if 0 < alert.value < alert.limit and _measures(alert, case, VOLUMES):
            yield alert.check.name


def too_high(case: Case, times: float | None = None) -> Iterator[str]:
    """Yield the checks whose volume is too high: what follows if there are rows too many.

    ``times`` is how many rows there are for each one that belongs there: what would be too high without the
    others as well is left out.
    """
    metrics = VOLUMES if times is None else VOLUMES | COUNTS
    for alert in case.alerts:
        if alert.value > alert.limit and _measures(alert, case, metrics) and _explains(times, alert):
            yield alert.check.name


def diluted(case: Case, raw: Profile, more: float) -> Iterator[str]:
    """Yield the anomalies of shares that would be normal without ``more`` rows than usual."""
    for alert in case.alerts:
        trend = alert.check.trend or ""
        if more <= 0 or alert.check.band.method is not Method.RATE or trend not in case.trends:
            continue
        usual = normal(case.trends[trend], case.detection(trend, case.facts.partition), alert.check.band)
        if usual.low is None or usual.high is None:
            continue
        counted, rest = alert.value * raw.rows, raw.rows - more
        rises = alert.value > usual.high
        if 0 <= counted - more <= usual.high * rest if rises else counted >= usual.low * rest:
            yield alert.check.name


def adds_up(alert: Alert, other: Alert, case: Case) -> bool:
    """Return whether an anomalous sum follows from as anomalous a number of rows of the same stage."""
    found, rows = (tracked(one, case.feed) for one in (alert, other))
    if found is None or rows is None or (found.metric, rows.metric) != (SUM, ROWS):
        return False
    if found.labels.get("stage") != rows.labels.get("stage") or alert.deviation is None:
        return False
    return other.deviation is not None and alert.deviation.follows(other.deviation)


def repeats(case: Case, columns: tuple[str, ...] | None = None) -> Iterator[str]:
    """Yield the checks on repeated keys and values; of ``columns`` alone, if they are given."""
    for alert in case.alerts:
        for selector in selectors(alert, case.feed):
            column = alert.labels.get("column") or next(iter(selector.labels.get("column", ())), None)
            if selector.metric in REPEATS and (columns is None or column is None or column in columns):
                yield alert.check.name


def _measures(alert: Alert, case: Case, metrics: frozenset[str]) -> bool:
    """Return whether a check's figure is an amount of these metrics, rather than a share or a difference."""
    value = alert.check.value
    if alert.check.compare is Compare.EQUAL or (value is not None and (value.minus or value.per)):
        return False
    found = [selector.metric for selector in selectors(alert, case.feed)]
    return bool(found) and metrics.issuperset(found)


def _explains(times: float | None, alert: Alert) -> bool:
    """Return whether a value would not be in breach, or hardly, without the rows that are too many."""
    if times is None:
        return True
    slack = 1.0
    if alert.deviation is not None and alert.expected and alert.expected > 0:
        slack = max(1.0, alert.limit / alert.expected)  # those rows need not be average ones
    return alert.value / times <= alert.limit * slack
