"""Names of recorded series, and labels to join by, that more than one part of the rules speaks of.

Series of earlier exporters have no label ``feed``: PromQL takes that for an empty one, so the joins hold.
"""

PREFIX = "partition:puffy_trend:"
SAMPLE = "member:puffy_trend:value"  # of every partition in the windows of those that may alert
BASELINE = f"{PREFIX}baseline"
CHECKED = "partition:puffy_check:value"  # what a check of the catalogue looks at
ALERTABLE = "partition:puffy_check:alertable"

DAY = "(feed, partition)"
TREND = "(feed, metric)"
TREND_DAY = "(feed, metric, partition)"
# As the exporter says it: rules that see only these days cost the same however long the window is.
MAY_ALERT = f"(max by {DAY} (puffy_partition_alertable) == 1)"
BY = f"by {TREND_DAY}"
