"""Values of a column of dates or times are none; of the event time see ``timestamps_unparseable``."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.unreadable import unreadable
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    for finding in unreadable(case, ("date", "timestamp"), "not dates"):
        if finding.subject != case.feed.raw.event_time:
            yield finding


CAUSE = Cause(
    name="dates_unreadable",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Periods, ages and joins by the column leave those rows out, or are wrong.",
    resolution=("Have the export write the contract's format, and the day exported again.",),
    explains=(),
    detect=_detect,
)
