"""Every shipped check: the rows that stay silent and the rows that fire."""

from dataclasses import replace

import pytest
from check_cases import DUE, FIRING, SILENT, columns_without, missing
from feeds import BANDS, SETTINGS, altered
from made import facts, profile

from exporter.checks.catalogue import load_catalogue, shipped
from exporter.checks.check import Alert, Compare, Guard, Kind, Selector, Severity, State, Value
from exporter.checks.judge import Subject, evaluate, judge, names_shown, worst
from exporter.figures.table import compute_figures
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.trend import TrendFigures
from exporter.model import NANOSECONDS, DqClaim, PartitionFacts, Stage

CHECKS = load_catalogue(BANDS)


def subject(known: PartitionFacts, *, hours_after_due: float = 1, **changes: object) -> Subject:
    """Return what the checks look at."""
    looked_at = Subject(
        partition=known.partition,
        figures=compute_figures(known, SETTINGS),
        trends={},
        due_ns=known.due_ns,
        now_ns=DUE + round(hours_after_due * 3600 * NANOSECONDS),
        alertable=known.alertable,
    )
    return replace(looked_at, **changes)  # type: ignore[arg-type]


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
    """At the limit, and if the value is unknown, nothing fires."""
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
    """It pages nobody without cause."""
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


def test_a_breach_names_all_stages_that_are_in_breach() -> None:
    """In pipeline order, and none where the stage is not free."""
    gone = facts(without=(Stage.REJECTS, Stage.CLEAN))
    alert = found(subject(gone, hours_after_due=2.001), "stage_missing")
    assert alert is not None
    assert (alert.labels, alert.stages) == ({"stage": "clean"}, ("clean", "rejects"))
    alone = found(subject(facts(without=(Stage.REJECTS,)), hours_after_due=2.001), "stage_missing")
    assert alone is not None
    assert alone.stages == ("rejects",)
    missing = found(subject(facts(without=tuple(Stage)), hours_after_due=1), "partition_missing")
    assert missing is not None
    assert missing.stages == ()


def test_the_worst_sample_speaks_for_the_partition() -> None:
    """Of several fields the one with most missing values is named."""
    clean = profile(Stage.CLEAN, **missing(client_id=1, timestamp=5))  # type: ignore[arg-type]
    alert = found(subject(facts(clean=clean)), "clean_missing_mandatory")
    assert alert is not None
    assert (alert.value, alert.labels) == (5, {"field": "timestamp"})


def test_critical_comes_first() -> None:
    """Then by name."""
    looked_at = subject(facts(raw=altered(columns_without("referrer"), malformed_rows=9, referrer_null=1000)))
    names = [alert.check.name for alert in judge(CHECKS, looked_at)]
    assert names == ["schema_mismatch", "malformed_rows", "referrer_null"]


def test_a_breach_of_a_partition_that_is_not_alertable_is_past() -> None:
    """It stays in the report and notifies nobody."""
    alert = found(subject(facts(without=tuple(Stage), alertable=False)), "partition_missing")
    assert alert is not None
    assert alert.state is State.PAST


def test_a_breach_fires_or_is_acknowledged_or_past() -> None:
    """These are the words of the report."""
    assert [state.value for state in State] == ["firing", "acknowledged", "past"]


def test_an_acknowledged_breach_is_acknowledged_unless_it_is_past() -> None:
    """Only firing ones notify anybody."""
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
    assert alert.expected == 100.0


@pytest.mark.parametrize(
    ("score", "severity"), [(9.0, Severity.CRITICAL), (0.1, Severity.WARNING), (None, Severity.WARNING)]
)
def test_an_anomaly_that_is_confirmed_has_the_worse_severity(score: float | None, severity: Severity) -> None:
    """Its detector decides, not the 7-day rule; it says what was expected."""
    band = replace(BANDS["revenue"], method=Method.WEEKDAY)
    check = replace(
        next(check for check in CHECKS if check.name == "anomaly_revenue"),
        band=band,
        limits={Severity.WARNING: 3.0, Severity.CRITICAL: 4.0},
    )
    figures = TrendFigures(value=50.0, baseline_count=7, baseline_avg=50.0, baseline_stddev=5.0)
    detection = Detection(
        Method.WEEKDAY, Readiness.ARMED, 8, expected=100.0, low=80.0, high=120.0, level_score=score
    )
    looked_at = subject(facts(), trends={"revenue": figures}, detections={"revenue": detection})
    (alert,) = judge([check], looked_at)
    assert (alert.severity, alert.limit, alert.expected) == (severity, 80.0, 100.0)
    assert judge([check], replace(looked_at, detections={})) == ()


