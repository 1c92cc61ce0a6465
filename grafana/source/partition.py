"""One day, from file to figure."""

from frame import Board, Shelf, choice
from panels import PARTITION_PAGE, TREND_PAGE, listing, number
from parts import GREEN, RED, STATES, YELLOW, YES_NO
from promql import chosen

RUNBOOK = ("Runbook", "${runbooks}#${__value.text}")
ONE = 'stage="raw"'


def _stages(*metrics: tuple[str, str]) -> dict[str, str]:
    return {name: chosen(f"puffy_partition_{metric}", keep="stage") for name, metric in metrics}


_tiles = [
    (
        number(
            "State",
            "The worst state of any check for this partition.",
            chosen("puffy_partition_check_status"),
            "none",
            states=STATES,
            legend="state",
        ),
        4,
    ),
    (
        number(
            "Rows",
            "Raw rows, malformed ones included.",
            chosen("puffy_partition_rows", ONE),
            "short",
            legend="rows",
        ),
        4,
    ),
    (
        number(
            "Revenue",
            "Sum of finite revenue over raw checkouts.",
            chosen("puffy_partition_revenue", ONE),
            "short",
            legend="revenue",
        ),
        4,
    ),
    (
        number(
            "Rejected",
            "Rejected rows as a share of raw rows, coloured by the check's default limits.",
            chosen("puffy_partition_reject_ratio"),
            "percentunit",
            levels=((None, GREEN), (0.05, YELLOW), (0.5, RED)),
            legend="rejected",
        ),
        4,
    ),
    (
        number(
            "Revenue lost on the way",
            "Share of raw revenue that is not in the clean file.",
            chosen("puffy_partition_revenue_gap_ratio"),
            "percentunit",
            levels=((None, GREEN), (0.03, YELLOW), (0.2, RED)),
            legend="lost",
        ),
        4,
    ),
    (
        number(
            "Unaccounted rows",
            "Raw rows that are neither clean nor rejected.",
            chosen("puffy_partition_unaccounted_rows"),
            "short",
            levels=((None, YELLOW), (0, GREEN), (1, YELLOW)),
            legend="rows",
        ),
        4,
    ),
]

_checks = listing(
    "Checks in breach",
    "Checks that are in breach for this partition, whether they alert or lie in the past.",
    {"state": chosen("puffy_partition_check_status", keep="check") + " > 0"},
    by="check",
    states={"state": STATES},
    links={"check": RUNBOOK},
    none="every check is silent",
)

_files = listing(
    "Stages",
    "The partition's three files: are they here, readable, and how large.",
    _stages(
        ("here", "present"),
        ("readable", "readable"),
        ("size", "size_bytes"),
        ("rows", "rows"),
        ("malformed", "malformed_rows"),
        ("orders malformed", "malformed_orders"),
        ("timestamps unreadable", "unparseable_timestamps"),
        ("lines not UTF-8", "invalid_utf8_lines"),
        ("cut off", "truncated"),
        ("columns missing", "missing_columns"),
        ("longest silence", "longest_silence_seconds"),
        ("out of the day", "out_of_day_rows"),
    )
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
    units={
        "size": "bytes",
        "first event": "dateTimeAsIso",
        "last event": "dateTimeAsIso",
        "longest silence": "s",
        "arrived": "dateTimeAsIso",
    },
)

