"""Recording rules: ``history.weekday``, ``history.rates`` and ``history.verdict`` in PromQL.

Whether a detector is armed is the exporter's word (``puffy_trend_state``); all figures that decide are
computed here, from the values of single partitions and the relation between them.
"""

from collections.abc import Iterator, Mapping, Sequence

from exporter.history import rates, weekday
from exporter.history.detection import Expect, Method, Readiness
from exporter.history.trend import Direction, Trend
from exporter.rules.names import BY, PREFIX, SAMPLE
from exporter.rules.promql import FINITE, indent, matchers
from exporter.rules.rule import Recording

SERVING = f"{PREFIX}serving"  # the relation between partitions and the members of their baselines
PAST = f"{PREFIX}past"
MEDIAN = f"{PREFIX}weekday_median"
RESIDUAL = f"{PREFIX}residual"
EXPECTED, SPREAD, LEVEL = f"{PREFIX}expected", f"{PREFIX}spread", f"{PREFIX}level"
ROWS_BEHIND, PRIOR = (
    f"{PREFIX}rows_behind",
    f"{PREFIX}prior",
)  # of shares: the rows of the members, a sure share
OBSERVED, LEAST = f"{PREFIX}observed_spread", f"{PREFIX}least_spread"
SCORE, LEVEL_SCORE = f"{PREFIX}score", f"{PREFIX}level_score"
DETECTED, CONFIRMED, MUTED, JUDGED = (
    f"{PREFIX}{name}" for name in ("detected", "confirmed", "muted", "judged")
)
ROWS = "rows"  # what shares are shares of, as if it were a trend
RELATION = 'max by (partition, member, lag, week, back) (puffy_partition_window_info{baseline="yes"})'
ROWS_TODAY = 'max by (partition) (puffy_partition_rows{stage="raw"})'
PAIR = "on (metric, partition)"


def detectors(trends: Sequence[Trend]) -> Iterator[Recording]:
    """Yield the rules in the order in which they build on each other; none where no trend has a detector."""
    volumes, shares = _names(trends, Method.WEEKDAY), _names(trends, Method.RATE)
    if volumes or shares:
        yield Recording(SERVING, RELATION)
        yield Recording(PAST, "\nor\n".join(_past(volumes, shares)))
        if volumes:
            yield Recording(
                MEDIAN, _quantile("by (metric, partition, back)", f"{PAST}{_of(volumes, _WEEKS)}")
            )
            yield Recording(
                RESIDUAL,
                f"{PAST}{_of(volumes)} - on (metric, partition, back) group_left () {MEDIAN}",
            )
        yield from _figures(volumes, shares)
    yield from _verdicts()


_WEEKS = 'week!="0"'
_SIX_DAYS = 'week="0"'
_FOUR_WEEKS = f'lag!~"{"|".join(str(lag) for lag in range(rates.LONGEST_LAG + 1, weekday.LONGEST_LAG + 1))}"'


def _names(trends: Sequence[Trend], method: Method) -> list[str]:
    return [trend.name for trend in trends if trend.band.method is method]


def _of(names: Sequence[str], *more: str) -> str:
    alternatives = "|".join(names)
    return "{" + ",".join((f'metric=~"{alternatives}"', *more)) + "}"


def _past(volumes: Sequence[str], shares: Sequence[str]) -> Iterator[str]:
    """Yield each trend's members: of volumes the logarithms, of shares the shares and their rows."""
    sources = [(name, f'ln(max by (member) ({SAMPLE}{{metric="{name}"}}) > 0)') for name in volumes]
    sources += [(name, f'max by (member) ({SAMPLE}{{metric="{name}"}})') for name in shares]
    if shares:
        member = f'label_replace({ROWS_TODAY}, "member", "$1", "partition", "(.+)")'
        sources.append((ROWS, f"max by (member) ({member})"))
    for name, values in sources:
        joined = f"{SERVING}\n* on (member) group_left () {values}"
        yield f'label_replace(\n{indent(joined)},\n  "metric", "{name}", "", "")'


def _quantile(by: str, series: str) -> str:
    return f"quantile {by} (0.5, {series})"


def _figures(volumes: Sequence[str], shares: Sequence[str]) -> Iterator[Recording]:
    """Yield expectation, spread, level and scores; of volumes in logarithms until the last."""
    weekdays = _weekday(volumes) if volumes else {}
    shares_of = _rate(shares) if shares else {}
    for name in (EXPECTED, ROWS_BEHIND, PRIOR, OBSERVED, LEAST):
        yield from _joined(name, weekdays, shares_of)
    yield Recording(SPREAD, f"({OBSERVED} > {LEAST}) or {LEAST}")
    for name in (LEVEL, SCORE, LEVEL_SCORE):
        yield from _joined(name, weekdays, shares_of)


def _joined(name: str, *parts: Mapping[str, str]) -> Iterator[Recording]:
    written = [part[name] for part in parts if name in part]
    if written:
        yield Recording(name, "\nor\n".join(written))