def test_the_largest_three_are_shown_in_alphabetical_order() -> None:
    """Over all stages; a number of fields is called so."""
    known = facts(
        raw=profile(malformed_rows=500, malformed_fields={"8": 5, "5": 3, "6": 1, "9": 400}),
        clean=profile(Stage.CLEAN, malformed_fields={"6": 7}),
    )
    fields = Selector("puffy_partition_malformed_fields", {})
    figures = compute_figures(known, SETTINGS)
    assert names_shown(fields, figures) == ("6 fields", "8 fields", "9 fields")
    assert names_shown(replace(fields, labels={"stage": ("raw",)}), figures) == (
        "5 fields",
        "8 fields",
        "9 fields",
    )
    assert (
        names_shown(Selector("puffy_partition_events", {"stage": ("rejects",)}), figures)[0]
        == "checkout_completed"
    )
    assert names_shown(fields, {}) == ()


@pytest.mark.parametrize(
    ("compare", "values", "label"),
    [
        (Compare.ABOVE, {"a": 1.0, "b": 3.0, "c": -5.0}, "b"),
        (Compare.AT_LEAST, {"a": 1.0, "b": 3.0}, "b"),
        (Compare.BELOW, {"a": 1.0, "b": -3.0}, "b"),
        (Compare.AT_MOST, {"a": 1.0, "b": -3.0}, "b"),
        (Compare.UNEQUAL, {"a": 1.0, "b": -3.0}, "b"),
        (Compare.ABOVE, {"clean": 1.0, "raw": 1.0}, "raw"),
        (Compare.ABOVE, {"b": 1.0, "a": 1.0, "rejects": 1.0}, "rejects"),
        (Compare.ABOVE, {"b": 1.0, "a": 1.0}, "a"),
    ],
)
def test_the_worst_value_is_the_one_furthest_off(
    compare: Compare, values: dict[str, float], label: str
) -> None:
    """Of equal ones the stage that comes first in the pipeline, then the alphabet."""
    assert worst({(name,): value for name, value in values.items()}, compare) == (label,)


@pytest.mark.parametrize(
    ("compare", "held"),
    [
        (">", [False, False, True]),
        ("<", [True, False, False]),
        ("==", [False, True, False]),
        ("!=", [True, False, True]),
        (">=", [False, True, True]),
        ("<=", [True, True, False]),
    ],
)
def test_values_are_compared_as_in_promql(compare: str, held: list[bool]) -> None:
    """Below, at and above the limit."""
    assert [Compare(compare).holds(value, 2.0) for value in (1.0, 2.0, 3.0)] == held


def test_a_value_is_looked_at_where_its_condition_holds() -> None:
    """For the same stage; what cannot be divided or is unknown has no value."""
    figures = {
        "puffy_partition_malformed_rows": {("raw",): 4.0, ("clean",): 6.0, ("rejects",): 1.0},
        "puffy_partition_rows": {("raw",): 8.0, ("clean",): 0.0},
    }
    malformed, rows = Selector("puffy_partition_malformed_rows", {}), Selector("puffy_partition_rows", {})
    looked_at = replace(subject(facts()), figures=figures)

    def values(**changes: object) -> dict[tuple[str, ...], float]:
        return dict(evaluate(Value(malformed, **changes), looked_at))  # type: ignore[arg-type]

    assert values() == {("raw",): 4.0, ("clean",): 6.0, ("rejects",): 1.0}
    assert values(per=rows) == {("raw",): 0.5}
    assert values(minus=rows) == {("raw",): -4.0, ("clean",): 6.0}
    assert values(minus=rows, absolute=True) == {("raw",): 4.0, ("clean",): 6.0}
    of_raw = replace(rows, labels={"stage": ("raw",)})
    assert values(per=of_raw) == {("raw",): 0.5, ("clean",): 0.75, ("rejects",): 0.125}
    some = replace(rows, labels={"stage": ("raw", "clean")})
    assert values(per=some) == {("raw",): 0.5}
    assert values(when=Guard(rows, Compare.ABOVE, 0.0)) == {("raw",): 4.0}
    assert values(when=Guard(rows, Compare.AT_LEAST, 0.0)) == {("raw",): 4.0, ("clean",): 6.0}