_missing = listing(
    "Missing mandatory fields",
    "Rows without a value in a mandatory field, raw and clean.",
    {
        stage: chosen("puffy_partition_missing_ratio", f'stage="{stage}"', keep="field")
        for stage in ("raw", "clean")
    },
    by="field",
    unit="percentunit",
)
_columns = listing(
    "Columns that are not there",
    "Expected columns that a stage's header lacks, after aliases.",
    {"absent": chosen("puffy_partition_missing_column_info", keep="stage, column")},
    by="stage",
    hide=("Value",),
    none="all columns are there",
)
_defects = listing(
    "Commerce defects",
    "Checkout rows with a defect; one row can have several.",
    {
        stage: chosen("puffy_partition_checkout_defects", f'stage="{stage}"', keep="defect")
        for stage in ("raw", "clean")
    },
    by="defect",
)
_referrers = listing(
    "Referrers",
    "Shares of rows without a referrer and with a placeholder for one.",
    {
        "none": chosen("puffy_partition_referrer_null_ratio", keep="stage"),
        "placeholder": chosen("puffy_partition_referrer_synthetic_ratio", keep="stage"),
    },
    by="stage",
    unit="percentunit",
)
_events = listing(
    "Events by name",
    "Rows by event name; what is not known by name is other.",
    {
        stage: chosen("puffy_partition_events", f'stage="{stage}"', keep="event_name")
        for stage in ("raw", "clean", "rejects")
    },
    by="event_name",
)
_rejects = listing(
    "Rejects by reason",
    "Rejected rows by reason; a row with two reasons counts in both.",
    {"rows": chosen("puffy_partition_rejects", keep="reason")},
    by="reason",
    none="nothing was rejected",
)
_dq = listing(
    "What the DQ summary claims",
    "Rows that the newest DQ summary claims, beside the raw, clean and rejected rows counted.",
    {
        "claimed": chosen("puffy_partition_dq_rows", keep="kind"),
        "counted": f'label_replace({chosen("puffy_partition_rows", keep="stage")}, "kind", "$1", "stage", "(.+)")',
    },
    by="kind",
    hide=("stage",),
    none="no DQ summary",
)
_tasks = listing(
    "Tasks",
    "The latest run of each of the pipeline's tasks for this partition.",
    {
        "ended": f"1000 * {chosen('puffy_task_end_timestamp_seconds', keep='task')}",
        "took": chosen("puffy_task_duration_seconds", keep="task"),
        "succeeded": chosen("puffy_task_success", keep="task"),
    },
    by="task",
    units={"ended": "dateTimeAsIso", "took": "s"},
    states={"succeeded": YES_NO},
    none="no task has run",
)
_trends = listing(
    "Trends against their baseline",
    "Each trend's value beside the seven days before it.",
    {
        name: chosen(f"partition:puffy_trend:{figure}", keep="metric")
        for name, figure in (
            ("value", "value"),
            ("7-day average", "avg7d"),
            ("baseline", "baseline_avg"),
            ("deviation (1 sigma)", "baseline_stddev"),
            ("off the baseline", "deviation_ratio"),
            ("z-score", "zscore"),
            ("day over day", "day_over_day_ratio"),
            ("days in the baseline", "baseline_count"),
        )
    },
    by="metric",
    units={"off the baseline": "percentunit", "day over day": "percentunit"},
    links={"metric": ("Trend", TREND_PAGE + "${__value.text}")},
)
_window = listing(
    "Baseline members",
    "The days that this partition is compared with; baseline no: excluded, or the day itself.",
    {"member": chosen("puffy_partition_window_info", keep="member, lag, baseline")},
    by="member",
    hide=("Value",),
    links={"member": ("That partition", PARTITION_PAGE + "${__value.text}")},
)

PARTITION = Board(
    uid="puffy-partition",
    title="Puffy: partition",
    description="One day from file to figure: stages, rejects, missing fields, orders, referrers, events, trends.",
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
        Shelf(4, _tiles),
        Shelf(7, [(_checks, 8), (_files, 16)]),
        Shelf(8, [(_rejects, 8), (_missing, 8), (_columns, 8)], "Rows"),
        Shelf(8, [(_events, 12), (_dq, 6), (_tasks, 6)]),
        Shelf(8, [(_defects, 12), (_referrers, 12)], "Orders and referrers"),
        Shelf(10, [(_trends, 17), (_window, 7)], "Against its past"),
    ],
)
