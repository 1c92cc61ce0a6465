"""Recording rules: ``history.weekday``, ``history.rates`` and ``history.verdict`` in PromQL.

Which method judges a trend, and whether its detector is armed, is the exporter's word
(``puffy_trend_state``); all figures that decide are computed here, from the values of single partitions and
the relation between them.
"""

from collections.abc import Iterator

from exporter.history import rates, weekday
from exporter.history.detection import Expect, Method, Readiness
from exporter.history.trend import Direction
from exporter.rules.names import BASELINE, BY, DAY, PREFIX, TREND, TREND_DAY
from exporter.rules.promql import FINITE, indent, matchers
from exporter.rules.rule import Recording

VALUE = f"{PREFIX}value"
VOLUME_PAST = f"{PREFIX}volume_past"  # logarithms
SHARE_PAST = f"{PREFIX}share_past"
MEDIAN = f"{PREFIX}weekday_median"
RESIDUAL = f"{PREFIX}residual"
SHARE_EXPECTED = f"{PREFIX}share_expected"
EXPECTED, SPREAD, LEVEL = f"{PREFIX}expected", f"{PREFIX}spread", f"{PREFIX}level"
# Of shares: the rows of the members, and a share that is sure.
ROWS_BEHIND, PRIOR = f"{PREFIX}rows_behind", f"{PREFIX}prior"
OBSERVED, LEAST = f"{PREFIX}observed_spread", f"{PREFIX}least_spread"
SCORE, LEVEL_SCORE = f"{PREFIX}score", f"{PREFIX}level_score"
DETECTED, CONFIRMED, MUTED, JUDGED = (
    f"{PREFIX}{name}" for name in ("detected", "confirmed", "muted", "judged")
)
ROWS_TODAY = f'max by {DAY} (puffy_partition_rows{{stage="raw"}})'
PAIR = f"on {TREND_DAY}"

_WEEKS = '{week!="0"}'
_SIX_DAYS = '{week="0"}'
_LONGER = "|".join(str(lag) for lag in range(rates.LONGEST_LAG + 1, weekday.LONGEST_LAG + 1))
_FOUR_WEEKS = f'{{lag!~"{_LONGER}"}}'


def detectors() -> Iterator[Recording]:
    """Yield the rules in the order in which they build on each other."""
    yield Recording(VOLUME_PAST, f"ln({BASELINE} > 0)\nand {PAIR} {_state(method=Method.WEEKDAY)}")
    yield Recording(SHARE_PAST, f"{BASELINE}{_FOUR_WEEKS}\nand {PAIR} {_state(method=Method.RATE)}")
    back = "(feed, metric, partition, back)"
    yield Recording(MEDIAN, _quantile(f"by {back}", f"{VOLUME_PAST}{_WEEKS}"))
    yield Recording(RESIDUAL, f"{VOLUME_PAST} - on {back} group_left () {MEDIAN}")
    yield Recording(SHARE_EXPECTED, _quantile(BY, SHARE_PAST))
    yield from _figures()
    yield from _verdicts()


def _quantile(by: str, series: str) -> str:
    return f"quantile {by} (0.5, {series})"


BASE = f'max {BY} ({MEDIAN}{{back="0"}})'  # what a volume's logarithm is expected to be


def _figures() -> Iterator[Recording]:
    """Yield expectation, spread, level and scores; of volumes in logarithms until the last."""
    member = f'label_replace({ROWS_TODAY}, "member", "$1", "partition", "(.+)")'
    rows = f"{SHARE_PAST} * 0 + on (feed, member) group_left () max by (feed, member) ({member})"
    hits, least = f"{rates.PRIOR_HITS:g}", f"{rates.PRIOR_ROWS:g}"
    change = f"(ln(clamp_min({VALUE}, {weekday.SMALLEST})) - {BASE})"
    off = f"({VALUE} - {SHARE_EXPECTED})"
    recent = f"({SHARE_PAST}{_SIX_DAYS} - {PAIR} group_left () {SHARE_EXPECTED})"
    yield Recording(EXPECTED, _either(f"exp({BASE}) and {VALUE}", f"{SHARE_EXPECTED} and {VALUE}"))
    yield Recording(ROWS_BEHIND, f"sum {BY} ({rows})")
    yield Recording(PRIOR, f"({SHARE_EXPECTED} * {ROWS_BEHIND} + {hits}) / ({ROWS_BEHIND} + {least})")
    yield Recording(OBSERVED, _either(_observed_volume(), _observed_share()))
    yield Recording(LEAST, _either(f"{BASE} * 0 + {limit('min_spread')}", _chance()))
    yield Recording(SPREAD, f"({OBSERVED} > {LEAST}) or {LEAST}")
    yield Recording(LEVEL, _either(_level(f"{RESIDUAL}{_SIX_DAYS}", BASE), _level(recent, SHARE_EXPECTED)))
    yield Recording(SCORE, _either(f"({change} / {SPREAD}) {FINITE}", f"({off} / {SPREAD}) {FINITE}"))
    yield Recording(
        LEVEL_SCORE,
        _either(
            f"(({change} - {LEVEL}) / ({SPREAD} * {weekday.LEVEL_FORECAST})) {FINITE}",
            f"(({off} - {LEVEL}) / {SPREAD}) {FINITE}",
        ),
    )


