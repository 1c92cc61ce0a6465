"""Whether one deviation explains another: in the same direction, and about as much."""

import math
from dataclasses import replace

import pytest
from check_cases import FIRING
from test_checks_judge import found, subject

from exporter.checks.check import Alert, Kind
from exporter.checks.deviation import Deviation
from exporter.checks.held import told_of


def off(value: float, limit: float = 90.0, expected: float | None = 100.0) -> Deviation:
    """Return a deviation whose interval is 10 percent wide."""
    return Deviation(value, limit, expected)


def test_a_value_rises_above_its_interval_or_falls_below() -> None:
    """The edge says which."""
    assert off(120.0, 110.0).rises
    assert not off(50.0).rises


@pytest.mark.parametrize(
    ("value", "expected", "ratio"),
    [
        (50.0, 100.0, 0.5),
        (50.0, None, None),
        (50.0, 0.0, None),
        (0.0, 100.0, None),
        (-5.0, 100.0, None),
        (5.0, -1.0, None),
    ],
)
def test_a_ratio_needs_two_positive_values(value: float, expected: float | None, ratio: float | None) -> None:
    """Otherwise no proportion can be told."""
    assert off(value, expected=expected).ratio == ratio


@pytest.mark.parametrize(
    ("limit", "expected", "reach"),
    [
        (50.0, 100.0, math.log(2)),
        (200.0, 100.0, math.log(2)),
        (0.0, 100.0, math.inf),
        (-1.0, 100.0, math.inf),
        (50.0, None, math.inf),
        (50.0, 0.0, math.inf),
        (50.0, -1.0, math.inf),
    ],
)
def test_the_reach_is_the_intervals_half_width_in_logarithms(
    limit: float, expected: float | None, reach: float
) -> None:
    """An interval down to nothing reaches forever."""
    assert off(10.0, limit, expected).reach == pytest.approx(reach)


@pytest.mark.parametrize(
    ("one", "other", "follows"),
    [
        (off(50.0), off(50.0), True),
        (off(50.0), off(40.0), True),
        (off(50.0), off(30.0), False),  # beyond twice what both intervals allow
        (off(30.0), off(50.0), False),
        (off(50.0), off(120.0, 110.0), False),  # the other way
        (off(0.0), off(50.0), False),  # gone altogether is no half
        (off(50.0), off(0.0), False),
        (off(0.0), off(0.0), False),
        (off(50.0, expected=None), off(30.0), True),  # nobody can tell
        (off(50.0), off(30.0, expected=None), True),
        (off(30.0), off(50.0, 1.0), False),
    ],
)
def test_a_deviation_follows_from_another_in_proportion(
    one: Deviation, other: Deviation, *, follows: bool
) -> None:
    """With room for the noise of both."""
    assert one.follows(other) is follows


def test_in_proportion_is_within_twice_the_reach_of_both() -> None:
    """Of two equal intervals that is 2.8 times the reach of one."""
    room = 2 * math.sqrt(2) * math.log(100 / 90)
    assert off(50.0).follows(off(50.0 * math.exp(-0.999 * room)))
    assert not off(50.0).follows(off(50.0 * math.exp(-1.001 * room)))


def breach(name: str, **changes: object) -> Alert:
    """Return what a check finds on the first day on which it fires."""
    alert = found(subject(FIRING[name][0][0], **changes), name)  # type: ignore[arg-type]
    assert alert is not None
    return alert


def test_a_finding_that_holds_the_load_says_what_releases_it() -> None:
    """Unless somebody has acknowledged it, or it holds nothing."""
    assert told_of(breach("schema_mismatch")) == (
        "Load of 2025-03-05 is held. "
        "To release it: puffy-exporter gate ack 2025-03-05 --by NAME --reason TEXT"
    )
    assert told_of(breach("schema_mismatch", alertable=False)) is not None
    assert told_of(breach("schema_mismatch", acknowledged=frozenset({"schema_mismatch"}))) is None
    assert told_of(breach("partition_late")) is None


def test_a_blocking_check_holds_the_load_at_its_worst_limit_only() -> None:
    """A warning of it does not."""
    assert [alert.blocks for alert in (breach("schema_mismatch"), breach("partition_late"))] == [True, False]
    check = breach("reject_ratio").check
    blocking = replace(check, blocking=True)
    assert [blocking.blocks_at(severity) for severity in check.severities] == [True, False]
    assert [severity.value for severity in check.severities] == ["critical", "warning"]
    assert not any(check.blocks_at(severity) for severity in check.severities)


def test_a_breach_follows_from_one_that_explains_its_check() -> None:
    """An anomaly only in proportion; from a breach of a limit in any case."""
    cause, effect = breach("schema_mismatch"), breach("reject_ratio")
    explaining = replace(cause, check=replace(cause.check, explains=("reject_ratio",)))
    assert effect.follows_from(explaining)
    assert not effect.follows_from(replace(cause, check=replace(cause.check, explains=())))
    assert not explaining.follows_from(effect)
    assert cause.deviation is None

    def anomaly(value: float) -> Alert:
        check = replace(effect.check, kind=Kind.ANOMALY, explains=("reject_ratio",))
        return replace(effect, check=check, value=value, limit=90.0, expected=100.0)

    assert anomaly(50.0).deviation == off(50.0)
    assert anomaly(50.0).follows_from(anomaly(50.0))
    assert not anomaly(10.0).follows_from(anomaly(80.0))
    assert anomaly(10.0).follows_from(explaining)
    assert effect.follows_from(anomaly(10.0))
