"""Names of recorded series that more than one part of the rules speaks of."""

PREFIX = "partition:puffy_trend:"
SAMPLE = "member:puffy_trend:value"  # of every exposed partition, those before the window included
BY = "by (metric, partition)"