def _either(volume: str, share: str) -> str:
    return f"{volume}\nor\n{share}"


def _observed_volume() -> str:
    weeks = f"{RESIDUAL}{_WEEKS}"
    return (
        f"{weekday.NORMAL_MAD} * {weekday.FORECAST} * {_quantile(BY, f'abs({weeks})')}\n"
        f"  * ({weekday.RESIDUALS} / count {BY} ({weeks})) ^ {weekday.SHRINK}"
    )


def _observed_share() -> str:
    off = f"abs({SHARE_PAST} - {PAIR} group_left () {SHARE_EXPECTED})"
    count = f"count {BY} ({SHARE_PAST})"
    return f"{weekday.NORMAL_MAD} * {_quantile(BY, off)}\n  * {count} / ({count} - {rates.SMALL_SAMPLE})"


def _chance() -> str:
    today = f"on {DAY} group_left () (1 / ({ROWS_TODAY} > 0))"
    return f"sqrt({PRIOR} * (1 - {PRIOR}) * (1 / {ROWS_BEHIND} + {today}))"


def _level(recent: str, base: str) -> str:
    enough = f"count {BY} ({recent}) >= {weekday.LEAST_RECENT}"
    return f"{_quantile(BY, recent)} and {enough}\nor\n{base} * 0"


def _verdicts() -> Iterator[Recording]:
    armed = f"({_state(state=Readiness.ARMED)} unless {_state(method=Method.AVERAGE)})"
    yield Recording(JUDGED, f"{VALUE} and {PAIR} {armed}")
    reference = f"({EXPECTED} and {JUDGED} or {PREFIX}baseline_avg)"
    yield Recording(
        MUTED,
        f"{VALUE} and {PAIR} {_state(state=Readiness.EMPTY)}\n"
        f"or\n{VALUE} and on {DAY} {_event(Expect.ANY)}\n"
        f"or\n({VALUE} > {reference}) and on {DAY} {_event(Expect.RISE)}",
    )
    yield Recording(DETECTED, _detected())
    yield Recording(CONFIRMED, f"{DETECTED} and (abs({LEVEL_SCORE}) > {limit('level_score')})")


def _detected() -> str:
    change = f"{VALUE} - {EXPECTED}"
    larger = f"(({VALUE} > {EXPECTED}) or {EXPECTED})"
    few = f"({larger} * on {DAY} group_left () {ROWS_TODAY} < {limit('min_count')})"
    shares = f"and {PAIR} {_state(method=Method.RATE)}"
    return "\n".join(
        (
            JUDGED,
            f"and (abs({SCORE}) > {limit('score')})",
            f"and (abs({change}) > {limit('min_change')})",
            f"and (\n{indent(counting(change))}\n)",
            f"unless ({few} {shares})",
            f"unless {MUTED}",
        )
    )


def _state(**labels: str) -> str:
    matching = matchers({label: (value,) for label, value in labels.items()})
    return f"max {BY} (puffy_trend_state{matching})"


def _event(expect: Expect) -> str:
    return f'max by {DAY} (puffy_partition_event_info{{expect="{expect}"}})'


def limit(name: str) -> str:
    """Return a number of each trend's band, as the right side of an operation on days."""
    return f'on {TREND} group_left () max by {TREND} (puffy_trend_limit{{limit="{name}"}})'


def counting(change: str) -> str:
    """Return the changes to a side that counts."""
    return "\nor ".join(
        f"({change} {sign} 0) and on {TREND} {_counts(side)}"
        for sign, side in (("<", Direction.DROP), (">", Direction.RISE))
    )


def _counts(direction: Direction) -> str:
    return f'(max by {TREND} (puffy_trend_direction{{direction="{direction}"}}) == 1)'
