"""Revenue and commerce, in event time."""

from frame import Board, Shelf
from overview import followed
from panels import bars, bars_by, lines
from parts import RED, YELLOW, band, dashed
from promql import START, each, limit

_edges = ("band, low", "band, high")
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
                        "Revenue of all checkouts by partition, 7-day average, and the band outside which it is an anomaly.",
                        START,
                        followed("revenue"),
                        "short",
                        looks=band(*_edges),
                    ),
                    12,
                ),
                (
                    lines(
                        "Clean revenue",
                        "Revenue that survives the DQ step, 7-day average, and its band.",
                        START,
                        followed("clean_revenue"),
                        "short",
                        looks=band(*_edges),
                    ),
                    12,
                ),
            ],
        ),
        Shelf(
            9,
            [
                (
                    bars(
                        "Raw beside clean revenue",
                        "A clean bar that is shorter than the raw one is revenue that no dashboard downstream sees.",
                        {name: each("puffy_partition_revenue", label) for name, label in _stages.items()},
                        "short",
                    ),
                    12,
                ),
                (
                    lines(
                        "Revenue lost between raw and clean",
                        "Share of raw revenue that is not in the clean file, and the limits of check revenue_gap.",
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
                        "Raw checkouts by partition, 7-day average, and the band outside which they are an anomaly.",
                        START,
                        followed("checkouts"),
                        "short",
                        looks=band(*_edges),
                    ),
                    12,
                ),
                (
                    lines(
                        "Revenue per checkout",
                        "Mean revenue of a checkout, raw and clean; a fall without fewer orders means broken amounts.",
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
                        "Raw checkout rows by defect; any warns, a missing transaction id pages.",
                        each("puffy_partition_checkout_defects", 'stage="raw"', keep="defect") + " > 0",
                        "short",
                        label="defect",
                    ),
                    12,
                ),
                (
                    bars_by(
                        "Events by name",
                        "Raw rows by event name: the funnel's shape from day to day.",
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
