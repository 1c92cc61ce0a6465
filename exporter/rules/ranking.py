"""Incidents in PromQL, worst first, for the digest and the dashboards."""

from collections.abc import Callable

from exporter.checks.check import Severity
from exporter.incidents.texts import severity_name

SEVERITIES = tuple(map(severity_name, (*sorted(Severity, key=lambda one: one.rank), None)))
# Seconds that sort one severity after another, whenever its incidents began.
RANK_SECONDS = 100_000_000_000


def worst_first(chosen: Callable[[str], str], labels: str) -> str:
    """Return incidents with a value that sorts them: worst first, then oldest first.

    ``chosen`` selects the incidents of a severity; ``labels`` identify an incident.
    """
    ranked = "\n  or ".join(
        f"0 * ({chosen(severity)}) + {rank * RANK_SECONDS}" for rank, severity in enumerate(SEVERITIES)
    )
    since = f"max by ({labels}) (puffy_incident_since_timestamp_seconds)"
    # An incident whose first day has left the window has no such time, and is the oldest.
    return f"({ranked})\n+ on ({labels}) group_left () {since}\nor {ranked}"
