"""Trends and anomalies: one figure against its own past."""

from frame import Board, Shelf, choice
from overview import followed
from panels import PARTITION_PAGE, clock, grid, lines, listing
from parts import RED, YELLOW, band, dashed
from promql import START, newest, trend

M = "$metric"


def _level(limit: str) -> str:
    """Return a limit of the trend as a level line over all partitions."""
    return f'0 * {START} + on () group_left () max(puffy_trend_limit{{metric="$metric",limit="{limit}"}})'


_starts = "max(puffy_partition_start_timestamp_seconds)"


def _history(figure: str) -> str:
    """Return a figure of the newest partition of each instant.

    Where the exporter runs, it tells which partition is the newest; before that only backfilled samples are
    there, one a day, each at its own time: the look back is a minute short of a day so as to see one only.
    """
    recorded = f'last_over_time(partition:puffy_trend:{figure}{{metric="$metric"}}[23h59m])'
    live = f'(partition:puffy_trend:{figure}{{metric="$metric"}} and on (partition) topk(1, {START} and on (partition) partition:puffy_trend:value{{metric="$metric"}}))'
    return f"max by (metric) ({live}) or max by (metric) ({recorded} unless on () {_starts})"


_anomalies = (
    'max by (partition, check) (puffy_partition_check_status{check=~"anomaly_.*"})'
    f" and on (partition) topk(21, {START})"
)
# Not what lies outside the drawn band, but what the check says: a mute or a side that does not count is its business.
_outside = f'{trend("value", M)} and on (partition) (max by (partition) (puffy_partition_check_status{{check="anomaly_$metric"}}) > 0)'
_outliers = {
    "outside the band": {
        "custom.lineWidth": 0,
        "custom.drawStyle": "points",
        "custom.pointSize": 12,
        "color": {"mode": "fixed", "fixedColor": RED},
    },
}

TRENDS = Board(
    uid="puffy-trends",
    title="Puffy: trends and anomalies",
    description="A trend's value, 7-day average, normal band, scores and changes, in event time.",
    since="now-30d",
    variables=[
        choice(
            "metric",
            "Trend",
            'label_values(partition:puffy_trend:value{feed="$feed"}, metric)',
            "The figure to follow from day to day.",
        )
    ],
    shelves=[
        Shelf(
            11,
            [
                (
                    lines(
                        "$metric by partition",
                        "Value, 7-day average and the band outside which a day is an anomaly: the detector's where it is armed, the 7-day rule's elsewhere. Event time: the partition is the x axis.",
                        START,
                        followed(M) | {"outside the band": _outside},
                        "short",
                        looks=band("band, low", "band, high") | _outliers,
                    ),
                    24,
                )
            ],
        ),
        Shelf(
            9,
            [
                (
                    lines(
                        "Scores",
                        "How many spreads the day is off: by the trend's detector, by what is left of that once the level of the last six days is out, and by the 7-day rule in standard deviations. The limits are score and sigma.",
                        START,
                        {
                            "detector": trend("score", M),
                            "detector, level out": trend("level_score", M),
                            "z-score": trend("zscore", M),
                            "score": _level("score"),
                            "-score": f"-({_level('score')})",
                            "sigma": _level("sigma"),
                            "-sigma": f"-({_level('sigma')})",
                        },
                        "none",
                        looks=dict.fromkeys(("score", "-score"), dashed(RED))
                        | dict.fromkeys(("sigma", "-sigma"), dashed(YELLOW)),
                    ),
                    12,
                ),
                (
                    lines(
                        "Off the baseline",
                        "Distance from the average of the seven days before as a share of it; the limits are max_deviation of the 7-day rule.",
                        START,
                        {
                            "deviation": trend("deviation_ratio", M),
                            "limit": _level("max_deviation"),
                            "-limit": f"-({_level('max_deviation')})",
                        },
                        "percentunit",
                        looks={"limit": dashed(RED), "-limit": dashed(RED)},
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
                        "Change",
                        "Against the day before and against the same day of the week before.",
                        START,
                        {
                            "day over day": trend("day_over_day_ratio", M),
                            "week over week": trend("week_over_week_ratio", M),
                        },
                        "percentunit",
                    ),
                    12,
                ),
                (
                    lines(
                        "Days in the 7-day rule's baseline",
                        "Fewer than four and there is no baseline; missing and excluded days do not count.",
                        START,
                        {"days": trend("baseline_count", M)},
                        "none",
                    ),
                    12,
                ),
            ],
        ),
        Shelf(
            10,
            [
                (
                    clock(
                        "$metric as it was known",
                        "The newest partition's figures over wall-clock time. Where history was backfilled, its samples stand at their partition's own time.",
                        {
                            name: _history(figure)
                            for name, figure in (
                                ("value", "value"),
                                ("7-day average", "avg7d"),
                                ("baseline", "baseline_avg"),
                            )
                        },
                        "short",
                    ),
                    24,
                )
            ],
            "Live and backfilled history",
        ),
        Shelf(
            10,
            [
                (
                    grid(
                        "Anomalies of all trends",
                        "Each trend's anomaly check for the newest 21 partitions.",
                        _anomalies,
                        row="check",
                        column="partition",
                        links=(
                            ("Runbook", "${runbooks}#${__value.text}"),
                            ("This partition", PARTITION_PAGE + "${__field.name}"),
                        ),
                    ),
                    14,
                ),
                (
                    listing(
                        "Detectors",
                        "How each trend's detector stood for the newest partition: learning and held leave the judgement to the 7-day rule.",
                        {
                            "known": f"max by (metric, method, state) ({newest('max by (partition, metric, method, state) (puffy_trend_state)')})"
                        },
                        by="metric",
                        hide=("Value",),
                    ),
                    5,
                ),
                (
                    listing(
                        "Limits",
                        "What this trend may be off by, as configured.",
                        {"limit value": 'max by (limit) (puffy_trend_limit{metric="$metric"})'},
                        by="limit",
                    ),
                    5,
                ),
            ],
            "All trends",
        ),
    ],
)
