"""The expressions that several dashboards share. Each takes the maximum over instances first: two exporters agree."""

from exporter.rules.ranking import worst_first

RAW = 'stage="raw"'
START = "max by (partition) (puffy_partition_start_timestamp_seconds)"
DUE = "max by (partition) (puffy_partition_due_timestamp_seconds)"
AS_OF = "scalar(max(puffy_snapshot_as_of_timestamp_seconds))"
HERE = 'max by (partition) (puffy_partition_present{stage="raw"}) == 1'
NEWEST = f"topk(1, {START} and on (partition) ({HERE}))"
NEWEST_DUE = f"topk(1, {START} and on (partition) ({DUE} <= {AS_OF}))"
OVERDUE = (
    f'max by (partition) (puffy_partition_present{{stage="raw"}}) == 0 and on (partition) ({DUE} <= {AS_OF})'
)
STATUS = "max by (partition, check) (puffy_partition_check_status)"
WORST = "max by (partition) (puffy_partition_check_status)"
HELD = "max by (partition) (puffy_gate_hold) == 1"
INCIDENT_OPEN = "max by (incident) (puffy_incident_open)"
INCIDENT_ENDED = "max by (incident, why) (puffy_incident_ended_timestamp_seconds)"


def _worded_incidents() -> str:
    """Return every incident with its texts as labels; the value sorts worst first, then oldest first."""
    ranked = worst_first(
        lambda severity: f'max by (incident, severity, owner) (puffy_incident_open{{severity="{severity}"}})',
        "incident",
    )
    words = "max by (incident, headline, next, since, runbook) (puffy_incident_info)"
    return (
        f"(({ranked})"
        f" * on (incident) group_left (headline, next, since, runbook) topk by (incident) (1, {words}))"
    )


INCIDENT_WORDS = _worded_incidents()


def each(metric: str, *labels: str, keep: str = "") -> str:
    """Return a metric by partition (and ``keep``); labels are matchers such as ``stage="raw"``."""
    by = f"partition, {keep}" if keep else "partition"
    return f"max by ({by}) ({metric}{{{','.join(labels)}}})"


def chosen(metric: str, *labels: str, keep: str = "partition") -> str:
    """Return a metric of the partition chosen on the dashboard."""
    matchers = ",".join(('partition="$partition"', *labels))
    return f"max by ({keep}) ({metric}{{{matchers}}})"


def trend(figure: str, metric: str) -> str:
    """Return a figure of a trend, by partition: the exporter's own, which exists for all days of the window."""
    return f'max by (partition) (puffy_trend_{figure}{{metric="{metric}"}})'


def trend_value(metric: str) -> str:
    """Return a trend's value, by partition, for judged days only."""
    return f'max by (partition) (puffy_trend_value{{metric="{metric}"}} and puffy_trend_baseline_members{{metric="{metric}"}})'


def newest(expression: str) -> str:
    """Return an expression's value for the newest partition that has arrived."""
    return f"({expression}) and on (partition) {NEWEST}"


def limit(check: str, severity: str) -> str:
    """Return a configured limit as a level line over all partitions."""
    return f'0 * {START} + on () group_left () max(puffy_check_threshold{{check="{check}",severity="{severity}"}})'


def edge(metric: str, sign: str) -> str:
    """Return the highest (``+``) or lowest (``-``) value that is not an anomaly, by the method that judges the day."""
    return trend("upper" if sign == "+" else "lower", metric)
