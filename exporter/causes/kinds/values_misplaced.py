"""A column has values of another one: addresses, user agents or JSON where usually none are."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from exporter.causes.about import computed_from, listed, most
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile
from exporter.profiling.looks import ADDRESSES, BROWSERS, FORMS, JSON
from exporter.profiling.order_tally import orders_of
from exporter.profiling.shapes import ADDRESS

LEAST_ROWS = 5
LEAST_SHARE = 0.01
MOST_SHOWN = 3
TIMES = 5  # more than on any day before
EVENTS = "event_name"
BEGIN: Mapping[str, tuple[str, ...]] = {
    ADDRESSES: ("http://", "https://"),
    BROWSERS: ("Mozilla/",),
    JSON: ('{"', "{}", "[{"),
}
INSTANTS = "times"
INSTANT = re.compile(r"[12]\d{3}-\d\d-\d\d[T ]\d\d:.*", re.ASCII | re.DOTALL)
FOLLOWS = (
    "unparseable_timestamps",
    "missing_timestamp",
    "out_of_day_rows",
    "silence",
    "reject_ratio",
    "anomaly_reject_ratio",
    "anomaly_missing_timestamp_ratio",
)
MISSING = ("missing_*", "anomaly_missing_*")
OF_EVENTS = (
    "event_appeared",
    "event_vanished",
    "no_orders",
    "missing_event_name",
    "revenue_gap",
    "anomaly_checkouts",
    "anomaly_revenue",
    "anomaly_clean_revenue",
    "anomaly_referrer_null_ratio",
)


def _rows(name: str, form: str, profile: Profile) -> float | None:
    """Return the rows of a column with a form, ``None`` if they were not counted."""
    orders = orders_of(profile)
    if name == profile.event_time:
        return profile.timestamp_shapes.get(ADDRESS, 0) if form == ADDRESSES else None
    if name == EVENTS and orders is not None and form == INSTANTS:
        return sum(rows for event, rows in orders.events.items() if INSTANT.fullmatch(event))
    if name == EVENTS and orders is not None:
        return sum(rows for event, rows in orders.events.items() if event.startswith(BEGIN[form]))
    return None if name not in profile.looks else profile.looks[name].get(form, 0)


def _share(name: str, form: str, profile: Profile) -> float | None:
    rows = _rows(name, form, profile)
    return None if rows is None else rows / max(1, profile.good_rows)


def _found(case: Case, raw: Profile) -> Iterator[tuple[str, str, float]]:
    """Yield columns with a form and their rows. What is rare is only found beside something that is not."""
    for name in dict.fromkeys((*raw.looks, EVENTS, raw.event_time or "")):
        for form in (*FORMS, JSON, INSTANTS):
            rows, before = _rows(name, form, raw), most(case, partial(_share, name, form))
            if rows is None or before is None or rows < LEAST_ROWS:
                continue
            if rows / raw.good_rows > TIMES * before:
                yield name, form, rows


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    found = list(_found(case, raw))
    rows = max((count for _, _, count in found), default=0)
    if rows < LEAST_SHARE * raw.good_rows or not rows:
        return
    columns = tuple(dict.fromkeys(name for name, _, _ in found))
    shown = [f"{count:,.0f} have {form} in {name}" for name, form, count in found]
    title = listed([f"{name} has {form}" for name, form, _ in found], 2)
    events = EVENTS in columns
    with_times = raw.unparseable_timestamps >= rows / 2
    yield Finding(
        title=f"{title} in {percentage(rows / raw.good_rows)} of rows: values of other columns?",
        seen=f"Of {raw.good_rows:,} rows, {listed(shown, MOST_SHOWN)}, usually none: columns are swapped, "
        "or rows shifted.",
        subject=", ".join(columns),
        evidence={"rows": raw.good_rows, **{f"{name}: {form}": count for name, form, count in found}},
        confidence=Confidence.LIKELY,
        explains=(
            *(FOLLOWS if with_times else ()),
            *(OF_EVENTS if events else ()),
            *(MISSING if len(columns) > 1 else ()),  # rows shifted to the right lack the first column's value
            *computed_from(case, columns),
        ),
        ends=events and rows > raw.good_rows / 2,
    )


CAUSE = Cause(
    name="values_misplaced",
    layer=Layer.COLUMNS,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Each figure of those columns is wrong for those rows.",
    resolution=(
        "Compare a row with one of the day before, and have the day exported again with columns in order.",
    ),
    explains=(*FOLLOWS, *OF_EVENTS, *MISSING),
    detect=_detect,
    rank=9,
)
