"""A column has the same value in every row that has one, unlike on any day before."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import LEAST_DAYS, computed_from, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds.category_recoded import categories, is_release
from exporter.checks.check import Severity
from exporter.model import Profile

LEAST_ROWS = 50
LEAST_SHARE = 0.05  # of rows with a value
DATES = "a date without a time"  # of one day, they are all the same


def _distinct(name: str, profile: Profile) -> float | None:
    figures = profile.figures.get(name)
    return None if figures is None else figures.numbers.get("distinct_values")


def _lacks_time(name: str, raw: Profile) -> bool:
    """Return whether it is the event time, cut off to the date."""
    return name == raw.event_time and DATES in raw.timestamp_shapes


def _detect(case: Case) -> Iterator[Finding]:
    raw, before = case.raw, case.profiles()
    if raw is None or raw.good_rows < LEAST_ROWS or len(before) < LEAST_DAYS:
        return
    releases = {name for name, values, days in categories(raw, before) if is_release(values, days)}
    for name, rows in {**raw.constants, **raw.unread}.items():
        if rows < max(LEAST_ROWS, LEAST_SHARE * raw.good_rows) or _lacks_time(name, raw):
            continue
        column = case.feed.raw.column(name)
        varied = [day for day in before if name in day.columns and day.good_rows >= LEAST_ROWS]
        constant = [name in day.constants or name in day.unread for day in varied]
        if column is None or len(constant) < LEAST_DAYS or any(constant):
            continue
        if name in releases:
            continue
        distinct = usual(case, partial(_distinct, name))
        many = "" if distinct is None else f": 1 distinct value, usually about {distinct:,.0f}"
        whole = rows == raw.good_rows
        same = (
            f"All {rows:,} rows have the same {name}"
            if whole
            else f"The {rows:,} of {raw.good_rows:,} rows with a value of {name} all have the same one"
        )
        yield Finding(
            title=f"{name} is the same in every row{'' if whole else ' that has one'}",
            seen=f"{same}{many}; no normal day before was like this.",
            subject=name,
            evidence={"rows": raw.good_rows, "same": rows, "column": name},
            explains=tuple(computed_from(case, (name,))),
        )


CAUSE = Cause(
    name="column_constant",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Counts and joins by the column are wrong for the whole day.",
    resolution=("Find the step that sets the column to a fixed value, and have the day exported again.",),
    explains=(),
    detect=_detect,
)
