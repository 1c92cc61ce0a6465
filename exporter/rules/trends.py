"""Recording rules: ``history.window`` in PromQL, for every trend of each day that may alert.

PromQL has no event time. The exporter exposes which partition is how many days before which
(``puffy_partition_window_info``), and a join on ``member`` for each lag maps every value to the partitions
whose windows contain it. So the figures are correct on the first evaluation, whenever the files arrived and
however often Prometheus was restarted. No rule names a trend or a feed: values, limits and methods
are series of the exporter, and so are forecasts of detectors. For days too old to alert only the
exporter's own figures exist: computing them again in every evaluation would cost as much as the
window is long.
"""

from collections.abc import Iterator

from exporter.history.trend import LEAST_MEMBERS, WINDOW_DAYS
from exporter.rules.anomalies import anomalies
from exporter.rules.detectors import detectors
from exporter.rules.names import BASELINE, BY, DAY, MAY_ALERT, PREFIX, SAMPLE
from exporter.rules.promql import FINITE, indent
from exporter.rules.rule import Recording

WINDOW = f"{PREFIX}window"
LAGGED = f"{PREFIX}lagged"
RELATION = "puffy_partition_window_info"


def recordings() -> Iterator[Recording]:
    """Yield the rules in order of dependency."""
    relation = f"{RELATION} and on {DAY} {MAY_ALERT}"
    yield Recording(WINDOW, f"max by (feed, partition, member, lag, baseline) ({relation})")
    yield Recording(SAMPLE, _samples())
    for lag in range(WINDOW_DAYS + 1):
        yield _lagged(lag)
    yield Recording(BASELINE, _baseline())
    yield _figure("value", f'max {BY} ({LAGGED}{{lag="0"}})')
    yield _figure("avg7d", _average())
    # Zero is a count too: `or` restores it if the baseline has no member.
    yield _figure("baseline_count", f"count {BY} ({BASELINE}) and {_name('value')}\nor\n{_name('value')} * 0")
    yield _figure("baseline_avg", f"avg {BY} ({BASELINE}) {FINITE}\n{_where_enough('baseline_count')}")
    yield _figure("baseline_stddev", _stddev())
    yield _figure("deviation_ratio", f"({_name('value')} / ({_name('baseline_avg')} != 0) - 1) {FINITE}")
    yield _figure(
        "zscore",
        f"(({_name('value')} - {_name('baseline_avg')}) / ({_name('baseline_stddev')} > 0)) {FINITE}",
    )
    yield _figure("day_over_day_ratio", _change(1))
    yield _figure("week_over_week_ratio", _change(WINDOW_DAYS))
    yield from detectors()
    yield from anomalies()


def _name(figure: str) -> str:
    return f"{PREFIX}{figure}"


def _figure(figure: str, expr: str) -> Recording:
    return Recording(_name(figure), expr)


def _samples() -> str:
    """Return the values in the windows."""
    members = f'label_replace({WINDOW}, "partition", "$1", "member", "(.+)")'
    needed = f"puffy_trend_value and on {DAY} {members}"
    dated = f'label_replace({needed}, "member", "$1", "partition", "(.+)")'
    return f"max by (feed, metric, member) (\n{indent(dated)}\n)"


def _lagged(lag: int) -> Recording:
    """Return the values of one lag, where a member belongs to one partition, so the join is many-to-one."""
    relation = f'max by (feed, partition, member) ({WINDOW}{{lag="{lag}"}})'
    joined = f"{SAMPLE} * on (feed, member) group_left (partition) {relation}"
    return Recording(LAGGED, joined, {"lag": str(lag)})


def _baseline() -> str:
    """Return the lagged values of the members in the baseline."""
    return f'{LAGGED} and on (feed, partition, lag) {WINDOW}{{lag!="0",baseline="yes"}}'


def _average() -> str:
    window = f'{LAGGED}{{lag!="{WINDOW_DAYS}"}}'
    return f"avg {BY} ({window}) {FINITE}\nand count {BY} ({window}) >= {LEAST_MEMBERS}\nand {_name('value')}"


def _where_enough(count: str) -> str:
    return f"and {_name(count)} >= {LEAST_MEMBERS}"


def _stddev() -> str:
    count = _name("baseline_count")
    # PromQL's is the population's; the factor makes it the sample's.
    return (
        f"(stddev {BY} ({BASELINE}) * sqrt({count} / ({count} - 1))) {FINITE}\n"
        f"{_where_enough('baseline_count')}"
    )


def _change(lag: int) -> str:
    before = f'max {BY} ({LAGGED}{{lag="{lag}"}}) != 0'
    return f"({_name('value')} / ({before}) - 1) {FINITE}"
