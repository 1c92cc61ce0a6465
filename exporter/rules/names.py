"""Names of recorded series, and labels to join by, that more than one part of the rules speaks of.

Series of earlier exporters have no label ``feed``: PromQL takes that for an empty one, so the joins hold.
"""

PREFIX = "partition:puffy_trend:"
SAMPLE = "member:puffy_trend:value"  # of every exposed partition, those before the window included
BASELINE = f"{PREFIX}baseline"

DAY = "(feed, partition)"
TREND = "(feed, metric)"
TREND_DAY = "(feed, metric, partition)"
BY = f"by {TREND_DAY}"
