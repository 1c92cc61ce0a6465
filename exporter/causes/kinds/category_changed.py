"""A category has a value that is new, or lacks one that every day before had."""

from collections.abc import Iterator, Sequence

from exporter.causes.about import about, listed
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds.category_recoded import LEAST_ROWS, Values, categories, is_recoded

NEW_SHARE = 0.01
MOST_NAMES = 3


def _changes(today: Values, before: Sequence[Values], rows: int) -> tuple[list[str], list[str]]:
    known = {value for day in before for value in day}
    least = max(LEAST_ROWS, NEW_SHARE * rows)
    new = [value for value, found in today.items() if value not in known and found >= least]
    every = set.intersection(*({v for v, n in day.items() if n >= LEAST_ROWS} for day in before))
    return sorted(new), sorted(every - today.keys())


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.rows:
        return
    for name, values, before in categories(raw, case.profiles()):
        new, gone = _changes(values, before, raw.rows)
        if is_recoded(values, before) or not (new or gone):
            continue
        rows = sum(values[value] for value in new)
        parts = [
            f"{listed(names, MOST_NAMES)} {'is' if len(names) == 1 else 'are'} {what}"
            for names, what in ((gone, "gone"), (new, "new"))
            if names
        ]
        yield Finding(
            title=f"{name}: {', '.join(parts)}",
            seen=f"{name}: {', '.join(parts)}; {rows:,} of {raw.rows:,} rows have a new value.",
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
