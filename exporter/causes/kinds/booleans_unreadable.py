"""Values of a column of yes and no are neither."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.unreadable import unreadable
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    return unreadable(case, ("boolean",), "not true or false")


CAUSE = Cause(
    name="booleans_unreadable",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Counts and shares by the column leave those rows out.",
    resolution=("Have the export write true and false, and the day exported again.",),
    explains=(),
    detect=_detect,
)
