"""Values of a numeric column are not numbers."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.unreadable import unreadable
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    of_totals = any(cause.name == "row_of_totals" for cause in case.found)  # its label is in such a column
    for finding in unreadable(case, ("number", "integer"), "not numbers"):
        if not (of_totals and finding.evidence["unreadable"] == 1):
            yield finding


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
