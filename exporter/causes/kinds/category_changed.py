"""A category has a value that is new, or lacks one that every day before had."""

from collections.abc import Iterator

from exporter.causes.about import about
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.model import ColumnFigures

LEAST_DAYS = 5
LEAST_ROWS = 10
NEW_SHARE = 0.01
MOST_NAMES = 3


def _changes(today: ColumnFigures, before: list[ColumnFigures], rows: int) -> tuple[list[str], list[str]]:
    known = {value for day in before for value in day.values}
    new = [value for value, found in today.values.items() if value not in known and found >= NEW_SHARE * rows]
    every = set.intersection(*({v for v, n in day.values.items() if n >= LEAST_ROWS} for day in before))
    return sorted(new), sorted(every - today.values.keys())


def _detect(case: Case) -> Iterator[Finding]:
    raw, earlier = case.raw, case.profiles()
    if raw is None or raw.rows < LEAST_ROWS / NEW_SHARE:
        return
    for name, figures in raw.figures.items():
        before = [day.figures[name] for day in earlier if name in day.figures]
        if figures.type != "category" or len(before) < LEAST_DAYS:
            continue
        if figures.values_overflow or any(day.values_overflow or not day.values for day in before):
            continue
        new, gone = _changes(figures, before, raw.rows)
        if not (new or gone):
            continue
        rows = sum(figures.values[value] for value in new)
        parts = [
            f"{', '.join(values[:MOST_NAMES])} {'is' if len(values) == 1 else 'are'} {what}"
            for values, what in ((gone, "gone"), (new, "new"))
            if values
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
