"""An event that occurred every day is gone, without a similar new one."""

from collections.abc import Iterator

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds import event_renamed
from exporter.causes.kinds.events_spelled import gone, spelled
from exporter.profiling.orders import CHECKOUT

FEWEST = 0.5  # share of the usual rows
FOLLOWS = ("event_vanished", "unaccounted_rows", "dq_discrepancy")


def _detect(case: Case) -> Iterator[Finding]:
    changes = case.facts.changes
    if changes is None or case.raw is None:
        return
    rows = usual(case, lambda profile: profile.rows)
    if rows is not None and case.raw.rows < FEWEST * rows:  # what is gone is most of the day
        return
    found = event_renamed.renamings(case)
    otherwise = {*spelled(case).values(), *found.pairs, *found.unsure_old}
    for name, before in sorted(gone(case).items()):
        if case.raw.malformed_rows >= FEWEST * before:  # they may be among those
            continue
        if name not in otherwise:
            yield Finding(
                title=f"event {name} is gone",
                seen=f"0 of {case.raw.rows:,} rows are {name} events, usually about {before:,.0f} a day.",
                subject=name,
                evidence={"gone": name, "usual_rows": before, "rows": case.raw.rows},
                explains=(*FOLLOWS, *(event_renamed.ORDERS if name == CHECKOUT else ())),
            )


CAUSE = Cause(
    name="event_gone",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Figures based on the event drop to zero: a step of the funnel is empty.",
    resolution=("Check the tag's last release and the page that sends the event.",),
    explains=(*FOLLOWS, *event_renamed.ORDERS),
    detect=_detect,
    rank=2,
)
