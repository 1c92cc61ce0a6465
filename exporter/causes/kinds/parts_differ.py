"""The parts of a day differ in their columns: some were written by another version of the export."""

import re
from collections.abc import Iterable, Iterator

from exporter.causes.about import computed_from
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.feed import Table
from exporter.model import Stage

MOST_NAMES = 3


def _detect(case: Case) -> Iterator[Finding]:
    for stage, known in case.facts.stages.items():
        differing = {} if known.profile is None else known.profile.differing_parts
        if not differing:
            continue
        (name, words), *more = list(differing.items())[:MOST_NAMES]
        rest = len(differing) - 1
        others = "" if not rest else f", and {rest} more {'differ' if rest > 1 else 'differs'}"
        listed = "; ".join(f"{part} {what}" for part, what in [(name, words), *more])
        yield Finding(
            title=f"{stage} parts differ in their columns: {name} {words}{others}",
            seen=f"Not all {stage} parts of the day have the same columns: {listed}. Rows of a part "
            "without a column count as rows without a value in it.",
            subject="" if stage is Stage.RAW else stage.value,
            evidence={"parts": len(differing), "first": name},
            explains=tuple(computed_from(case, _named(case.feed.table(stage), differing.values()))),
        )


def _named(table: Table, words: Iterable[str]) -> tuple[str, ...]:
    """Return the contract's columns named in the differences."""
    said = {name for one in words for name in re.split("lacks |has |, | and ", one)}
    return tuple(column.name for column in table.columns if column.name in said)


CAUSE = Cause(
    name="parts_differ",
    layer=Layer.COLUMNS,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Readers that take the columns of the first part lose values of the others, or fail.",
    resolution=("Have the named parts exported again with the columns of the others.",),
    explains=(),
    detect=_detect,
    rank=1,
)
