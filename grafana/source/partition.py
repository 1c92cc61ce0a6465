"""One day, from file to figure."""

from frame import Board, Shelf, choice
from incidents import incident_list
from panels import DAY, EXPORTER_PARTITION, RUNBOOK, TREND, listing, number
from parts import GREEN, RED, STATES, YES_NO
from promql import chosen

PAGE = (("Its page at the exporter", EXPORTER_PARTITION + "${partition}"),)
LOAD = {"0": ("free", GREEN), "1": ("held", RED)}


def _stages(*metrics: tuple[str, str]) -> dict[str, str]:
    return {name: chosen(f"puffy_partition_{metric}", keep="stage") for name, metric in metrics}


_state = number(
    "State",
    "The worst state of any check for this day. Decides whether its figures may be used.",
    chosen("puffy_partition_check_status"),
    "none",
    states=STATES,
    legend="state",
    links=PAGE,
)
_load = number(
    "Load",
    "Held until somebody acknowledges the day. Decides whether its load may run.",
    f"{chosen('puffy_gate_hold')} == 1 or 0 * {chosen('puffy_partition_present')}",
    "none",
    states=LOAD,
    legend="load",
    links=PAGE,
)
_incidents = incident_list(
    "Incidents of this day",
    "What explains the day's findings, if it is open or ended within two weeks. Decides what to do about the day, and with whom to talk.",
    chosen='max by (incident) (puffy_incident_check{partition="$partition"})',
    columns="D",
    hide=("runbook",),
    none="none open or recently ended",
)

_checks = listing(
    "Checks in breach",
    "Whether they alert, are past or acknowledged. Decides which runbook to open.",
    {"state": chosen("puffy_partition_check_status", keep="check") + " > 0"},
    by="check",
    states={"state": STATES},
    links={"check": RUNBOOK},
    none="every check is silent",
)
_files = listing(
    "Stages",
    "The day's three files: present, readable, size, first and last event. Decides which step of the pipeline to check, and whether to rerun it.",
    {
        name: chosen(f"puffy_partition_{metric}", keep="stage")
        for name, metric in (
            ("here", "present"),
            ("readable", "readable"),
            ("size", "size_bytes"),
            ("rows", "rows"),
            ("malformed", "malformed_rows"),
            ("columns missing", "missing_columns"),
            ("cut off", "truncated"),
        )
    }
    | {
        name: f"1000 * {chosen(f'puffy_partition_{metric}_timestamp_seconds', keep='stage')}"
        for name, metric in (
            ("first event", "first_event"),
            ("last event", "last_event"),
            ("arrived", "arrival"),
        )
    },
    by="stage",
    states={"here": YES_NO, "readable": YES_NO},
    units={"size": "bytes"} | dict.fromkeys(("first event", "last event", "arrived"), "dateTimeAsIso"),
)
_rejects = listing(
    "Rejects by reason",
    "Rejected rows by reason; a row with two reasons counts in both. Decides whether to change the source or the DQ step's rule.",
    {"rows": chosen("puffy_partition_rejects", keep="reason")},
    by="reason",
    none="nothing was rejected",
)
_missing = listing(
    "Missing mandatory fields",
    "Shares of rows without a value in a mandatory field, raw and clean. Decides which field's source to check.",
    {
        stage: chosen("puffy_partition_missing_ratio", f'stage="{stage}"', keep="field")
        for stage in ("raw", "clean")
    },
    by="field",
    unit="percentunit",
)
_events = listing(
    "Events by name",
    "Rows by event name; unknown names count as other. Decides whether one kind of event is broken or the whole day.",
    {
        stage: chosen("puffy_partition_events", f'stage="{stage}"', keep="event_name")
        for stage in ("raw", "clean", "rejects")
    },
    by="event_name",
)
_tasks = listing(
    "Tasks",
    "The latest run of each pipeline task for this day, with its limit. Decides which task to rerun.",
    {
        "ended": f"1000 * {chosen('puffy_task_end_timestamp_seconds', keep='task')}",
        "took": chosen("puffy_task_duration_seconds", keep="task"),
        "limit value": chosen("puffy_task_duration_limit_seconds", keep="task"),
        "succeeded": chosen("puffy_task_success", keep="task"),
    },
    by="task",
    units={"ended": "dateTimeAsIso", "took": "s", "limit value": "s"},
    states={"succeeded": YES_NO},
    none="no task has run",
)
_trends = listing(
    "Trends against their baseline",
    "Each trend's value next to the seven days before it. Decides which figures of the day are out of line, and by how much.",
    {
        name: chosen(f"puffy_trend_{figure}", keep="metric")
        for name, figure in (
            ("value", "value"),
            ("baseline", "baseline_avg"),
            ("off the baseline", "deviation_ratio"),
            ("z-score", "zscore"),
            ("day over day", "day_over_day_ratio"),
            ("days in the baseline", "baseline_members"),
        )
    },
    by="metric",
    units={"off the baseline": "percentunit", "day over day": "percentunit"},
    links={"metric": TREND},
)
_window = listing(
    "Baseline members",
    "The days that this one is compared with; baseline no: excluded, or the day itself. Decides whether the comparison is fair, or a bad day has to be excluded.",
    {"member": chosen("puffy_partition_window_info", keep="member, lag, baseline")},
    by="member",
    hide=("Value",),
    links={"member": DAY},
)

PARTITION = Board(
    uid="puffy-partition",
    title="Puffy: partition",
    description="One day from file to figure: its problems, files, rejects, events, tasks and trends.",
    variables=[
        choice(
            "partition",
            "Partition",
            'label_values(puffy_partition_check_status{feed="$feed"}, partition)',
            "The day to look at, the newest first.",
            newest_first=True,
        )
    ],
    shelves=[
        Shelf(7, [(_state, 4), (_load, 4), (_incidents, 16)]),
        Shelf(7, [(_checks, 8), (_files, 16)]),
        Shelf(8, [(_rejects, 8), (_missing, 8), (_events, 8)], "Rows"),
        Shelf(6, [(_tasks, 24)]),
        Shelf(10, [(_trends, 16), (_window, 8)], "Against its past"),
    ],
)
