"""Values of a numeric column are not numbers."""

import re
from collections.abc import Iterator
from dataclasses import replace

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.unreadable import unreadable
from exporter.checks.check import Severity

NO_NUMBERS, NOT_WHOLE = "are not numbers", "are not whole numbers"
FRACTION = re.compile(r"[+-]?9*\.9+(a[+-]?9+)?|[+-]?9+a[+-]?9+")  # the shapes of numbers with one


def _detect(case: Case) -> Iterator[Finding]:
    of_totals = any(cause.name == "row_of_totals" for cause in case.found)  # its label is in such a column
    for finding in unreadable(case, ("number", "integer"), "not numbers"):
        if not (of_totals and finding.evidence["unreadable"] == 1):
            yield _as_fraction(finding) if _are_fractions(case, finding.subject) else finding


def _are_fractions(case: Case, name: str) -> bool:
    """Return whether all values that an integer column lacks are numbers, though not whole ones."""
    figures = None if case.raw is None else case.raw.figures.get(name)
    return figures is not None and figures.type == "integer" and all(map(FRACTION.fullmatch, figures.shapes))


def _as_fraction(finding: Finding) -> Finding:
    title, seen = (text.replace(NO_NUMBERS, NOT_WHOLE) for text in (finding.title, finding.seen))
    return replace(
        finding,
        title=title,
        seen=seen,
        likely_fix=f"Have {finding.subject} written without decimals, or as a number in the contract.",
    )


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
