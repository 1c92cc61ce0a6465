"""Recording rules: ``history.verdict`` in PromQL, for trends with an armed detector.

A detector's expected value and interval are the exporter's series; whether a value is
outside, in a direction that counts and on a day without an exception, is decided here.
"""

from collections.abc import Iterator

from exporter.history.detection import Expect, Method, Readiness
from exporter.history.trend import Direction
from exporter.rules.names import BY, DAY, PREFIX, TREND, TREND_DAY
from exporter.rules.promql import indent, matchers
from exporter.rules.rule import Recording

VALUE = f"{PREFIX}value"
LOWER, UPPER, LEVEL_SCORE, STATE, CHANCE = (
    f"{PREFIX}{name}" for name in ("lower", "upper", "level_score", "state", "chance")
)
DETECTED, CONFIRMED, MUTED, JUDGED = (
    f"{PREFIX}{name}" for name in ("detected", "confirmed", "muted", "judged")
)
PAIR = f"on {TREND_DAY}"


def detectors() -> Iterator[Recording]:
    """Yield the rules in order of dependency."""
    yield _exported(LOWER, "puffy_trend_lower")
    yield _exported(UPPER, "puffy_trend_upper")
    yield _exported(LEVEL_SCORE, 'puffy_trend_score{after="level"}')
    yield _exported(CHANCE, "puffy_trend_chance")
    yield _exported(STATE, "puffy_trend_state", "method", "state")
    armed = f"({_state(state=Readiness.ARMED)} unless {_state(method=Method.AVERAGE)})"
    yield Recording(JUDGED, f"{VALUE} and {PAIR} {armed}")
    yield Recording(MUTED, _muted())
    yield Recording(DETECTED, _detected())
    yield Recording(CONFIRMED, f"{DETECTED} and (abs({LEVEL_SCORE}) > {limit('level_score')})")


def _exported(record: str, series: str, *labels: str) -> Recording:
    """Return the rule that copies the exporter's series for judged days."""
    by = ", ".join(("feed", "metric", "partition", *labels))
    return Recording(record, f"max by ({by}) ({series} and {PAIR} {VALUE})")


def _muted() -> str:
    rises = f"(({VALUE} > {UPPER}) and {JUDGED} or ({VALUE} > {PREFIX}baseline_avg) unless {JUDGED})"
    return (
        f"{VALUE} and {PAIR} {_state(state=Readiness.EMPTY)}\n"
        f"or\n{VALUE} and on {DAY} {_event(Expect.ANY)}\n"
        f"or\n{rises} and on {DAY} {_event(Expect.RISE)}"
    )


def _detected() -> str:
    outside = "\n".join(
        (
            f"({VALUE} < {LOWER}) and on {TREND} {_counts(Direction.DROP)}",
            f"or ({VALUE} > {UPPER}) and on {TREND} {_counts(Direction.RISE)}",
        )
    )
    return f"{JUDGED}\nand (\n{indent(outside)}\n)\nunless {MUTED}"


def _state(**labels: str) -> str:
    matching = matchers({label: (value,) for label, value in labels.items()})
    return f"max {BY} ({STATE}{matching})"


def _event(expect: Expect) -> str:
    return f'max by {DAY} (puffy_partition_event_info{{expect="{expect}"}})'


def limit(name: str) -> str:
    """Return a limit of each trend's band, as the right side of an operation on days."""
    return f'on {TREND} group_left () max by {TREND} (puffy_trend_limit{{limit="{name}"}})'


def counting(change: str) -> str:
    """Return the changes in a direction that counts."""
    return "\nor ".join(
        f"({change} {sign} 0) and on {TREND} {_counts(side)}"
        for sign, side in (("<", Direction.DROP), (">", Direction.RISE))
    )


def _counts(direction: Direction) -> str:
    return f'(max by {TREND} (puffy_trend_direction{{direction="{direction}"}}) == 1)'
