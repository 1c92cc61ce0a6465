"""Coverage 2 to 4 and 9: what upstream did with the rows, what it reports, and how long its tasks took."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from exporter.feed import Feed
from exporter.figures.files import missing_columns
from exporter.metric import (
    ROWS,
    STAGE,
    Figures,
    Labels,
    Metric,
    Sample,
    Settings,
    fold,
    per_partition,
    profile_of,
    ratio,
    seconds,
)
from exporter.model import NANOSECONDS, SCHEMA_MISMATCH_REASON, PartitionFacts, Stage, TaskRun


def mismatches(facts: PartitionFacts, feed: Feed) -> bool | None:
    """Return whether a partition's schema differs from the expected one; ``None`` if no header is known."""
    raw = facts.stages.get(Stage.RAW)
    rejects = facts.stages.get(Stage.REJECTS)
    header = None if raw is None or raw.profile is None or not raw.profile.columns else raw.profile
    reasons = {} if rejects is None or rejects.profile is None else rejects.profile.reasons
    if SCHEMA_MISMATCH_REASON in reasons:
        return True
    return None if header is None else bool(missing_columns(feed.raw, header))


def _mismatch(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    mismatch = mismatches(facts, settings.feed)
    if mismatch is not None:
        yield (), float(mismatch)


def _rows(facts: PartitionFacts, stage: Stage) -> int | None:
    profile = profile_of(facts, stage)
    return None if profile is None else profile.rows


def _share_of_raw(facts: PartitionFacts, stage: Stage) -> float | None:
    part, whole = _rows(facts, stage), _rows(facts, Stage.RAW)
    return None if part is None or whole is None else ratio(part, whole)


def _rejected(figures: Figures, _: Labels) -> tuple[float, float] | None:
    rows = figures.get(ROWS, {})
    part, whole = (rows.get((stage.value,)) for stage in (Stage.REJECTS, Stage.RAW))
    return None if part is None or whole is None else (part, whole)


def _unaccounted(facts: PartitionFacts) -> float | None:
    raw, clean, rejects = (_rows(facts, stage) for stage in Stage)
    if raw is None or clean is None or rejects is None:
        return None
    return float(raw - clean - rejects)


def _reject_reasons(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    profile = profile_of(facts, Stage.REJECTS)
    if profile is not None:
        for reason, count in fold(profile.reasons, profile.reasons_overflow, settings.most_label_values):
            yield (reason,), count


def _claimed(facts: PartitionFacts) -> dict[Stage, int]:
    if facts.dq is None:
        return {}
    return {Stage.RAW: facts.dq.raw, Stage.CLEAN: facts.dq.clean, Stage.REJECTS: facts.dq.rejects}


def _dq_rows(facts: PartitionFacts, _: Settings) -> Iterator[Sample]:
    for stage, rows in _claimed(facts).items():
        yield (stage.value,), float(rows)


def _dq_discrepancy(facts: PartitionFacts) -> float | None:
    counted = {stage: rows for stage in Stage if (rows := _rows(facts, stage)) is not None}
    differences = [
        abs(claim - counted[stage]) for stage, claim in _claimed(facts).items() if stage in counted
    ]
    return float(sum(differences)) if differences else None


def _tasks(facts: PartitionFacts, settings: Settings) -> Iterator[TaskRun]:
    # A task beyond the bound is left out, not added up: a sum of durations of different tasks is meaningless.
    yield from sorted(facts.tasks.values(), key=lambda run: run.task)[: settings.most_label_values]


def _task_duration(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        if run.seconds is not None:
            yield (run.task,), run.seconds


def _task_limit(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        limit = (settings.task_limits or {}).get(run.task, settings.task_limit)
        if run.usual_seconds is not None:
            limit = min(limit, max(settings.slow_floor, settings.slow_factor * run.usual_seconds))
        yield (run.task,), limit


def _task_median(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        if run.usual_seconds is not None:
            yield (run.task,), run.usual_seconds


def _task_unended(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        yield (run.task,), float(run.unended)


def _task_start(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        yield from _instant(run.task, run.started_at)


def _task_last_success(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        yield from _instant(run.task, run.succeeded_at)


def _task_success(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        if run.exit_code is not None:
            yield (run.task,), float(run.exit_code == 0)


def _task_end(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    for run in _tasks(facts, settings):
        yield from _instant(run.task, run.ended_at)


def _instant(task: str, moment: datetime | None) -> Iterator[Sample]:
    if moment is not None:
        known = seconds(round(moment.timestamp() * NANOSECONDS))
        if known is not None:
            yield (task,), known


METRICS: tuple[Metric, ...] = (
    Metric(
        "puffy_partition_schema_mismatch",
        "1 if the raw header lacks an expected column or upstream rejected rows for that.",
        _mismatch,
    ),
    Metric(
        "puffy_partition_rejects",
        "Rejected rows by reason; a row with two reasons counts in both.",
        _reject_reasons,
        ("reason",),
    ),
    replace(
        per_partition(
            "puffy_partition_reject_ratio",
            "Rejected rows as a share of raw rows.",
            lambda facts: _share_of_raw(facts, Stage.REJECTS),
        ),
        counts=_rejected,
    ),
    per_partition(
        "puffy_partition_clean_ratio",
        "Clean rows as a share of raw rows.",
        lambda facts: _share_of_raw(facts, Stage.CLEAN),
    ),
    per_partition(
        "puffy_partition_unaccounted_rows",
        "Raw rows that are neither clean nor rejected; negative if there are more of those than raw rows.",
        _unaccounted,
    ),
    Metric(
        "puffy_partition_dq_rows",
        "Rows according to the newest DQ summary.",
        _dq_rows,
        ("kind",),
        {"kind": STAGE},
    ),
    per_partition(
        "puffy_partition_dq_discrepancy_rows",
        "Absolute differences between the DQ summary's rows and the rows counted, summed over stages.",
        _dq_discrepancy,
    ),
)

TASK_METRICS: tuple[Metric, ...] = (
    Metric("puffy_task_duration_seconds", "Duration of the task's latest run.", _task_duration, ("task",)),
    Metric(
        "puffy_task_duration_limit_seconds",
        "Duration above which a run counts as slow: the configured one, or a multiple of the median if less.",
        _task_limit,
        ("task",),
    ),
    Metric(
        "puffy_task_duration_median_seconds",
        "Median duration of the task's last 7 successful runs before this one, if there are 4.",
        _task_median,
        ("task",),
    ),
    Metric("puffy_task_success", "1 if the task's latest run exited with 0.", _task_success, ("task",)),
    Metric(
        "puffy_task_unended",
        "1 if the latest run started longer than tasks.unended_after ago and has no recorded end.",
        _task_unended,
        ("task",),
    ),
    Metric(
        "puffy_task_start_timestamp_seconds", "When the task's latest run started.", _task_start, ("task",)
    ),
    Metric("puffy_task_end_timestamp_seconds", "When the task's latest run ended.", _task_end, ("task",)),
    Metric(
        "puffy_task_last_success_timestamp_seconds",
        "When the newest successful run of the task for this partition ended.",
        _task_last_success,
        ("task",),
    ),
)
