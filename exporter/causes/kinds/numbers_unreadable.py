"""Values of a numeric column are not numbers."""

from collections.abc import Iterator

from exporter.causes.about import unreadable
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    return unreadable(case, ("number", "integer"), "not numbers")


CAUSE = Cause(
    name="numbers_unreadable",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums and means of the column leave those rows out.",
    resolution=("Have the export write plain numbers with a decimal point, and the day exported again.",),
    explains=(),
    detect=_detect,
)
