"""A column of many different values has one value, or few, in many rows, unlike on any day before."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from exporter.causes.about import LEAST_DAYS, about, most, usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile
from exporter.profiling.looks import FULLEST, VALUES

LEAST_ROWS = 50
LEAST_SAME = 20  # rows with the same value
LEAST_SHARE = 0.1  # of values that are the same
ADDED = 0.5  # of the rows with that value are more than a day usually has
TIMES = 4  # more than on any day before
MANY = 0.5  # of values that are distinct in a column of identifiers
FALL = 0.8  # of the least of the days before
WHOLE_ROWS = frozenset(("rows_twice", "values_misplaced"))  # deeper, and about all columns
TEXTS = frozenset(("text", "integer"))


def _same(name: str, profile: Profile) -> float | None:
    """Return the share of values that are one at most, without words for no value."""
    look = profile.looks.get(name)
    if look is None or not look.get(VALUES):
        return None
    words = profile.missing.get(name, 0) - (profile.good_rows - look[VALUES])  # they may be the same one
    return max(0, look[FULLEST] - max(0, words)) / look[VALUES]


def _distinct(name: str, profile: Profile) -> float | None:
    """Return distinct values per value."""
    figures = profile.figures.get(name)
    if figures is None or figures.type not in TEXTS or "distinct_values" not in figures.numbers:
        return None
    values = profile.good_rows - figures.numbers.get("missing_rows", 0)
    return _count(name, profile) / values if values >= LEAST_ROWS else None


def _detect(case: Case) -> Iterator[Finding]:
    raw, before = case.raw, case.profiles()
    if raw is None or raw.good_rows < LEAST_ROWS or len(before) < LEAST_DAYS:
        return
    if any(cause.name in WHOLE_ROWS for cause in case.found):
        return
    for column in case.feed.raw.columns:
        name = column.name
        yield from _one_value(case, raw, name)
        yield from _fewer(case, raw, name)


def _one_value(case: Case, raw: Profile, name: str) -> Iterator[Finding]:
    share, usually = _same(name, raw), most(case, partial(_same, name))
    if share is None or usually is None or share < max(LEAST_SHARE, TIMES * usually):
        return
    values, rows = raw.looks[name][VALUES], usual(case, lambda day: day.rows)
    same = share * values
    # Rows in addition to a whole day are one visitor's, such as a crawler's, rather than a wrong value.
    if same < LEAST_SAME or (rows is not None and raw.rows - rows > ADDED * same):
        return
    yield Finding(
        title=f"about {share:.0%} of {name} values are one and the same",
        seen=f"About {same:,.0f} of {values:,} values of {name} are one and the same, usually "
        f"{percentage(usually)} at most.",
        subject=name,
        evidence={"values": values, "same_share": share, "most_before": usually},
        confidence=Confidence.LIKELY,
        explains=tuple(about(case, (name,))),
    )


def _fewer(case: Case, raw: Profile, name: str) -> Iterator[Finding]:
    share = _distinct(name, raw)
    before = [day for day in case.profiles() if _distinct(name, day) is not None]
    if share is None or len(before) < LEAST_DAYS:
        return
    shares, counts = [_distinct(name, day) or 0.0 for day in before], [_count(name, day) for day in before]
    distinct = _count(name, raw)
    # More rows of the same customers lower the share, but not the number.
    if min(shares) < MANY or share > FALL * min(shares) or distinct > FALL * min(counts):
        return
    values, normal = distinct / share, median(counts)
    yield Finding(
        title=f"{name} has far fewer distinct values than usual",
        seen=f"{values:,.0f} values of {name} are {distinct:,.0f} distinct ones, usually "
        f"about {normal:,.0f}.",
        subject=name,
        evidence={"values": round(values), "distinct": distinct, "usual": normal},
        explains=tuple(about(case, (name,))),
    )


def _count(name: str, profile: Profile) -> float:
    return profile.figures[name].numbers["distinct_values"]


CAUSE = Cause(
    name="values_repeated",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Counts and joins by the column are wrong for those rows.",
    resolution=("Find the rows that share the value, and the release or job that wrote it.",),
    explains=(),
    detect=_detect,
    rank=2,
)
