"""Tells whether today is all right."""

from frame import Board, Shelf
from panels import PARTITION_PAGE, TREND_PAGE, grid, lines, listing, number
from parts import GREEN, RED, YELLOW, band
from promql import AS_OF, DAY_BEFORE, DUE, HERE, NEWEST, START, STATUS, each, edge, newest, trend

GRID_DAYS = 14
RUNBOOK = ("Runbook", "${runbooks}#${__value.text}")
DIRECTION = {
    "-2": ("mended", GREEN),
    "-1": ("better", GREEN),
    "1": ("worse", YELLOW),
    "2": ("critical now", RED),
}
GATE = {"0": ("open", GREEN), "1": ("closed", RED)}

_banded = {"band, low": "-", "band, high": "+"}


def followed(metric: str) -> dict[str, str]:
    """Return a trend's value, average and band."""
    return {
        "value": trend("value", metric),
        "7-day average": trend("avg7d", metric),
        **{name: edge(metric, sign) for name, sign in _banded.items()},
    }


_tiles = [
    (
        number(
            "Newest partition",
            "The worst state of any check for the newest partition that has arrived.",
            newest("max by (partition) (puffy_partition_check_status)"),
            "none",
            legend="{{partition}}",
            states={"0": ("all right", GREEN), "1": ("warning", YELLOW), "2": ("critical", RED)},
        ),
        5,
    ),
    (
        number(
            "Open critical alerts",
            "Checks and days that fire now at their critical limit.",
            'count(ALERTS{alertstate="firing",severity="critical",partition!=""}) or vector(0)',
            "none",
            levels=((None, GREEN), (1, RED)),
            legend="critical",
        ),
        3,
    ),
    (
        number(
            "Open warnings",
            "Checks and days that fire now at their warning limit.",
            'count(ALERTS{alertstate="firing",severity="warning",partition!=""}) or vector(0)',
            "none",
            levels=((None, GREEN), (1, YELLOW)),
            legend="warnings",
        ),
        3,
    ),
    (
        number(
            "Gate",
            "Closed while a blocking finding waits for an acknowledgement: downstream must wait.",
            "max(puffy_gate_closed)",
            "none",
            states=GATE,
            legend="gate",
            none="not known",
        ),
        3,
    ),
    (
        number(
            "Age of the newest data",
            "Time since the end of the newest partition that has arrived.",
            f"{AS_OF} - 86400 - max({START} and on (partition) ({HERE}))",
            "s",
            levels=((None, GREEN), (30 * 3600, YELLOW), (54 * 3600, RED)),
            legend="age",
            decimals=0,
        ),
        3,
    ),
    (
        number(
            "Overdue partitions",
            "Partitions past their due time whose raw file has not arrived.",
            f'count(max by (partition) (puffy_partition_present{{stage="raw"}}) == 0 and on (partition) '
            f"({DUE} < {AS_OF})) or vector(0)",
            "none",
            levels=((None, GREEN), (1, RED)),
            legend="overdue",
        ),
        3,
    ),
    (
        number(
            "Figures are from",
            "When the exporter last completed a pass; the figures are as old as that.",
            "time() - max(puffy_exporter_refresh_success_timestamp_seconds)",
            "s",
            levels=((None, GREEN), (900, YELLOW), (3600, RED)),
            legend="age",
            decimals=0,
        ),
        4,
    ),
]

_grid = grid(
    "Checks of the newest partitions",
    "Each check (row) for each of the newest 14 partitions (column). Past and acknowledged breaches stay coloured.",
    f"{STATUS} and on (partition) topk({GRID_DAYS}, {START})",
    row="check",
    column="partition",
    links=(RUNBOOK, ("This partition", PARTITION_PAGE + "${__field.name}")),
)

_alerts = listing(
    "Open alerts",
    "Alerts on partitions that fire now, as Prometheus sends them to Alertmanager.",
    {
        "firing": 'max by (partition, check, severity, owner, kind, alertname) (ALERTS{alertstate="firing",partition!=""})'
    },
    by="partition",
    hide=("Value",),
    none="no open alert",
    links={
        "partition": ("This partition", PARTITION_PAGE + "${__value.text}"),
        "check": RUNBOOK,
        "alertname": (
            "Silence in Alertmanager",
            "${alertmanager}/#/silences/new?filter=%7Balertname%3D%22${__value.text}%22%2Cfeed%3D%22${feed}%22%2Cpartition%3D%22${__data.fields.partition}%22%7D",
        ),
    },
)

_changes = listing(
    "What changed since the day before",
    "The newest partition's trends beside the day before and the week before.",
    {
        "value": f"max by (metric) (partition:puffy_trend:value and on (partition) {NEWEST})",
        "day over day": f"max by (metric) (partition:puffy_trend:day_over_day_ratio and on (partition) {NEWEST})",
        "week over week": f"max by (metric) (partition:puffy_trend:week_over_week_ratio and on (partition) {NEWEST})",
        "off the baseline": f"max by (metric) (partition:puffy_trend:deviation_ratio and on (partition) {NEWEST})",
        "z-score": f"max by (metric) (partition:puffy_trend:zscore and on (partition) {NEWEST})",
    },
    by="metric",
    units={"day over day": "percentunit", "week over week": "percentunit", "off the baseline": "percentunit"},
    links={"metric": ("Trend", TREND_PAGE + "${__value.text}")},
)

_turned = listing(
    "Checks that turned",
    "Checks whose state differs between the newest partition and the day before it.",
    {
        "turned": (
            f"(max by (check) (puffy_partition_check_status and on (partition) {NEWEST})"
            f" - max by (check) (puffy_partition_check_status and on (partition) {DAY_BEFORE})) != 0"
        )
    },
    by="check",
    states={"turned": DIRECTION},
    links={"check": RUNBOOK},
    none="nothing turned",
)

OVERVIEW = Board(
    uid="puffy-overview",
    title="Puffy: pipeline overview",
    description="Is today all right? The newest partitions, open alerts, the gate and what changed.",
    shelves=[
        Shelf(4, _tiles),
        Shelf(16, [(_grid, 24)]),
        Shelf(8, [(_alerts, 24)]),
        Shelf(9, [(_changes, 14), (_turned, 10)]),
        Shelf(
            9,
            [
                (
                    lines(
                        "Revenue by partition",
                        "Raw revenue in event time, its 7-day average, and the band outside which it is an anomaly.",
                        START,
                        followed("revenue"),
                        "short",
                        looks=band(*_banded),
                    ),
                    12,
                ),
                (
                    lines(
                        "Events by partition",
                        "Raw rows in event time, their 7-day average, and the band outside which they are an anomaly.",
                        START,
                        followed("events"),
                        "short",
                        looks=band(*_banded),
                    ),
                    12,
                ),
            ],
            "Revenue and volume",
        ),
        Shelf(
            7,
            [
                (
                    listing(
                        "Holds of the gate",
                        "What keeps the gate closed, until a person acknowledges it.",
                        {"held": "max by (partition, reason) (puffy_gate_hold) == 1"},
                        by="partition",
                        hide=("Value",),
                        none="no hold",
                        links={"partition": ("This partition", PARTITION_PAGE + "${__value.text}")},
                    ),
                    12,
                ),
                (
                    listing(
                        "Acknowledged",
                        "Breaches that somebody has seen and answered for.",
                        {"acknowledged": each("puffy_partition_acknowledged", keep="check") + " == 1"},
                        by="partition",
                        hide=("Value",),
                        none="nothing is acknowledged",
                        links={"check": RUNBOOK},
                    ),
                    12,
                ),
            ],
        ),
    ],
)
