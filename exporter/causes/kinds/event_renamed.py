"""An event is gone and a new one occurs about as often."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.kinds.events_spelled import gone, spelled
from exporter.profiling.orders import CHECKOUT

ALIKE = 2.0  # at most this many times as many, or as few
ORDERS = ("no_orders", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue", "revenue_gap")
NAMES = ("event_vanished", "event_appeared")


def _detect(case: Case) -> Iterator[Finding]:
    changes = case.facts.changes
    if changes is None:
        return
    lost, otherwise = gone(case), spelled(case)
    for old, usual in sorted(lost.items()):
        if old in otherwise:
            continue
        alike = [
            (name, rows) for name, rows in changes.appeared.items() if usual / ALIKE <= rows <= usual * ALIKE
        ]
        if not alike:
            continue
        new, rows = min(alike, key=lambda one: (abs(one[1] - usual), one[0]))
        # Only if no other name is gone, or new, is the check for it explained.
        names = {"event_vanished": lost, "event_appeared": changes.appeared}
        explained = tuple(check for check, others in names.items() if len(others) == 1)
        yield Finding(
            title=f"event {old} is gone, {new} is new: renamed?",
            seen=f"No row has the event {old}, usually about {usual:,.0f} a day; {rows:,} rows have {new}, "
            "a new name.",
            subject=old,
            evidence={"gone": old, "usual_rows": usual, "new": new, "rows": rows},
            likely_fix=f"If {new} is the new name of {old}, have the tag changed back, or add it to the DQ "
            "step and the contract.",
            confidence=Confidence.LIKELY,
            explains=(*explained, *(ORDERS if old == CHECKOUT else ())),
        )


CAUSE = Cause(
    name="event_renamed",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Figures based on the event's name drop to zero.",
    resolution=("Check the tag's last release, and have the old event name restored.",),
    explains=(*NAMES, *ORDERS),
    detect=_detect,
    rank=1,
)
