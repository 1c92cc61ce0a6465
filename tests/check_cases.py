"""Every shipped threshold check: partitions on which it stays silent, and partitions on which it fires.

Judged one hour after they were due. Prometheus must agree with the report on them.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from made import CALENDAR, DAY, facts, profile, stage_facts

from exporter.checks.check import Severity
from exporter.model import NANOSECONDS, DqClaim, EventChanges, PartitionFacts, Profile, Stage, TaskRun
from exporter.profiling.order_tally import Defect

DUE = CALENDAR.due_ns(DAY)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def raw(**changes: object) -> PartitionFacts:
    """Return a partition whose raw profile has these fields."""
    return facts(raw=profile(**changes))  # type: ignore[arg-type]


def defects(**counts: int) -> dict[str, object]:
    """Return the fields of a profile with these defects."""
    return {"defects": {defect: counts.get(defect.value, 0) for defect in Defect}}


def missing(**counts: int) -> dict[str, object]:
    """Return the fields of a profile with these missing values."""
    return {"missing": {"client_id": 0, "timestamp": 0, "event_name": 0, **counts}}


def rows(raw_rows: int, clean: int, rejects: int, claim: DqClaim | None = None) -> PartitionFacts:
    """Return a partition of these row counts."""
    return facts(
        raw=profile(rows=raw_rows),
        clean=profile(Stage.CLEAN, clean),
        rejects=profile(Stage.REJECTS, rejects, checkouts=0, revenue=0.0),
        dq=claim,
    )


def revenue(raw_revenue: float, clean: float, checkouts: int = 20) -> PartitionFacts:
    """Return a partition with these revenues."""
    return facts(
        raw=profile(revenue=raw_revenue, checkouts=checkouts),
        clean=profile(Stage.CLEAN, 960, revenue=clean, checkouts=checkouts),
    )


def arrival(seconds_after_due: int) -> PartitionFacts:
    """Return a partition whose raw file arrived then."""
    known = facts()
    late = replace(known.stages[Stage.RAW], arrival_ns=DUE + seconds_after_due * NANOSECONDS)
    return replace(known, stages={**known.stages, Stage.RAW: late})


def unreadable(stage: Stage) -> PartitionFacts:
    """Return a partition one of whose files cannot be read."""
    known = facts()
    return replace(known, stages={**known.stages, stage: stage_facts(None, error="permission denied")})


def task(seconds: float, exit_code: int | None, **known: Any) -> PartitionFacts:
    """Return a partition with a run of one task."""
    start = datetime(2025, 3, 6, 6, tzinfo=UTC)
    end = None if exit_code is None else start + timedelta(seconds=seconds)
    return facts(tasks={"dq": TaskRun("dq", start, end, exit_code, **known)})


def silent(seconds: int | None) -> PartitionFacts:
    """Return a partition with that silence."""
    return raw(longest_silence_seconds=seconds)


def columns_without(name: str) -> Profile:
    """Return a raw profile whose header lacks a column."""
    return profile(columns=tuple(column for column in profile().columns if column != name))


def clean_without(*names: str) -> Profile:
    """Return a clean profile whose header lacks columns."""
    whole = profile(Stage.CLEAN, 960)
    return replace(whole, columns=tuple(column for column in whole.columns if column not in names))


def asked(*failed: str, stage: Stage = Stage.RAW) -> PartitionFacts:
    """Return a partition with two queries, some of which failed."""
    answers = {name: 1.0 for name in ("mean", "orphans") if name not in failed}
    asked_profile = profile(stage, answers=answers, unanswered=dict.fromkeys(failed, "no number: NULL"))
    return facts(**{stage.value: asked_profile})  # type: ignore[arg-type]


def changes(**found: Any) -> PartitionFacts:
    """Return a partition whose events differ from those of the days before."""
    return replace(facts(), changes=EventChanges(**found))


SILENT: dict[str, list[PartitionFacts]] = {
    "partition_missing": [facts(), unreadable(Stage.RAW)],
    "partition_empty": [facts(), raw(rows=1), facts(without=(Stage.RAW,)), rows(10, 0, 0)],
    "stage_missing": [facts(), unreadable(Stage.CLEAN)],
    "partition_late": [facts(), arrival(0), arrival(-60), facts(without=(Stage.RAW,))],
    "partition_unreadable": [facts(), facts(without=(Stage.CLEAN,))],
    "schema_mismatch": [facts(), unreadable(Stage.RAW)],
    "clean_schema_mismatch": [
        facts(),
        facts(raw=columns_without("referrer"), clean=clean_without("referrer")),
    ],
    "reject_ratio": [rows(100, 95, 5), rows(0, 0, 0), facts(without=(Stage.REJECTS,))],
    "unaccounted_rows": [rows(100, 95, 5), facts(without=(Stage.CLEAN,))],
    "clean_empty": [facts(), rows(100, 0, 100), rows(0, 0, 0), facts(without=(Stage.CLEAN,))],
    "dq_discrepancy": [rows(100, 95, 5), rows(100, 95, 5, DqClaim(100, 95, 5))],
    "revenue_gap": [revenue(100, 97), revenue(100, 103), revenue(0, 0)],
    "no_orders": [facts(), changes(vanished={"page_viewed": 20.0})],
    "event_vanished": [facts(), changes(appeared={"purchase": 4})],
    "event_appeared": [facts(), changes(vanished={"page_viewed": 20.0})],
    "zero_revenue": [revenue(0, 0, checkouts=0), revenue(0.01, 0.01)],
    "missing_client_id": [raw(**missing(client_id=20))],
    "missing_timestamp": [raw(**missing(timestamp=1))],
    "missing_event_name": [raw(**missing(event_name=1))],
    "clean_missing_mandatory": [facts(), raw(**missing(client_id=1))],
    "checkout_zero_value": [facts(clean=profile(Stage.CLEAN, **defects(zero_value=1)))],  # type: ignore[arg-type]
    "checkout_corrupt_items": [raw(**defects(zero_value=1))],
    "checkout_duplicate_transaction_id": [raw(**defects(missing_transaction_id=1))],
    "checkout_unparseable": [raw(**defects(invalid_revenue=1)), raw(checkouts=0)],
    "invalid_revenue": [raw(**defects(unparseable_event_data=1)), raw(checkouts=0)],
    "checkout_missing_transaction_id": [raw(**defects(duplicate_transaction_id=1))],
    "referrer_null": [raw(referrer_null=900), raw(rows=0, referrer_null=0)],
    "referrer_synthetic": [raw(referrer_synthetic=350)],
    "malformed_rows": [raw(malformed_rows=1), raw(rows=0)],
    "malformed_orders": [facts(), raw(malformed_rows=9), raw(checkouts=0)],
    "truncated": [facts(), facts(without=(Stage.RAW,))],
    "unparseable_timestamps": [raw(unparseable_timestamps=1), raw(rows=0)],
    "invalid_utf8": [raw(invalid_utf8_lines=1), raw(rows=0)],
    "out_of_day_rows": [raw(out_of_day_rows=1)],
    "silence": [silent(7200), silent(None)],
    "query_failed": [facts(), asked()],
    "task_failed": [task(1, 0), task(1, None)],
    "task_slow": [
        task(7200, 0),
        task(9999, None),
        task(300, 0, usual_seconds=100.0),
        task(60, 0, usual_seconds=1.0),
    ],
    "task_unended": [task(1, 0), task(1, None)],
}

FIRING: dict[str, list[tuple[PartitionFacts, Severity, float, float]]] = {
    "partition_missing": [(facts(without=tuple(Stage)), CRITICAL, 0, 0)],
    "partition_empty": [(rows(0, 0, 0), CRITICAL, 0, 0)],
    "stage_missing": [],  # needs its grace period to be over, see below
    "partition_late": [(arrival(1), WARNING, 1, 0), (arrival(3600), WARNING, 3600, 0)],
    "partition_unreadable": [(unreadable(stage), CRITICAL, 0, 0) for stage in Stage],
    "schema_mismatch": [(facts(raw=columns_without("referrer")), CRITICAL, 1, 1)],
    "clean_schema_mismatch": [(facts(clean=clean_without("referrer", "page_url")), CRITICAL, 2, 0)],
    "reject_ratio": [
        (rows(100, 94, 6), WARNING, 0.06, 0.05),
        (rows(100, 50, 50), WARNING, 0.5, 0.05),
        (rows(100, 49, 51), CRITICAL, 0.51, 0.5),
    ],
    "unaccounted_rows": [(rows(100, 94, 5), WARNING, 1, 0), (rows(100, 96, 5), WARNING, -1, 0)],
    "clean_empty": [(rows(100, 0, 5), CRITICAL, 0, 0)],
    "dq_discrepancy": [(rows(100, 95, 5, DqClaim(100, 95, 4)), WARNING, 1, 0)],
    "revenue_gap": [
        (revenue(100, 96), WARNING, 0.04, 0.03),
        (revenue(100, 104), WARNING, 0.04, 0.03),
        (revenue(100, 79), CRITICAL, 0.21, 0.2),
    ],
    "no_orders": [
        (changes(lost_orders=24.0), CRITICAL, 24, 3.9),
        (changes(lost_orders=3.0), WARNING, 3, 0),
    ],
    "event_vanished": [(changes(vanished={"page_viewed": 20.0, "other": 7.0}), WARNING, 20, 0)],
    "event_appeared": [(changes(appeared={"purchase": 4}), WARNING, 4, 0)],
    "zero_revenue": [
        (revenue(0, 5), CRITICAL, 0, 0.01),
        (revenue(5, 0), CRITICAL, 0, 0.01),
        (revenue(-5, -5), CRITICAL, -5, 0.01),
    ],
    "missing_client_id": [
        (raw(**missing(client_id=21)), WARNING, 0.021, 0.02),
    ],
    "missing_timestamp": [
        (raw(**missing(timestamp=2)), WARNING, 0.002, 0.001),
        (raw(**missing(timestamp=501)), CRITICAL, 0.501, 0.5),
    ],
    "missing_event_name": [
        (raw(**missing(event_name=2)), WARNING, 0.002, 0.001),
        (raw(**missing(event_name=501)), CRITICAL, 0.501, 0.5),
    ],
    "clean_missing_mandatory": [
        (facts(clean=profile(Stage.CLEAN, **missing(event_name=2, timestamp=1))), CRITICAL, 2, 0)  # type: ignore[arg-type]
    ],
    "checkout_zero_value": [(raw(**defects(zero_value=1)), WARNING, 1, 0)],
    "checkout_corrupt_items": [(raw(**defects(corrupt_items=2)), WARNING, 2, 0)],
    "checkout_duplicate_transaction_id": [(raw(**defects(duplicate_transaction_id=1)), WARNING, 1, 0)],
    "checkout_unparseable": [
        (raw(**defects(unparseable_event_data=1)), WARNING, 0.05, 0),
        (raw(**defects(unparseable_event_data=6)), CRITICAL, 0.3, 0.25),
    ],
    "invalid_revenue": [
        (raw(**defects(invalid_revenue=1)), WARNING, 0.05, 0),
        (raw(**defects(invalid_revenue=5)), WARNING, 0.25, 0),
        (raw(**defects(invalid_revenue=6)), CRITICAL, 0.3, 0.25),
    ],
    "checkout_missing_transaction_id": [(raw(**defects(missing_transaction_id=1)), CRITICAL, 1, 0)],
    "referrer_null": [(raw(referrer_null=901), WARNING, 0.901, 0.9)],
    "referrer_synthetic": [(raw(referrer_synthetic=351), WARNING, 0.351, 0.35)],
    "malformed_rows": [
        (raw(malformed_rows=2), WARNING, 0.002, 0.001),
        (raw(malformed_rows=501), CRITICAL, 0.501, 0.5),
        (facts(clean=profile(Stage.CLEAN, 1000, malformed_rows=200)), WARNING, 0.2, 0.001),
    ],
    "malformed_orders": [
        (raw(malformed_orders=5), WARNING, 0.2, 0),
        (raw(malformed_orders=20), CRITICAL, 0.5, 0.25),
        (facts(clean=profile(Stage.CLEAN, malformed_orders=20)), CRITICAL, 0.5, 0.25),
    ],
    "truncated": [
        (raw(truncated=True), CRITICAL, 1, 1),
        (facts(clean=profile(Stage.CLEAN, truncated=True)), CRITICAL, 1, 1),
    ],
    "unparseable_timestamps": [
        (raw(unparseable_timestamps=2), WARNING, 0.002, 0.001),
        (raw(unparseable_timestamps=501), CRITICAL, 0.501, 0.5),
    ],
    "invalid_utf8": [(raw(invalid_utf8_lines=2), WARNING, 0.002, 0.001)],
    "out_of_day_rows": [
        (raw(out_of_day_rows=2), WARNING, 0.002, 0.001),
        (facts(clean=profile(Stage.CLEAN, 960, out_of_day_rows=960)), CRITICAL, 1, 0.5),
    ],
    "silence": [(silent(7260), WARNING, 7260, 7200)],
    "query_failed": [
        (asked("mean"), WARNING, 1, 1),
        (asked("orphans", stage=Stage.REJECTS), WARNING, 1, 1),
    ],
    "task_failed": [(task(1, 1), CRITICAL, 0, 0), (task(1, -9), CRITICAL, 0, 0)],
    "task_slow": [
        (task(7920, 0), WARNING, 1.1, 1),
        (task(330, 0, usual_seconds=100.0), WARNING, 1.1, 1),
        (task(66, 0, usual_seconds=1.0), WARNING, 1.1, 1),
        (task(7920, 0, usual_seconds=9999.0), WARNING, 1.1, 1),
    ],
    "task_unended": [(task(1, None, unended=True), CRITICAL, 1, 1)],
}
