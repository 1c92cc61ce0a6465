"""When files came, and how long the pipeline's tasks took."""

from frame import Board, Shelf
from panels import PARTITION_PAGE, bars_by, lines, listing, number
from parts import GREEN, RED, YELLOW, YES_NO, dashed
from promql import AS_OF, DUE, NEWEST, RAW, START, each, limit, newest

STAGES = ("raw", "clean", "rejects")


def _arrived(stage: str) -> str:
    return each("puffy_partition_arrival_timestamp_seconds", f'stage="{stage}"')


def _late(stage: str) -> str:
    return f"{_arrived(stage)} - {DUE}"


_tiles = [
    (
        number(
            "Newest partition arrived",
            "Time between due time and arrival of the newest raw file; negative is early.",
            newest(_late("raw")),
            "s",
            levels=((None, GREEN), (1, YELLOW), (7200, RED)),
            legend="{{partition}}",
        ),
        6,
    ),
    (
        number(
            "Next due in",
            "Time until the next partition must be here.",
            f"min({DUE} > {AS_OF}) - {AS_OF} or (max({DUE}) + 86400 - {AS_OF})",
            "s",
            levels=((None, RED), (0, GREEN)),
            legend="next",
            decimals=0,
        ),
        6,
    ),
    (
        number(
            "Late in the window",
            "Partitions whose raw file came after its due time.",
            f"count(({_late('raw')}) > 0) or vector(0)",
            "none",
            levels=((None, GREEN), (1, YELLOW)),
            legend="late",
        ),
        6,
    ),
    (
        number(
            "Missing in the window",
            "Partitions past due that have no raw file.",
            f'count(max by (partition) (puffy_partition_present{{stage="raw"}}) == 0 and on (partition) ({DUE} < {AS_OF})) or vector(0)',
            "none",
            levels=((None, GREEN), (1, RED)),
            legend="missing",
        ),
        6,
    ),
]

FRESHNESS = Board(
    uid="puffy-freshness",
    title="Puffy: freshness and tasks",
    description="When each partition arrived against its due time, which are missing, and how long tasks took.",
    shelves=[
        Shelf(4, _tiles),
        Shelf(
            9,
            [
                (
                    lines(
                        "Arrival against the due time",
                        "First arrival of each stage minus the due time, and the limit of check partition_late. Below zero is in time.",
                        START,
                        {stage: _late(stage) for stage in STAGES}
                        | {"late above": limit("partition_late", "warning")},
                        "s",
                        looks={"late above": dashed(RED)},
                    ),
                    12,
                ),
                (
                    lines(
                        "Rewritten after arrival",
                        "Newest change of the raw file minus its first arrival: above zero the day was backfilled.",
                        START,
                        {
                            "rewritten after": f"{each('puffy_partition_updated_timestamp_seconds', RAW)} - {_arrived('raw')}"
                        },
                        "s",
                    ),
                    12,
                ),
            ],
        ),
        Shelf(
            10,
            [
                (
                    listing(
                        "Arrivals",
                        "Each partition's due time, arrivals and what is here.",
                        {
                            "due": f"1000 * {DUE}",
                            "raw arrived": f"1000 * {_arrived('raw')}",
                            "clean arrived": f"1000 * {_arrived('clean')}",
                            **{
                                f"{stage} here": each("puffy_partition_present", f'stage="{stage}"')
                                for stage in STAGES
                            },
                            "alertable": each("puffy_partition_alertable"),
                        },
                        by="partition",
                        units=dict.fromkeys(("due", "raw arrived", "clean arrived"), "dateTimeAsIso"),
                        states={f"{stage} here": YES_NO for stage in STAGES},
                        links={"partition": ("This partition", PARTITION_PAGE + "${__value.text}")},
                    ),
                    24,
                ),
            ],
        ),
        Shelf(
            9,
            [
                (
                    bars_by(
                        "Task duration",
                        "Duration of each task's latest run, by partition.",
                        each("puffy_task_duration_seconds", keep="task"),
                        "s",
                        label="task",
                    ),
                    12,
                ),
                (
                    listing(
                        "Tasks of the newest partition",
                        "The latest run of each task beside its limit.",
                        {
                            "took": f"max by (task) (puffy_task_duration_seconds and on (partition) {NEWEST})",
                            "limit value": f"max by (task) (puffy_task_duration_limit_seconds and on (partition) {NEWEST})",
                            "succeeded": f"max by (task) (puffy_task_success and on (partition) {NEWEST})",
                        },
                        by="task",
                        units={"took": "s", "limit value": "s"},
                        states={"succeeded": YES_NO},
                    ),
                    12,
                ),
            ],
            "Tasks",
        ),
        Shelf(
            8,
            [
                (
                    lines(
                        "Longest silence",
                        "Longest run of minutes without an event, and the limit of check silence.",
                        START,
                        {
                            "raw": each("puffy_partition_longest_silence_seconds", 'stage="raw"'),
                            "warning above": limit("silence", "warning"),
                        },
                        "s",
                        looks={"warning above": dashed(YELLOW)},
                    ),
                    12,
                ),
                (
                    lines(
                        "Rejected rows",
                        "Rejected rows as a share of raw rows, and the limits of check reject_ratio.",
                        START,
                        {
                            "rejected": each("puffy_partition_reject_ratio"),
                            "warning above": limit("reject_ratio", "warning"),
                            "critical above": limit("reject_ratio", "critical"),
                        },
                        "percentunit",
                        looks={"warning above": dashed(YELLOW), "critical above": dashed(RED)},
                    ),
                    12,
                ),
            ],
            "Within the day",
        ),
    ],
)
