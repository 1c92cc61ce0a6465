"""Names of recorded series, and labels for joins, used in several parts of the rules.

Series of earlier exporters have no label ``feed``: PromQL treats it as empty, so the joins work.
"""

PREFIX = "partition:puffy_trend:"
SAMPLE = "member:puffy_trend:value"  # of every partition in the windows of those that may alert
BASELINE = f"{PREFIX}baseline"
CHECKED = "partition:puffy_check:value"  # the value of a check of the catalogue
ALERTABLE = "partition:puffy_check:alertable"

DAY = "(feed, partition)"
TREND = "(feed, metric)"
TREND_DAY = "(feed, metric, partition)"
# As given by the exporter: rules on only these days cost the same for any window.
MAY_ALERT = f"(max by {DAY} (puffy_partition_alertable) == 1)"
BY = f"by {TREND_DAY}"
