"""Event names are spelled differently: in capitals, with spaces or with hyphens."""

from collections.abc import Iterator, Mapping

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.spelling import respelled
from exporter.profiling.orders import CHECKOUT

MOST_NAMES = 3
EXPLAINS = (
    "event_vanished",
    "event_appeared",
    "no_orders",
    "revenue_gap",
    "anomaly_checkouts",
    "anomaly_revenue",
    "anomaly_clean_revenue",
)


def gone(case: Case) -> Mapping[str, float]:
    """Return the usual rows of each event that occurred every day and is gone."""
    changes = case.facts.changes
    if changes is None:
        return {}
    lost = {} if changes.lost_orders is None else {CHECKOUT: changes.lost_orders}
    return {**changes.vanished, **lost}


def spelled(case: Case) -> Mapping[str, str]:
    """Return the new spelling of each event that is gone."""
    changes = case.facts.changes
    return {} if changes is None else respelled(sorted(gone(case)), changes.appeared)


def _detect(case: Case) -> Iterator[Finding]:
    found, changes = spelled(case), case.facts.changes
    if not found or changes is None or case.raw is None:
        return
    listed = ", ".join(f"{new} for {old}" for old, new in list(found.items())[:MOST_NAMES])
    more = len(found) - MOST_NAMES
    rows = sum(changes.appeared[new] for new in found.values())
    many = len(found) > 1
    yield Finding(
        title=f"{len(found)} event{'s' * many} {'are' if many else 'is'} spelled differently: {listed}"
        + (f" and {more} more" if more > 0 else ""),
        seen=f"{rows:,} of {case.raw.rows:,} rows spell {len(found)} event name{'s' * many} differently "
        f"from every day before: {listed}.",
        subject=", ".join(found),
        evidence={"rows": rows, "spelled": listed},
        likely_fix="Have the tag send the old names, or add the new ones to the DQ step and the contract.",
    )


CAUSE = Cause(
    name="events_spelled",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Figures based on the events' names drop to zero.",
    resolution=("Check the tag's last release, and have the old event names restored.",),
    explains=EXPLAINS,
    detect=_detect,
)
