"""The expressions that several dashboards share. Each takes the maximum over instances first: two exporters agree."""

RAW = 'stage="raw"'
START = "max by (partition) (puffy_partition_start_timestamp_seconds)"
DUE = "max by (partition) (puffy_partition_due_timestamp_seconds)"
AS_OF = "scalar(max(puffy_snapshot_as_of_timestamp_seconds))"
HERE = 'max by (partition) (puffy_partition_present{stage="raw"}) == 1'
NEWEST = f"topk(1, {START} and on (partition) ({HERE}))"
DAY_BEFORE = (
    'label_replace(max by (member) (puffy_partition_window_info{lag="1"} and on (partition) '
    f'{NEWEST}), "partition", "$1", "member", "(.+)")'
)
STATUS = "max by (partition, check) (puffy_partition_check_status)"


def each(metric: str, *labels: str, keep: str = "") -> str:
    """Return a metric by partition (and ``keep``); labels are matchers such as ``stage="raw"``."""
    by = f"partition, {keep}" if keep else "partition"
    return f"max by ({by}) ({metric}{{{','.join(labels)}}})"


def chosen(metric: str, *labels: str, keep: str = "partition") -> str:
    """Return a metric of the partition chosen on the dashboard."""
    matchers = ",".join(('partition="$partition"', *labels))
    return f"max by ({keep}) ({metric}{{{matchers}}})"


def trend(figure: str, metric: str) -> str:
    """Return a recorded figure of a trend, by partition."""
    return f'max by (partition) (partition:puffy_trend:{figure}{{metric="{metric}"}})'


def newest(expression: str) -> str:
    """Return an expression's value for the newest partition that is here."""
    return f"({expression}) and on (partition) {NEWEST}"


def limit(check: str, severity: str) -> str:
    """Return a configured limit as a level line over all partitions."""
    return f'0 * {START} + on () group_left () max(puffy_check_threshold{{check="{check}",severity="{severity}"}})'


def edge(metric: str, sign: str) -> str:
    """Return the highest (``+``) or lowest (``-``) value that is no anomaly, by whatever judges the day."""
    return trend("upper" if sign == "+" else "lower", metric)
