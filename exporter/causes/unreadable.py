"""Columns whose values cannot be read as their type: what the causes of each type share."""

from collections.abc import Collection, Iterator
from functools import partial

from exporter.causes.about import about, listed, most
from exporter.causes.cause import Case, Finding
from exporter.checks.units import percentage
from exporter.model import Profile

MOST_SHAPES = 2
LEAST_SHARE = 0.001
TIMES = 5  # more than on any day before


def unreadable(case: Case, types: Collection[str], how: str) -> Iterator[Finding]:
    """Yield columns of some types with many values that cannot be read, with what they look like."""
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    for name, figures in raw.figures.items():
        count = _unreadable(name, raw)
        before = most(case, partial(_unreadable_share, name)) or 0.0
        if figures.type not in types or count < max(1, max(LEAST_SHARE, TIMES * before) * raw.good_rows):
            continue
        largest = sorted(figures.shapes.items(), key=lambda one: (-one[1], one[0]))
        shapes = listed([shape for shape, _ in largest], MOST_SHAPES)
        share = percentage(count / raw.good_rows)
        yield Finding(
            title=f"{share} of {name} values are {how}: they look like {shapes}",
            seen=f"{count:,} of {raw.good_rows:,} values of {name} are {how}: they look like {shapes}.",
            subject=name,
            evidence={"rows": raw.good_rows, "unreadable": count, "shapes": shapes},
            explains=tuple(about(case, (name,))),
        )


def _unreadable(name: str, profile: Profile) -> int:
    figures = profile.figures.get(name)
    return 0 if figures is None else sum(figures.shapes.values())


def _unreadable_share(name: str, day: Profile) -> float:
    return _unreadable(name, day) / max(1, day.good_rows)
