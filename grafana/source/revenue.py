"""Revenue and commerce, in event time."""

from frame import Board, Shelf
from panels import bars_by, lines
from parts import RED, YELLOW, band, dashed
from promql import START, each, limit
from trends import EDGES, followed

_stages = {stage: f'stage="{stage}"' for stage in ("raw", "clean")}

REVENUE = Board(
    uid="puffy-revenue",
    title="Puffy: revenue and commerce",
    description="What the shop earned by day, what is lost between raw and clean, and which orders are broken.",
    shelves=[
        Shelf(
            10,
            [
                (
                    lines(
                        "Raw revenue",
                        "Revenue of all checkouts by day, its 7-day average, and the band outside which it is an anomaly. Decides whether a change is real or a data fault.",
                        START,
                        followed("revenue"),
                        "short",
                        looks=band(*EDGES),
                    ),
                    12,
                ),
                (
                    lines(
                        "Revenue lost between raw and clean",
                        "Share of raw revenue that is not in the clean file, and the limits of check revenue_gap. Decides whether reports on clean data are valid.",
                        START,
                        {
                            "lost": f"abs({each('puffy_partition_revenue_gap_ratio')})",
                            "warning above": limit("revenue_gap", "warning"),
                            "critical above": limit("revenue_gap", "critical"),
                        },
                        "percentunit",
                        looks={"warning above": dashed(YELLOW), "critical above": dashed(RED)},
                    ),
                    12,
                ),
            ],
        ),
        Shelf(
            9,
            [
                (
                    lines(
                        "Checkouts",
                        "Raw checkouts by day, their 7-day average, and the band outside which they are an anomaly. Decides whether orders are missing.",
                        START,
                        followed("checkouts"),
                        "short",
                        looks=band(*EDGES),
                    ),
                    12,
                ),
                (
                    lines(
                        "Revenue per checkout",
                        "Mean revenue of a checkout, raw and clean. Decides whether amounts are broken: it falls while the number of orders does not.",
                        START,
                        {
                            name: f"{each('puffy_partition_revenue', label)} / ({each('puffy_partition_checkouts', label)} > 0)"
                            for name, label in _stages.items()
                        },
                        "short",
                    ),
                    12,
                ),
            ],
        ),
        Shelf(
            9,
            [
                (
                    bars_by(
                        "Broken orders by defect",
                        "Raw checkout rows by defect; any warns, a missing transaction id pages. Decides which part of the order tag to fix.",
                        each("puffy_partition_checkout_defects", 'stage="raw"', keep="defect") + " > 0",
                        "short",
                        label="defect",
                    ),
                    12,
                ),
                (
                    bars_by(
                        "Funnel by day",
                        "Raw rows by event name. Decides at which step of the funnel events are lost.",
                        each("puffy_partition_events", 'stage="raw"', keep="event_name"),
                        "short",
                        label="event_name",
                    ),
                    12,
                ),
            ],
        ),
    ],
)
