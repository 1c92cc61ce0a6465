"""When files arrived, and how long the pipeline's tasks took."""

from frame import Board, Shelf
from panels import DAY, bars_by, lines, listing
from parts import RED, YELLOW, YES_NO, dashed
from promql import DUE, RAW, START, each, limit

STAGES = ("raw", "clean", "rejects")


def _arrived(stage: str) -> str:
    return each("puffy_partition_arrival_timestamp_seconds", f'stage="{stage}"')


def _late(stage: str) -> str:
    return f"{_arrived(stage)} - {DUE}"


FRESHNESS = Board(
    uid="puffy-freshness",
    title="Puffy: freshness and tasks",
    description="When each day arrived against its due time, what was rewritten, how long tasks took, when no events came.",
    shelves=[
        Shelf(
            9,
            [
                (
                    lines(
                        "Arrival against the due time",
                        "First arrival of each stage minus the due time, and the limit of check partition_late; below zero is in time. Decides whether upstream is getting slower, or the due time is wrong.",
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
                        "Newest change of the raw file minus its first arrival; above zero the day was backfilled. Decides which days downstream has to load again.",
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
                        "Each day's due time, arrivals and files present. Decides which file of which day to ask for.",
                        {
                            "due": f"1000 * {DUE}",
                            "raw arrived": f"1000 * {_arrived('raw')}",
                            "clean arrived": f"1000 * {_arrived('clean')}",
                            **{
                                f"{stage} here": each("puffy_partition_present", f'stage="{stage}"')
                                for stage in STAGES
                            },
                        },
                        by="partition",
                        units=dict.fromkeys(("due", "raw arrived", "clean arrived"), "dateTimeAsIso"),
                        states={f"{stage} here": YES_NO for stage in STAGES},
                        links={"partition": DAY},
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
                        "Duration of each task's latest run, by day. Decides which task to speed up or to start earlier.",
                        each("puffy_task_duration_seconds", keep="task"),
                        "s",
                        label="task",
                    ),
                    12,
                ),
                (
                    lines(
                        "Longest silence",
                        "Longest run of minutes without an event, and the limit of check silence. Decides whether a day has a gap that its totals hide.",
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
            ],
            "Tasks, and within the day",
        ),
    ],
)
