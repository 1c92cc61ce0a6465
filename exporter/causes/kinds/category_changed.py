"""A category has a value that is new, or lacks one that every day before had."""

from collections.abc import Iterator, Sequence

from exporter.causes.about import about, listed
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds.category_recoded import (
    LEAST_ROWS,
    Values,
    categories,
    gone_values,
    is_recoded,
    new_values,
)
from exporter.model import Profile

NEW_SHARE = 0.01
MOST_NAMES = 3


def frequent_new(raw: Profile, values: Values, before: Sequence[Values]) -> list[str]:
    """Return the new values that are not rare."""
    least = max(LEAST_ROWS, NEW_SHARE * raw.rows)
    return [value for value in new_values(values, before) if values[value] >= least]


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.rows:
        return
    for name, values, before in categories(raw, case.profiles()):
        new = frequent_new(raw, values, before)
        gone = gone_values(values, before)
        if is_recoded(values, before) or not (new or gone):
            continue
        rows = sum(values[value] for value in new)
        parts = [
            f"{listed(names, MOST_NAMES)} {'is' if len(names) == 1 else 'are'} {what}"
            for names, what in ((gone, "gone"), (new, "new"))
            if names
        ]
        which = "it" if len(gone) == 1 else "them"
        counted = f"none of {raw.rows:,} rows has {which}, unlike on every day before"
        if new:
            counted = f"{rows:,} of {raw.rows:,} rows have a new value"
        yield Finding(
            title=f"{name}: {', '.join(parts)}",
            seen=f"{name}: {', '.join(parts)}; {counted}.",
            subject=name,
            evidence={"rows": raw.rows, "new": ", ".join(new), "gone": ", ".join(gone)},
            explains=tuple(about(case, (name,))),
        )


CAUSE = Cause(
    name="category_changed",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="Reports grouped by the column have a new group, or lack one.",
    resolution=("Find the release that changed the values; add them to the contract if they are permanent.",),
    explains=(),
    detect=_detect,
    rank=3,
)
