"""A day has more or fewer rows than expected, and what is counted in them changed in proportion."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from exporter.causes.carried import carried
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Alert, Kind
from exporter.checks.units import TREND_NOUNS
from exporter.history.verdict import normal

OF_ROWS = ("events", "rows")  # the trends of a feed's raw rows
WIDER = math.sqrt(2)  # than one interval: a ratio has the noise of both volumes


@dataclass(frozen=True, slots=True)
class _Change:
    """A volume outside its interval. ``low`` and ``high`` are its edges as ratios of what is expected."""

    alert: Alert
    ratio: float  # of the value to what is expected
    low: float
    high: float

    @property
    def trend(self) -> str:
        """Its name."""
        return self.alert.check.trend or ""

    @property
    def words(self) -> str:
        """By how much, with its sign."""
        return f"{self.ratio - 1:+.0%}".replace("-", "\N{MINUS SIGN}")

    def follows(self, rows: "_Change") -> bool:
        """Tell whether nothing but the number of rows is needed to explain it."""
        if (self.ratio > 1) is not (rows.ratio > 1):
            return False
        rest = self.ratio / rows.ratio
        return bool(self.low**WIDER <= rest <= self.high**WIDER)


def _detect(case: Case) -> Iterator[Finding]:
    changes = [change for alert in case.alerts if (change := _change(case, alert)) is not None]
    rows = next((change for change in changes if change.trend in OF_ROWS), None)
    if rows is None:
        return
    others = [change for change in changes if change is not rows and change.follows(rows)]
    if not others:
        return
    size = f"{abs(rows.ratio - 1):.0%}"
    names = [TREND_NOUNS.get(change.trend, change.trend.replace("_", " ")) for change in others]
    named = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    also = ", ".join(f"{name} {change.words}" for name, change in zip(names, others, strict=True))
    yield Finding(
        title=f"{size} {'more' if rows.ratio > 1 else 'fewer'} rows than expected, {named} in proportion",
        seen=f"{rows.alert.value:,.0f} rows where {rows.alert.value / rows.ratio:,.0f} were expected "
        f"({rows.words}); {also}.",
        evidence={change.trend: round(change.ratio - 1, 4) for change in (rows, *others)},
        confidence=Confidence.LIKELY,
        explains=tuple(change.alert.check.name for change in (rows, *others)),
        breakdown=carried(case, [change.alert for change in (rows, *others)]),
    )


def _change(case: Case, alert: Alert) -> _Change | None:
    """Return how far a volume is off; ``None`` for a share, or if nothing positive was expected."""
    check, window = alert.check, case.windows.get(case.facts.partition)
    figures = None if check.trend is None else case.trends.get(check.trend)
    if check.kind is not Kind.ANOMALY or figures is None or not check.band.method.of_logarithms:
        return None
    detection = ((window and window.detections) or {}).get(check.trend or "")
    usual = normal(figures, detection, check.band)
    if not usual.expected or usual.expected <= 0 or not usual.low or not usual.high or alert.value <= 0:
        return None
    low, high = max(usual.low, 0.0) / usual.expected, usual.high / usual.expected
    return _Change(alert, alert.value / usual.expected, low, high)


CAUSE = Cause(
    name="volumes_together",
    layer=Layer.LEVEL,
    severity=None,
    owner="data-engineering",
    impact="Totals of the day are off, rates are not: either traffic changed, or rows are lost or doubled.",
    resolution=(
        "Compare the day with the source's own count: if it has more rows, export the day again.",
        "If the count agrees, ask for campaigns and outages of that day.",
    ),
    explains=("anomaly_*",),
    detect=_detect,
    rank=1,
)
