"""Every shipped check: the rows that stay silent and the rows that fire."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from made import CALENDAR, DAY, facts, profile, stage_facts

from exporter.checks.catalogue import load_catalogue, shipped
from exporter.checks.check import Alert, Kind, Severity, State
from exporter.checks.judge import Subject, judge
from exporter.figures.metric import Settings
from exporter.figures.table import compute_figures
from exporter.history.trend import TrendFigures
from exporter.model import NANOSECONDS, Defect, DqClaim, PartitionFacts, Profile, Stage, TaskRun

CHECKS = load_catalogue()
DUE = CALENDAR.due_ns(DAY)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def subject(known: PartitionFacts, *, hours_after_due: float = 1, **changes: object) -> Subject:
    """Return what the checks look at."""
    looked_at = Subject(
        partition=known.partition,
        figures=compute_figures(known, Settings()),
        trends={},
        due_ns=known.due_ns,
        now_ns=DUE + round(hours_after_due * 3600 * NANOSECONDS),
        alertable=known.alertable,
    )
    return replace(looked_at, **changes)  # type: ignore[arg-type]


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
    """Return a partition whose raw file came then."""
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


SILENT: dict[str, list[PartitionFacts]] = {
    "partition_missing": [facts(), unreadable(Stage.RAW)],
    "partition_empty": [facts(), raw(rows=1), facts(without=(Stage.RAW,)), rows(10, 0, 0)],
    "stage_missing": [facts(), unreadable(Stage.CLEAN)],
    "partition_late": [facts(), arrival(0), arrival(-60), facts(without=(Stage.RAW,))],
    "partition_unreadable": [facts(), facts(without=(Stage.CLEAN,))],
    "schema_mismatch": [facts(), unreadable(Stage.RAW)],
    "reject_ratio": [rows(100, 95, 5), rows(0, 0, 0), facts(without=(Stage.REJECTS,))],
    "unaccounted_rows": [rows(100, 95, 5), facts(without=(Stage.CLEAN,))],
    "dq_discrepancy": [rows(100, 95, 5), rows(100, 95, 5, DqClaim(100, 95, 5))],
    "revenue_gap": [revenue(100, 97), revenue(100, 103), revenue(0, 0)],
    "zero_revenue": [revenue(0, 0, checkouts=0), revenue(0.01, 0.01), revenue(-5, -5)],
    "missing_client_id": [raw(**missing(client_id=20))],
    "missing_timestamp": [raw(**missing(timestamp=1))],
    "missing_event_name": [raw(**missing(event_name=1))],
    "clean_missing_mandatory": [facts(), raw(**missing(client_id=1))],
    "checkout_zero_value": [facts(clean=profile(Stage.CLEAN, **defects(zero_value=1)))],  # type: ignore[arg-type]
    "checkout_corrupt_items": [raw(**defects(zero_value=1))],
    "checkout_duplicate_transaction_id": [raw(**defects(missing_transaction_id=1))],
    "checkout_unparseable": [raw(**defects(invalid_revenue=1))],
    "checkout_missing_transaction_id": [raw(**defects(duplicate_transaction_id=1))],
    "referrer_null": [raw(referrer_null=900), raw(rows=0, referrer_null=0)],
    "referrer_synthetic": [raw(referrer_synthetic=350)],
    "malformed_rows": [raw(malformed_rows=1), raw(rows=0)],
    "out_of_day_rows": [raw(out_of_day_rows=1)],
    "silence": [silent(7200), silent(None)],
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
    "stage_missing": [],  # needs its grace to be over, see below
    "partition_late": [(arrival(1), WARNING, 1, 0), (arrival(3600), WARNING, 3600, 0)],
    "partition_unreadable": [(unreadable(stage), CRITICAL, 0, 0) for stage in Stage],
    "schema_mismatch": [(facts(raw=columns_without("referrer")), CRITICAL, 1, 1)],
    "reject_ratio": [
        (rows(100, 94, 6), WARNING, 0.06, 0.05),
        (rows(100, 50, 50), WARNING, 0.5, 0.05),
        (rows(100, 49, 51), CRITICAL, 0.51, 0.5),
    ],
    "unaccounted_rows": [(rows(100, 94, 5), WARNING, 1, 0), (rows(100, 96, 5), WARNING, -1, 0)],
    "dq_discrepancy": [(rows(100, 95, 5, DqClaim(100, 95, 4)), WARNING, 1, 0)],
    "revenue_gap": [
        (revenue(100, 96), WARNING, 0.04, 0.03),
        (revenue(100, 104), WARNING, 0.04, 0.03),
        (revenue(100, 79), CRITICAL, 0.21, 0.2),
    ],
    "zero_revenue": [(revenue(0, 5), CRITICAL, 0, 0), (revenue(5, 0), CRITICAL, 0, 0)],
    "missing_client_id": [(raw(**missing(client_id=21)), WARNING, 0.021, 0.02)],
    "missing_timestamp": [(raw(**missing(timestamp=2)), WARNING, 0.002, 0.001)],
    "missing_event_name": [(raw(**missing(event_name=2)), WARNING, 0.002, 0.001)],
    "clean_missing_mandatory": [
        (facts(clean=profile(Stage.CLEAN, **missing(event_name=2, timestamp=1))), CRITICAL, 2, 0)  # type: ignore[arg-type]
    ],
    "checkout_zero_value": [(raw(**defects(zero_value=1)), WARNING, 1, 0)],
    "checkout_corrupt_items": [(raw(**defects(corrupt_items=2)), WARNING, 2, 0)],
    "checkout_duplicate_transaction_id": [(raw(**defects(duplicate_transaction_id=1)), WARNING, 1, 0)],
    "checkout_unparseable": [(raw(**defects(unparseable_event_data=1)), WARNING, 1, 0)],
    "checkout_missing_transaction_id": [(raw(**defects(missing_transaction_id=1)), CRITICAL, 1, 0)],
    "referrer_null": [(raw(referrer_null=901), WARNING, 0.901, 0.9)],
    "referrer_synthetic": [(raw(referrer_synthetic=351), WARNING, 0.351, 0.35)],
    "malformed_rows": [(raw(malformed_rows=2), WARNING, 0.002, 0.001)],
    "out_of_day_rows": [(raw(out_of_day_rows=2), WARNING, 0.002, 0.001)],
    "silence": [(silent(7260), WARNING, 7260, 7200)],
    "task_failed": [(task(1, 1), CRITICAL, 0, 0), (task(1, -9), CRITICAL, 0, 0)],
    "task_slow": [
        (task(7920, 0), WARNING, 1.1, 1),
        (task(330, 0, usual_seconds=100.0), WARNING, 1.1, 1),
        (task(66, 0, usual_seconds=1.0), WARNING, 1.1, 1),
        (task(7920, 0, usual_seconds=9999.0), WARNING, 1.1, 1),
    ],
    "task_unended": [(task(1, None, unended=True), CRITICAL, 1, 1)],
}


def found(looked_at: Subject, name: str) -> Alert | None:
    """Return the alert of one check, if it is in breach."""
    return next((alert for alert in judge(CHECKS, looked_at) if alert.check.name == name), None)


def test_the_tables_here_cover_every_threshold_check() -> None:
    """A new check needs its silent and its firing rows."""
    thresholds = [check.name for check in CHECKS if check.kind is Kind.THRESHOLD]
    assert list(SILENT) == list(FIRING) == thresholds
    assert {check.name for check in CHECKS} == set(shipped())


@pytest.mark.parametrize(
    ("name", "known"), [(name, known) for name, cases in SILENT.items() for known in cases]
)
def test_silent(name: str, known: PartitionFacts) -> None:
    """On the limit, and where the value cannot be known, nothing fires."""
    assert found(subject(known), name) is None


@pytest.mark.parametrize(
    ("name", "known", "severity", "value", "limit"),
    [(name, *case) for name, cases in FIRING.items() for case in cases],
)
def test_firing(name: str, known: PartitionFacts, severity: Severity, value: float, limit: float) -> None:
    """Just beyond the limit it fires once, with the value and the limit that was crossed."""
    alert = found(subject(known), name)
    assert alert is not None
    assert (alert.severity, alert.limit, alert.state) == (severity, limit, State.FIRING)
    assert alert.value == pytest.approx(value)


def test_a_healthy_partition_is_silent_altogether() -> None:
    """Pages nobody without cause."""
    assert judge(CHECKS, subject(facts(dq=DqClaim(1000, 960, 40)), hours_after_due=9)) == ()


def test_a_missing_partition_fires_only_after_its_due_time() -> None:
    """Not at the due time itself."""
    gone = facts(without=tuple(Stage))
    assert found(subject(gone, hours_after_due=0), "partition_missing") is None
    assert found(subject(gone, hours_after_due=0.001), "partition_missing")


@pytest.mark.parametrize("stage", [Stage.CLEAN, Stage.REJECTS])
def test_a_missing_stage_fires_only_after_its_grace(stage: Stage) -> None:
    """The DQ step has two hours; the alert names the stage."""
    gone = facts(without=(stage,))
    assert found(subject(gone, hours_after_due=2), "stage_missing") is None
    alert = found(subject(gone, hours_after_due=2.001), "stage_missing")
    assert alert is not None
    assert alert.labels == {"stage": stage.value}


def test_the_worst_sample_speaks_for_the_partition() -> None:
    """Of several fields the one with most missing values is named."""
    clean = profile(Stage.CLEAN, **missing(client_id=1, timestamp=5))  # type: ignore[arg-type]
    alert = found(subject(facts(clean=clean)), "clean_missing_mandatory")
    assert alert is not None
    assert (alert.value, alert.labels) == (5, {"field": "timestamp"})


def test_critical_comes_first() -> None:
    """Then by name."""
    looked_at = subject(facts(raw=replace(columns_without("referrer"), malformed_rows=9, referrer_null=1000)))
    names = [alert.check.name for alert in judge(CHECKS, looked_at)]
    assert names == ["schema_mismatch", "malformed_rows", "referrer_null"]


def test_a_breach_of_a_partition_that_is_not_alertable_is_past() -> None:
    """It stays in the report and reaches nobody."""
    alert = found(subject(facts(without=tuple(Stage), alertable=False)), "partition_missing")
    assert alert is not None
    assert alert.state is State.PAST


def test_an_acknowledged_breach_is_acknowledged_unless_it_is_past() -> None:
    """Only firing ones reach anybody."""
    gone = facts(without=tuple(Stage))
    alert = found(subject(gone, acknowledged=frozenset({"partition_missing"})), "partition_missing")
    assert alert is not None
    assert alert.state is State.ACKNOWLEDGED


@pytest.mark.parametrize(("value", "limit"), [(160.0, 115.0), (40.0, 85.0)])
def test_an_anomaly_shows_the_edge_of_the_band_that_it_left(value: float, limit: float) -> None:
    """Value and limit are in the trend's own unit."""
    figures = TrendFigures(
        value=value,
        baseline_count=7,
        baseline_avg=100.0,
        baseline_stddev=5.0,
        deviation_ratio=value / 100 - 1,
        zscore=(value - 100) / 5,
    )
    alert = found(subject(facts(), trends={"revenue": figures}), "anomaly_revenue")
    assert alert is not None
    assert (alert.value, alert.limit, alert.check.kind) == (value, limit, Kind.ANOMALY)
    calm = replace(figures, value=101.0, deviation_ratio=0.01, zscore=0.2)
    assert found(subject(facts(), trends={"revenue": calm}), "anomaly_revenue") is None
