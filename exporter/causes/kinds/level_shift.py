"""Volumes or shares deviate in one direction for days in a row: their level has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from exporter.causes.carried import carried
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Alert, Kind
from exporter.checks.deviation import side_of
from exporter.checks.units import change_size, trend_words
from exporter.history.detection import Detection, Readiness
from exporter.model import Partition

LEAST_DAYS = 3  # deviating in a row, including the day itself
MOST_DAYS = 14  # to look back
MOSTLY = 0.6  # share of the days since the first that deviate: expectations adapt, so some days may be normal
POINTS = 100


@dataclass(frozen=True, slots=True)
class _Shift:
    """A trend with a new level: since when, on how many days it deviated, and by how much."""

    trend: str
    since: Partition
    days: int
    change: float  # a ratio for volumes, a difference for shares
    volume: bool

    @property
    def words(self) -> str:
        """By how much, in which direction and since when, in words."""
        side = "above" if self.change > 0 else "below"
        size = change_size(self.change) if self.volume else self._points()
        since = f"since {self.since:%m-%d}"
        return f"{trend_words(self.trend)} about {size} {side} the earlier level {since}"

    def _points(self) -> str:
        return f"{abs(self.change) * POINTS:.1f} points"


def _detect(case: Case) -> Iterator[Finding]:
    shifts = [shift for alert in case.alerts for shift in _shift(case, alert.check.trend, alert.check.kind)]
    if not shifts:
        return
    first = max(shifts, key=lambda shift: (shift.days, shift.volume, abs(shift.change), shift.trend))
    own = [shift for shift in shifts if (shift.change > 0) is (first.change > 0)]
    alerts = {alert.check.trend: alert for alert in case.alerts if alert.check.kind is Kind.ANOMALY}
    # Other deviations in the same direction today belong to the new level: they are no separate incidents.
    with_it = [name for name, alert in alerts.items() if first.volume and _goes_with(alert, first)]
    trends = [shift.trend for shift in own]
    others = sorted(trend for trend in trends if trend != first.trend)
    also = f"; also {', '.join(map(trend_words, others))}" if others else ""
    yield Finding(
        title=first.words,
        seen=f"{first.words[0].upper()}{first.words[1:]}, on {first.days} days{also}.",
        evidence={
            "since": first.since.isoformat(),
            "days": first.days,
            "change": round(first.change, 4),
            "trends": ", ".join(sorted(trends)),
        },
        confidence=Confidence.LIKELY,
        side=side_of(first.change, 0.0),
        explains=tuple(alerts[name].check.name for name in dict.fromkeys((*trends, *with_it))),
        breakdown=carried(
            case, [alerts[name] for name in dict.fromkeys((first.trend, *trends))], first.since
        ),
    )


def _goes_with(alert: Alert, shift: _Shift) -> bool:
    """Return whether a volume deviates in the direction in which another one's level has changed."""
    off = alert.deviation
    return alert.check.band.method.of_logarithms and off is not None and off.rises is (shift.change > 0)


def _shift(case: Case, trend: str | None, kind: Kind) -> Iterator[_Shift]:
    """Yield the change of a trend's level, if its detector has seen it deviate for days."""
    if kind is not Kind.ANOMALY or trend is None:
        return
    today, period = case.facts.partition, case.feed.service.period
    sides = {
        day: side
        for back in range(MOST_DAYS)
        if (side := _side(case, day := today - period * back, trend)) is not None
    }
    side = sides.get(today)
    if not side:
        return
    off = sorted(day for day in sides if sides[day] == side)
    begun = [
        day
        for day in off
        if sum(other >= day for other in off) >= MOSTLY * sum(other >= day for other in sides)
    ]
    days = [day for day in off if day >= begun[0]]
    if len(days) >= LEAST_DAYS:
        yield _of_size(case, trend, days)


def _known(case: Case, day: Partition, trend: str) -> tuple[float, Detection] | None:
    """Return a day's value and detection, or ``None`` if no detector was armed."""
    window = case.windows.get(day)
    figures = ((window and window.trends) or {}).get(trend)
    detection = case.detection(trend, day)
    if figures is None or detection is None or detection.readiness is not Readiness.ARMED:
        return None
    return figures.value, detection


def _side(case: Case, day: Partition, trend: str) -> int | None:
    """Return 1 or -1 if a day is outside the normal range, 0 if it is inside, ``None`` if unknown."""
    known = _known(case, day, trend)
    if known is None or known[1].low is None or known[1].high is None:
        return None
    return (known[0] > known[1].high) - (known[0] < known[1].low)


def _of_size(case: Case, trend: str, days: list[Partition]) -> _Shift:
    """Measure a change by its first days: the expected value of later ones has begun to follow."""
    first = [known for day in days[:LEAST_DAYS] if (known := _known(case, day, trend)) is not None]
    volume = first[0][1].method.of_logarithms
    sizes = [
        value / expected - 1 if volume else value - expected
        for value, expected in ((value, detection.expected) for value, detection in first)
        if expected is not None and (expected or not volume)  # only a ratio needs more than zero
    ]
    return _Shift(trend, days[0], len(days), median(sizes) if sizes else 0.0, volume)


CAUSE = Cause(
    name="level_shift",
    layer=Layer.LEVEL,
    severity=None,
    owner="analytics",
    impact="If permanent, comparisons with earlier weeks mislead; if not, several days in a row are wrong.",
    resolution=(
        "Ask what changed on that day: a release, a campaign, consent, an added or removed source.",
        "If it is permanent, acknowledge it with --new-level: later days are then compared with it.",
    ),
    explains=("anomaly_*",),
    detect=_detect,
)
