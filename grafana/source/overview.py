"""Answers, in this order: can I trust yesterday, what is open and since when, what is late."""

from frame import Board, Shelf
from incidents import incident_list
from panels import DAY, EXPORTER_FEED, RUNBOOK, TREND, day_links, grid, listing, number
from parts import GREEN, RED, YELLOW
from promql import AS_OF, DUE, HELD, HERE, INCIDENT_OPEN, NEWEST, NEWEST_DUE, OVERDUE, START, STATUS, WORST

GRID_DAYS = 14
SHOWN_DAY = day_links("${__field.labels.partition}")
GATE = {"0": ("open", GREEN), "1": ("closed", RED)}
STATE_OF_DAY = {
    "0": ("all right", GREEN),
    "1": ("warning", YELLOW),
    "2": ("critical", RED),
    "3": ("missing", RED),
}
# Missing outranks the checks: a day that has not arrived may be in breach of none.
_state_of_day = f"({OVERDUE}) + 3 or {WORST}"
_fit = f"{START} and on (partition) ({HERE}) and on (partition) ({WORST} < 2) unless on (partition) ({HELD})"

_trust = [
    (
        number(
            "Newest day that is due",
            "The worst state of any check for the newest day that is due, or that it is missing. Decides whether yesterday's figures may be used.",
            f"({_state_of_day}) and on (partition) {NEWEST_DUE}",
            "none",
            legend="{{partition}}",
            states=STATE_OF_DAY,
            links=SHOWN_DAY,
        ),
        7,
    ),
    (
        number(
            "Gate",
            "Closed while any day is held and not acknowledged. Decides whether loads may run.",
            "max(puffy_gate_closed)",
            "none",
            states=GATE,
            legend="gate",
            none="not known",
            links=(("Status page", EXPORTER_FEED),),
        ),
        5,
    ),
    (
        number(
            "Newest day fit for use",
            "The newest day that has arrived, has no critical finding and is not held. Decides up to which day to report while a newer one is bad.",
            f"topk(1, {_fit})",
            "none",
            legend="{{partition}}",
            none="none",
            links=SHOWN_DAY,
            name_only=True,
        ),
        6,
    ),
    (
        number(
            "Figures are from",
            "Time since the exporter last completed a pass. Decides whether to trust this page: everything on it is that old.",
            "time() - max(last_over_time(puffy_exporter_refresh_success_timestamp_seconds[7d]))",
            "s",
            levels=((None, GREEN), (900, YELLOW), (3600, RED)),
            legend="age",
            decimals=0,
        ),
        6,
    ),
]

_open = incident_list(
    "Open incidents",
    "What is wrong, since which day and on how many, sorted by severity, then age. Decides what to do next, and who does it.",
    chosen=f"{INCIDENT_OPEN} == 1",
    none="none known; check how old the figures are",
)

_late = [
    (
        number(
            "Next day due in",
            "Time until the next day is due. Decides how long upstream still has.",
            f"min({DUE} > {AS_OF}) - {AS_OF} or (max({DUE}) + 86400 - {AS_OF})",
            "s",
            legend="next",
            decimals=0,
        ),
        8,
    ),
    (
        number(
            "Overdue days",
            "Days past their due time whose raw file has not arrived. Decides whether to chase upstream for a file.",
            f"count({OVERDUE}) or 0 * count({START})",  # nothing without an exporter
            "none",
            levels=((None, GREEN), (1, RED)),
            legend="overdue",
        ),
        8,
    ),
    (
        number(
            "Age of the newest data",
            "Time since the end of the newest day that has arrived. Decides whether users see fresh enough data.",
            f"{AS_OF} - 86400 - max({START} and on (partition) ({HERE}))",
            "s",
            levels=((None, GREEN), (30 * 3600, YELLOW), (54 * 3600, RED)),
            legend="age",
            decimals=0,
        ),
        8,
    ),
]

_grid = grid(
    "Checks of the newest days",
    "Each check (row) on each of the newest 14 days (column); past and acknowledged breaches stay coloured. Decides whether a finding is new, recurs or spreads, and which day to open.",
    f"{STATUS} and on (partition) topk({GRID_DAYS}, {START})",
)

_holds = listing(
    "Held days",
    "What keeps the gate closed until somebody acknowledges it. Decides which days to look at and release.",
    {"held": "max by (partition, reason) (puffy_gate_hold) == 1"},
    by="partition",
    hide=("Value",),
    none="no hold",
    links={"partition": DAY, "reason": RUNBOOK},
)

_changes = listing(
    "What changed since the day before",
    "The trends of the newest day that has arrived, next to the day before and the week before. Decides which figure of yesterday to look into before anybody asks.",
    {
        "value": f"max by (metric) (puffy_trend_value and on (partition) {NEWEST})",
        "day over day": f"max by (metric) (puffy_trend_day_over_day_ratio and on (partition) {NEWEST})",
        "week over week": f"max by (metric) (puffy_trend_week_over_week_ratio and on (partition) {NEWEST})",
        "off the baseline": f"max by (metric) (puffy_trend_deviation_ratio and on (partition) {NEWEST})",
        "z-score": f"max by (metric) (puffy_trend_zscore and on (partition) {NEWEST})",
    },
    by="metric",
    units={"day over day": "percentunit", "week over week": "percentunit", "off the baseline": "percentunit"},
    links={"metric": TREND},
)

_over = incident_list(
    "Incidents ended in the last two weeks",
    "Repaired, acknowledged, or over while their days were not repaired. Decides which past days to correct or to footnote.",
    chosen=f"{INCIDENT_OPEN} == 0",
    columns="BC",
    hide=("next",),
    none="none",
)

OVERVIEW = Board(
    uid="puffy-overview",
    title="Puffy: pipeline overview",
    description="Can I trust yesterday, what is open and since when, what is late.",
    shelves=[
        Shelf(4, _trust, "Can I trust yesterday?"),
        Shelf(8, [(_open, 24)], "What is open?"),
        Shelf(4, _late, "What is late?"),
        Shelf(16, [(_grid, 24)], "Day by day"),
        Shelf(9, [(_holds, 8), (_changes, 16)]),
        Shelf(8, [(_over, 24)]),
    ],
)
