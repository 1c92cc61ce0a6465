"""Recording rules: ``history.window`` in PromQL, for every partition of the window at once.

PromQL has no event time. The exporter says which partition stands how many days before which
(``puffy_partition_window_info``), and one join on ``(member, lag)`` brings every value to the partitions in
whose window it stands. So the figures are right on the first evaluation, whenever the files came and however
often Prometheus was restarted.
"""

from collections.abc import Iterator, Sequence

from exporter.figures.table import BY_NAME
from exporter.history.trend import LEAST_MEMBERS, WINDOW_DAYS, Trend
from exporter.rules.promql import FINITE, indent, matchers
from exporter.rules.rule import Recording

PREFIX = "partition:puffy_trend:"
SAMPLE = "member:puffy_trend:value"  # of every exposed partition, those before the window included
LAGGED = f"{PREFIX}lagged"
BASELINE = f"{PREFIX}baseline"
RELATION = "max by (partition, member, lag) (puffy_partition_window_info{})"
BY = "by (metric, partition)"


def recordings(trends: Sequence[Trend]) -> Iterator[Recording]:
    """Yield the rules in the order in which they build on each other."""
    yield Recording(SAMPLE, "\nor\n".join(_sample(trend) for trend in trends))
    yield Recording(LAGGED, _lagged())
    yield Recording(BASELINE, f"{LAGGED}\nand on (partition, member, lag)\n{_related('baseline', 'yes')}")
    yield _figure("value", f'max {BY} ({LAGGED}{{lag="0"}})')
    yield _figure("avg7d", _average())
    # Zero is a count too: `or` brings it back where no member serves.
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


def _name(figure: str) -> str:
    return f"{PREFIX}{figure}"


def _figure(figure: str, expr: str) -> Recording:
    return Recording(_name(figure), expr)


def _related(label: str, value: str) -> str:
    return RELATION.replace("{}", f'{{{label}="{value}"}}')


def _sample(trend: Trend) -> str:
    labels = BY_NAME[trend.metric].labels
    matching = matchers({label: (value,) for label, value in zip(labels, trend.labels, strict=True)})
    return (
        "label_replace(label_replace(\n"
        f"  max by (partition) ({trend.metric}{matching}),\n"
        f'  "metric", "{trend.name}", "", ""), "member", "$1", "partition", "(.+)")'
    )


def _lagged() -> str:
    copies = "\nor ".join(
        f'label_replace({SAMPLE}, "lag", "{lag}", "", "")' for lag in range(WINDOW_DAYS + 1)
    )
    # A value is copied once per lag first, which makes (member, lag) unique on the side of the relation.
    return (
        f"max by (metric, member, lag) (\n{indent(copies)}\n)\n* on (member, lag) group_left (partition)\n"
        f"{RELATION.replace('{}', '')}"
    )


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
