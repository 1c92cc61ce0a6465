"""Trends and anomalies: one figure against its own past."""

from frame import Board, Shelf, choice
from panels import clock, grid, lines, listing
from parts import RED, YELLOW, band, dashed
from promql import START, edge, newest, trend, trend_value

M = "$metric"
EDGES = ("band, low", "band, high")


def followed(metric: str) -> dict[str, str]:
    """Return a trend's value, average and band."""
    low, high = EDGES
    return {
        "value": trend_value(metric),
        "7-day average": trend("avg7d", metric),
        low: edge(metric, "-"),
        high: edge(metric, "+"),
    }


def score(after: str, metric: str) -> str:
    """Return a day's deviation in spreads by the trend's detector, by partition."""
    return f'max by (partition) (puffy_trend_score{{metric="{metric}",after="{after}"}})'


def _level(limit: str) -> str:
    """Return a limit of the trend as a level line over all partitions."""
    return f'0 * {START} + on () group_left () max(puffy_trend_limit{{metric="$metric",limit="{limit}"}})'


_starts = "max(puffy_partition_start_timestamp_seconds)"


def _history(figure: str) -> str:
    """Return a figure of the newest partition of each instant that has the trend.

    While the exporter runs, it shows which partition is the newest; before that only backfilled samples
    exist, one per day, each at its own time: the lookback is a minute less than a day, to see only one.
    """
    exposed = f'puffy_trend_{figure}{{metric="$metric"}}'
    recorded = f'last_over_time(partition:puffy_trend:{figure}{{metric="$metric"}}[23h59m])'
    live = f'({exposed} and on (partition) topk(1, {START} and on (partition) puffy_trend_value{{metric="$metric"}}))'
    return f"max by (metric) ({live}) or max by (metric) ({recorded} unless on () {_starts})"


_anomalies = (
    'max by (partition, check) (puffy_partition_check_status{check=~"anomaly_.*"})'
    f" and on (partition) topk(21, {START})"
)
# Not what is outside the drawn band, but what the check says: it knows of mutes and directions that do not count.
_outside = f'{trend_value(M)} and on (partition) (max by (partition) (puffy_partition_check_status{{check="anomaly_$metric"}}) > 0)'
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
    description="A trend's value, 7-day average, normal band and scores, in event time.",
    since="now-30d",
    variables=[
        choice(
            "metric",
            "Trend",
            'label_values(puffy_trend_value{feed="$feed"}, metric)',
            "The trend to show.",
        )
    ],
    shelves=[
        Shelf(
            11,
            [
                (
                    lines(
                        "$metric by partition",
                        "Value, 7-day average and the band outside which a day is an anomaly: the detector's if it is armed, else the 7-day rule's. Event time: the partition is the x axis. Decides whether a day is out of line.",
                        START,
                        followed(M) | {"outside the band": _outside},
                        "short",
                        looks=band(*EDGES) | _outliers,
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
                        "The day's deviation in spreads: by the trend's detector, by the same after removing the level of the last six days, and by the 7-day rule in standard deviations. The limits are score and sigma. Decides whether a limit is too tight or too loose.",
                        START,
                        {
                            "detector": score("nothing", M),
                            "detector, level out": score("level", M),
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
                        "Deviation from the average of the seven days before, as a share of it; the limits are max_deviation of the 7-day rule. Decides whether a change is large enough for anybody to act on.",
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
            10,
            [
                (
                    grid(
                        "Anomalies of all trends",
                        "Each trend's anomaly check on the newest 21 days. Decides whether one figure moved or all of them did.",
                        _anomalies,
                    ),
                    16,
                ),
                (
                    listing(
                        "Detectors",
                        "State of each trend's detector for the newest day: while learning or held, the 7-day rule judges. Decides how far to trust a trend that is silent.",
                        {
                            "known": f"max by (metric, method, state) ({newest('max by (partition, metric, method, state) (puffy_trend_state)')})"
                        },
                        by="metric",
                        hide=("Value",),
                    ),
                    8,
                ),
            ],
            "All trends",
        ),
        Shelf(
            10,
            [
                (
                    clock(
                        "$metric as it was known",
                        "The newest partition's figures over wall-clock time; backfilled samples are at their partition's own time. Decides what people could know when they acted: whether a figure changed after it was reported.",
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
    ],
)
