"""The table of metrics: each one's value for a partition, and when it has none."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from feeds import RAW, SETTINGS
from made import DAY, facts, profile, stage_facts

from exporter.figures import times
from exporter.figures.table import BY_NAME, METRICS, compute_figures, folded_label_values
from exporter.metric import STAGE, fold
from exporter.model import ColumnFigures, DqClaim, PartitionFacts, Stage, TaskRun
from exporter.profiling.order_tally import Defect

EMPTY = {
    "rows": 0,
    "events": {},
    "checkouts": 0,
    "revenue": 0.0,
    "referrer_null": 0,
    "referrer_synthetic": 0,
    "first_event_ns": None,
    "last_event_ns": None,
    "longest_silence_seconds": None,
}


def figures(known: PartitionFacts) -> dict[str, dict[tuple[str, ...], float]]:
    """Compute and return plain dictionaries."""
    return {name: dict(samples) for name, samples in compute_figures(known, SETTINGS).items()}


def test_a_file_that_cannot_be_read_has_its_reason_as_a_label() -> None:
    """With the value 1, as every metric of information."""
    known = facts(raw=profile())
    broken = replace(known.stages[Stage.RAW], profile=None, error="no rows")
    found = figures(replace(known, stages={**known.stages, Stage.RAW: broken}))
    assert found["puffy_partition_unreadable_info"] == {("raw", "no rows"): 1.0}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_follows_the_naming_rules(metric) -> None:  # noqa: ANN001
    """Names carry their unit, help ends with a full stop, labels are lower case."""
    assert re.fullmatch(r"puffy_(partition|task|column|query)_[a-z0-9_]+", metric.name)
    assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket"))
    assert metric.help.endswith(".")
    assert "partition" not in metric.labels
    assert all(re.fullmatch(r"[a-z_]+", label) for label in metric.labels)
    assert ("stage" in metric.labels) is ("stage" in (metric.choices or {}))
    assert (metric.choices or {}).get("stage", STAGE) == STAGE


def test_every_metric_has_a_value_on_a_healthy_partition_with_reports() -> None:
    """Every metric has one, except for missing columns and acknowledgements."""
    start, end = datetime(2025, 3, 6, 6, tzinfo=UTC), datetime(2025, 3, 6, 6, 5, tzinfo=UTC)
    run = TaskRun("dq", start, end, 0, usual_seconds=200.0, succeeded_at=end)
    known = facts(dq=DqClaim(1000, 960, 40), tasks={"dq": run})
    absent = {metric.name for metric in METRICS if not metric.name.startswith("puffy_column_")}
    absent -= figures(known).keys()
    assert absent == {
        "puffy_partition_duplicate_keys",
        "puffy_partition_missing_column_info",
        "puffy_partition_unreadable_info",
        "puffy_partition_malformed_fields",
        "puffy_partition_unparseable_timestamp_shapes",
        "puffy_partition_vanished_event_rows",
        "puffy_partition_new_event_rows",
        "puffy_partition_lost_orders",
        "puffy_partition_unmatched_file_info",
        "puffy_partition_acknowledged",
        "puffy_query_value",
        "puffy_query_failed_info",
    }
    answered = figures(replace(known, acknowledged=frozenset({"silence"})))
    assert answered["puffy_partition_acknowledged"] == {("silence",): 1.0}


def test_every_sample_has_as_many_label_values_as_the_metric_has_labels() -> None:
    """Labels and values cannot diverge."""
    got = figures(facts(raw=profile(columns=("timestamp",)), dq=DqClaim(1, 1, 1)))
    for metric in METRICS:
        for labels in got.get(metric.name, {}):
            assert len(labels) == len(metric.labels), metric.name


def test_an_empty_partition_has_no_ratios_and_no_instants() -> None:
    """A ratio to zero is absent, never NaN and never zero."""
    empty = {stage: profile(stage, **EMPTY) for stage in Stage}  # type: ignore[arg-type]
    got = figures(facts(raw=empty[Stage.RAW], clean=empty[Stage.CLEAN], rejects=empty[Stage.REJECTS]))
    for name in (
        "puffy_partition_missing_ratio",
        "puffy_partition_referrer_null_ratio",
        "puffy_partition_referrer_synthetic_ratio",
        "puffy_partition_reject_ratio",
        "puffy_partition_clean_ratio",
        "puffy_partition_revenue_gap_ratio",
        "puffy_partition_first_event_timestamp_seconds",
        "puffy_partition_longest_silence_seconds",
    ):
        assert name not in got
    assert got["puffy_partition_rows"] == {("raw",): 0, ("clean",): 0, ("rejects",): 0}
    assert got["puffy_partition_unaccounted_rows"] == {(): 0}


def test_a_missing_partition_says_only_that_it_is_missing() -> None:
    """Presence is known for every exposed partition, readability only for existing ones."""
    got = figures(facts(without=tuple(Stage)))
    assert got["puffy_partition_present"] == {("raw",): 0, ("clean",): 0, ("rejects",): 0}
    assert set(got) == {
        "puffy_partition_start_timestamp_seconds",
        "puffy_partition_due_timestamp_seconds",
        "puffy_partition_alertable",
        "puffy_partition_present",
    }


def test_an_unreadable_file_is_present_and_says_nothing_of_its_rows() -> None:
    """An unreadable file has a size and a time, but no rows."""
    known = facts()
    broken = {**known.stages, Stage.RAW: stage_facts(None, error="permission denied")}
    got = figures(replace(known, stages=broken))
    assert got["puffy_partition_present"]["raw",] == 1
    assert got["puffy_partition_readable"] == {("raw",): 0, ("clean",): 1, ("rejects",): 1}
    assert ("raw",) not in got["puffy_partition_rows"]
    assert "puffy_partition_reject_ratio" not in got
    assert "puffy_partition_schema_mismatch" not in got


def test_a_lost_column_is_counted_named_and_a_mismatch() -> None:
    """Three metrics report one lost column."""
    columns = tuple(name for name in profile().columns if name != "referrer")
    got = figures(facts(raw=profile(columns=columns)))
    assert got["puffy_partition_missing_columns"]["raw",] == 1
    assert got["puffy_partition_missing_column_info"] == {("raw", "referrer"): 1}
    assert got["puffy_partition_schema_mismatch"] == {(): 1}


def test_a_mismatch_that_only_upstream_saw_is_one() -> None:
    """A reject reason is enough, whatever the raw header says."""
    rejects = profile(Stage.REJECTS, 40, reasons={"schema_mismatch_missing_columns": 40})
    assert figures(facts(rejects=rejects))["puffy_partition_schema_mismatch"] == {(): 1}
    assert figures(facts())["puffy_partition_schema_mismatch"] == {(): 0}


def test_a_clean_file_without_rows_has_a_revenue_of_zero() -> None:
    """The gap is then the whole revenue."""
    got = figures(facts(clean=profile(Stage.CLEAN, **EMPTY)))  # type: ignore[arg-type]
    assert got["puffy_partition_revenue"]["clean",] == 0
    assert got["puffy_partition_revenue_gap_ratio"] == {(): 1}


def test_all_six_defects_are_there_even_at_zero() -> None:
    """A counter that appears only with the first defect cannot be alerted on."""
    got = figures(facts())["puffy_partition_checkout_defects"]
    assert {labels[1] for labels in got if labels[0] == "raw"} == {defect.value for defect in Defect}


def test_unknown_event_names_are_added_up_as_other() -> None:
    """Series stay bounded whatever names a tag invents."""
    known = facts(raw=profile(events={"page_viewed": 5, "purchase": 2, "x": 1}, events_overflow=4))
    got = figures(known)["puffy_partition_events"]
    raw = {labels[1]: value for labels, value in got.items() if labels[0] == "raw"}
    assert raw["page_viewed"] == 5
    assert raw["checkout_started"] == 0
    assert raw["other"] == 7
    assert folded_label_values(known, SETTINGS)["event_name"] == 2


def test_reject_reasons_beyond_the_bound_become_other() -> None:
    """The commonest keep their name, and nothing is lost from the sum."""
    counts = {f"reason_{number:03}": number for number in range(1, 61)}
    folded = dict(fold(counts, overflow=5, most=50))
    assert len(folded) == 51
    assert folded["other"] == sum(range(1, 11)) + 5
    assert sum(folded.values()) == sum(counts.values()) + 5
    rejects = profile(Stage.REJECTS, 40, reasons=counts)
    assert folded_label_values(facts(rejects=rejects), SETTINGS)["reason"] == 10


def test_tasks_beyond_the_bound_are_counted() -> None:
    """On the bound none is; nothing else is counted with them."""
    start = datetime(2025, 3, 6, 6, tzinfo=UTC)
    for count, beyond in ((50, 0), (53, 3)):
        tasks = {f"task-{number}": TaskRun(f"task-{number}", start, start, 0) for number in range(count)}
        counted = folded_label_values(facts(tasks=tasks), replace(SETTINGS, most_label_values=50))
        assert counted == {"event_name": 0, "reason": 0, "task": beyond}


def test_a_file_that_cannot_be_read_folds_nothing_and_hides_nothing() -> None:
    """The files after it are counted all the same."""
    counts = {f"reason_{number:03}": number for number in range(1, 61)}
    known = facts(rejects=profile(Stage.REJECTS, 40, reasons=counts))
    broken = replace(known, stages={**known.stages, Stage.RAW: stage_facts(None, error="cut off")})
    assert folded_label_values(broken, replace(SETTINGS, most_label_values=50))["reason"] == 10


def test_a_share_says_how_many_of_how_many() -> None:
    """If both are known; counts of rows and orders do too."""
    shares = [(metric.name, metric.counts) for metric in METRICS if metric.counts is not None]
    assert [name for name, _ in shares if name.endswith("_ratio")] == [
        "puffy_partition_missing_ratio",
        "puffy_partition_revenue_gap_ratio",
        "puffy_partition_reject_ratio",
    ]
    defects = {("raw", "zero_value"): 2.0, ("clean", "zero_value"): 1.0}
    known = {"puffy_partition_checkout_defects": defects, "puffy_partition_checkouts": {("raw",): 21.0}}
    of_orders = dict(shares)["puffy_partition_checkout_defects"]
    assert of_orders(known, ("raw", "zero_value")) == (2.0, 21.0)
    assert of_orders(known, ("clean", "zero_value")) is None
    rejected = dict(shares)["puffy_partition_reject_ratio"]
    rows = {("raw",): 1000.0, ("clean",): 960.0, ("rejects",): 40.0}
    for without, share in ((None, (40.0, 1000.0)), ("raw", None), ("rejects", None)):
        known = {labels: number for labels, number in rows.items() if labels != (without,)}
        assert rejected({"puffy_partition_rows": known}, ()) == share
    assert rejected({}, ()) is None


def test_a_count_of_a_columns_rows_says_of_how_many() -> None:
    """For example 4 of 1,000 rows have no amount; a mean is a part of nothing."""
    amount = ColumnFigures("number", {"mean": 2.5, "missing_rows": 4})
    got = figures(facts(raw=profile(figures={"amount": amount})))
    counts = BY_NAME["puffy_column_missing_rows"].counts
    assert counts is not None
    assert counts(got, ("raw", "amount")) == (4.0, 1000.0)
    assert counts(got, ("raw", "city")) is None
    assert BY_NAME["puffy_column_mean"].counts is None


@pytest.mark.parametrize("name", ["puffy_partition_missing_rows", "puffy_partition_missing_ratio"])
def test_rows_without_a_mandatory_value_are_so_many_of_all_rows(name: str) -> None:
    """As a number and as a share; those of a file that does not exist are unknown."""
    got = figures(facts(raw=profile(missing={"client_id": 4}), without=(Stage.CLEAN,)))
    counts = BY_NAME[name].counts
    assert counts is not None
    assert counts(got, ("raw", "client_id")) == (4.0, 1000.0)
    assert counts(got, ("clean", "client_id")) is None


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("puffy_partition_duplicate_keys", ("client_id", "event_name")),
        ("puffy_partition_out_of_day_rows", ("timestamp",)),
        ("puffy_partition_rows", ()),
    ],
)
def test_a_figure_says_which_columns_it_is_computed_from(name: str, columns: tuple[str, ...]) -> None:
    """A fault of one of them explains the figure."""
    assert BY_NAME[name].reads(replace(RAW, key=("client_id", "event_name"))) == columns


def test_a_file_without_a_column_of_times_has_no_figures_of_time() -> None:
    """Not even zero; the other stages have theirs."""
    nothing = dict.fromkeys(("event_time", "first_event_ns", "last_event_ns", "longest_silence_seconds"))
    got = figures(facts(raw=profile(**nothing)))
    for metric in times.METRICS:
        assert all(labels[0] != "raw" for labels in got.get(metric.name, {})), metric.name
    assert ("clean",) in got["puffy_partition_out_of_day_rows"]


def test_a_reason_that_is_called_other_joins_the_rest() -> None:
    """One series of that name, not two."""
    assert dict(fold({"other": 3, "a": 5}, overflow=0, most=50)) == {"a": 5, "other": 3}


def test_the_dq_claim_is_held_against_the_stages_that_exist() -> None:
    """A missing stage cannot disagree."""
    claim = DqClaim(1001, 960, 39)
    assert figures(facts(dq=claim))["puffy_partition_dq_discrepancy_rows"] == {(): 2}
    got = figures(facts(dq=claim, without=(Stage.REJECTS,)))
    assert got["puffy_partition_dq_discrepancy_rows"] == {(): 1}
    assert "puffy_partition_dq_discrepancy_rows" not in figures(facts())


def test_a_task_that_never_ended_has_no_duration_and_no_success() -> None:
    """A crash leaves only a start."""
    run = TaskRun("dq", datetime(2025, 3, 6, 6, tzinfo=UTC), None, None)
    got = figures(facts(tasks={"dq": run}))
    assert "puffy_task_duration_seconds" not in got
    assert "puffy_task_success" not in got
    assert got["puffy_task_duration_limit_seconds"] == {("dq",): 7200}


def test_a_revenue_too_large_for_its_difference_leaves_the_gap_out() -> None:
    """Nobody can act on infinity."""
    got = figures(facts(raw=profile(revenue=1.7e308), clean=profile(Stage.CLEAN, 960, revenue=-1.7e308)))
    assert "puffy_partition_revenue_gap_ratio" not in got


def test_alertable_and_calendar_are_exposed() -> None:
    """Rules need to know which partitions may fire."""
    got = figures(facts(alertable=False))
    assert got["puffy_partition_alertable"] == {(): 0}
    assert got["puffy_partition_due_timestamp_seconds"] == {
        (): datetime(2025, 3, 6, 6, tzinfo=UTC).timestamp()
    }
    assert DAY.isoformat() == "2025-03-05"
