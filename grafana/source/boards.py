"""All dashboards, in reading order."""

from freshness import FRESHNESS
from health import HEALTH
from overview import OVERVIEW
from partition import PARTITION
from revenue import REVENUE
from trends import TRENDS

BOARDS = (OVERVIEW, PARTITION, REVENUE, TRENDS, FRESHNESS, HEALTH)
