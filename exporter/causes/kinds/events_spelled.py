"""Event names are spelled differently: in capitals, with spaces or with hyphens."""

from collections.abc import Iterator, Mapping

from exporter.causes.about import LEAST_DAYS, listed
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.spelling import spellings
from exporter.checks.units import percentage
from exporter.profiling.order_tally import orders_of
from exporter.profiling.orders import CHECKOUT

MOST_NAMES = 3
ORDERS = ("no_orders", "revenue_gap", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue")


def gone(case: Case) -> Mapping[str, float]:
    """Return the usual rows of each event that occurred every day and is gone."""
    changes = case.facts.changes
    if changes is None:
        return {}
    lost = {} if changes.lost_orders is None else {CHECKOUT: changes.lost_orders}
    return {**changes.vanished, **lost}


def spelled(case: Case) -> Mapping[str, str]:
    """Return the known name that each new one spells differently, whether that is gone or not."""
    changes = case.facts.changes
    if changes is None:
        return {}
    every_day = [set(orders.events) for day in case.profiles() if (orders := orders_of(day)) is not None]
    known = set.intersection(*every_day) if len(every_day) >= LEAST_DAYS else set()
    return spellings(sorted({*gone(case), *known} - set(changes.appeared)), changes.appeared)


def _detect(case: Case) -> Iterator[Finding]:
    found, changes, raw = spelled(case), case.facts.changes, case.raw
    if not found or changes is None or raw is None:
        return
    names = sorted(set(found.values()))
    each = sorted(found, key=lambda new: (found[new], -changes.appeared[new], new))
    pairs = listed([f"{new} for {found[new]}" for new in each], MOST_NAMES)
    rows = sum(changes.appeared[new] for new in found)
    many = len(names) > 1
    what = f"{len(names)} event{'s' * many} {'are' if many else 'is'} spelled differently"
    orders = orders_of(raw)
    partly = orders is not None and any(name in orders.events and name not in gone(case) for name in names)
    yield Finding(
        title=f"{what}{f' in {percentage(rows / raw.rows)} of rows' if partly else ''}: {pairs}",
        seen=f"{rows:,} of {raw.rows:,} rows spell {len(names)} event name{'s' * many} differently "
        f"from every day before: {pairs}.",
        subject=", ".join(names),
        evidence={"rows": rows, "spelled": pairs},
        likely_fix="Have the tag send the old names, or add the new ones to the DQ step and the contract.",
        explains=(
            "event_vanished",
            *(("event_appeared",) if set(found) == set(changes.appeared) else ()),
            *(ORDERS if CHECKOUT in names else ()),
        ),
    )


CAUSE = Cause(
    name="events_spelled",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Figures based on the events' names miss those rows.",
    resolution=("Check the tag's last release, and have the old event names restored.",),
    explains=("event_vanished", "event_appeared", *ORDERS),
    detect=_detect,
)