def _weekday(names: Sequence[str]) -> Mapping[str, str]:
    weeks = f"{RESIDUAL}{_of(names, _WEEKS)}"
    floor = 'on (metric) group_left () max by (metric) (puffy_trend_limit{limit="min_spread"})'
    recent = f"{RESIDUAL}{_of(names, _SIX_DAYS)}"
    base = f'max {BY} ({MEDIAN}{{back="0"}})'
    mine = _of(names)
    change = f"(ln(clamp_min({PREFIX}value{mine}, {weekday.SMALLEST})) - {base})"
    return {
        EXPECTED: f"exp({base}) and {PREFIX}value",
        OBSERVED: (
            f"{weekday.NORMAL_MAD} * {weekday.FORECAST} * {_quantile(BY, f'abs({weeks})')}\n"
            f"  * ({weekday.RESIDUALS} / count {BY} ({weeks})) ^ {weekday.SHRINK}"
        ),
        LEAST: f"{OBSERVED}{mine} * 0 + {floor}",
        LEVEL: _level(recent, base),
        SCORE: f"({change} / {SPREAD}) {FINITE}",
        LEVEL_SCORE: f"(({change} - {LEVEL}) / ({SPREAD} * {weekday.LEVEL_FORECAST})) {FINITE}",
    }


def _level(recent: str, base: str) -> str:
    enough = f"count {BY} ({recent}) >= {weekday.LEAST_RECENT}"
    return f"{_quantile(BY, recent)} and {enough}\nor\n{base} * 0"


def _rate(names: Sequence[str]) -> Mapping[str, str]:
    past, mine = f"{PAST}{_of(names, _FOUR_WEEKS)}", _of(names)
    expected, count = f"{EXPECTED}{mine}", f"count {BY} ({past})"
    off = f"({past} - {PAIR} group_left () {expected})"
    recent = f"({PAST}{_of(names, _SIX_DAYS)} - {PAIR} group_left () {expected})"
    today = f"on (partition) group_left () (1 / ({ROWS_TODAY} > 0))"
    hits, rows = f"{rates.PRIOR_HITS:g}", f"{rates.PRIOR_ROWS:g}"
    return {
        EXPECTED: f"{_quantile(BY, past)} and {PREFIX}value",
        ROWS_BEHIND: f'sum {BY} ({past} * 0 + on (partition, lag) group_left () {PAST}{{metric="{ROWS}"}})',
        PRIOR: f"({expected} * {ROWS_BEHIND} + {hits}) / ({ROWS_BEHIND} + {rows})",
        OBSERVED: (
            f"{weekday.NORMAL_MAD} * {_quantile(BY, f'abs{off}')}\n"
            f"  * {count} / ({count} - {rates.SMALL_SAMPLE})"
        ),
        LEAST: f"sqrt({PRIOR} * (1 - {PRIOR}) * (1 / {ROWS_BEHIND} + {today}))",
        LEVEL: _level(recent, expected),
        SCORE: f"(({PREFIX}value{mine} - {expected}) / {SPREAD}) {FINITE}",
        LEVEL_SCORE: f"(({PREFIX}value{mine} - {expected} - {LEVEL}) / {SPREAD}) {FINITE}",
    }


def _verdicts() -> Iterator[Recording]:
    value = f"{PREFIX}value"
    armed = f"({_state(state=Readiness.ARMED)} unless {_state(method=Method.AVERAGE)})"
    yield Recording(JUDGED, f"{value} and {PAIR} {armed}")
    reference = f"({EXPECTED} and {JUDGED} or {PREFIX}baseline_avg)"
    yield Recording(
        MUTED,
        f"{value} and {PAIR} {_state(state=Readiness.EMPTY)}\n"
        f"or\n{value} and on (partition) {_event(Expect.ANY)}\n"
        f"or\n({value} > {reference}) and on (partition) {_event(Expect.RISE)}",
    )
    yield Recording(DETECTED, _detected(value))
    yield Recording(CONFIRMED, f"{DETECTED} and (abs({LEVEL_SCORE}) > {_limit('level_score')})")


def _detected(value: str) -> str:
    change = f"{value} - {EXPECTED}"
    larger = f"(({value} > {EXPECTED}) or {EXPECTED})"
    few = f"({larger} * on (partition) group_left () {ROWS_TODAY} < {_limit('min_count')})"
    shares = f"and {PAIR} {_state(method=Method.RATE)}"
    sides = (
        f"({change} < 0) and on (metric) {_counts(Direction.DROP)}\n"
        f"or ({change} > 0) and on (metric) {_counts(Direction.RISE)}"
    )
    return "\n".join(
        (
            JUDGED,
            f"and (abs({SCORE}) > {_limit('score')})",
            f"and (abs({change}) > {_limit('min_change')})",
            f"and (\n{indent(sides)}\n)",
            f"unless ({few} {shares})",
            f"unless {MUTED}",
        )
    )


def _state(**labels: str) -> str:
    matching = matchers({label: (value,) for label, value in labels.items()})
    return f"max {BY} (puffy_trend_state{matching})"


def _event(expect: Expect) -> str:
    return f'max by (partition) (puffy_partition_event_info{{expect="{expect}"}})'


def _limit(name: str) -> str:
    return f'on (metric) group_left () max by (metric) (puffy_trend_limit{{limit="{name}"}})'


def _counts(direction: Direction) -> str:
    return f'(max by (metric) (puffy_trend_direction{{direction="{direction}"}}) == 1)'
