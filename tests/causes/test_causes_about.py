"""A fault of a column explains the checks computed from it: all of them, and no other."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from feeds import CHECKS, EVENTS, EXPECTED_COLUMNS
from made import DAY, facts, profile

from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.causes.problem import matches
from exporter.checks.check import Alert, Check, Kind, Origin, Selector, Severity, State, Value
from exporter.feed import Column, Feed, FollowedFigure, Query
from exporter.model import ColumnFigures, Stage
from exporter.profiling.pack import known_packs

ORDERS = {
    "checkout_corrupt_items",
    "checkout_duplicate_transaction_id",
    "checkout_missing_transaction_id",
    "checkout_unparseable",
    "checkout_zero_value",
    "invalid_revenue",
    "zero_revenue",
    "anomaly_revenue",
}
OF_COLUMNS: Mapping[str, set[str]] = {
    "client_id": {"missing_client_id", "anomaly_missing_client_id_ratio"},
    "page_url": set(),
    "referrer": {
        "referrer_null",
        "referrer_synthetic",
        "anomaly_referrer_null_ratio",
        "anomaly_referrer_synthetic_ratio",
    },
    "timestamp": {"missing_timestamp", "unparseable_timestamps", "out_of_day_rows", "silence"},
    "event_name": {
        "missing_event_name",
        "no_orders",
        "event_vanished",
        "event_appeared",
        "anomaly_checkouts",
        *ORDERS,
    },
    "event_data": ORDERS,
    "user_agent": set(),
}
# What follows if the DQ step rejects every row.
REJECTED = {
    "schema_mismatch",
    "clean_schema_mismatch",
    "reject_ratio",
    "revenue_gap",
    "clean_empty",
    "anomaly_reject_ratio",
    "anomaly_clean_revenue",
}
AWKWARD = (
    *("id", "day", "row", "rows", "event", "task", "order", "missing", "ratio", "anomaly", "raw", "clean"),
    *(
        "stage",
        "field",
        "referrer_null",
        "revenue",
        "utf8",
        "e",
        "_",
        "load",
        "ORDER",
        "a.b",
        'a"b',
        "*",
        "[a]",
    ),
    *("?", "日付", "Größe", "no_orders", "unparseable_event_data", "by", "count", "5"),
)


def of_contract(name: str, selector: Selector) -> Check:
    """Return a contract's check with an irrelevant name."""
    return Check(
        name,
        "PuffyContractCheck",
        Kind.THRESHOLD,
        {Severity.WARNING: 0.0},
        "sales",
        "Wrong.",
        "None.",
        ("Look.", "Ask."),
        "docs",
        value=Value(selector),
        origin=Origin.CONTRACT,
    )


def alert(check: Check, **labels: str) -> Alert:
    """Return a breach whose free labels have values that are not columns."""
    free = () if check.value is None else check.value.selector.free
    known = {"stage": "raw", "column": "other", "field": "other"}
    chosen = {label: known.get(label, "order") for label in free} | labels
    names = ("id", "order", "event") if check.shows and check.shows.named == ("event_name",) else ()
    severity = check.severities[0]
    limit = check.limits[severity]
    return Alert(check, DAY, severity, 1.0, limit, State.FIRING, chosen, names=names)


def feed_with(name: str) -> Feed:
    """Return the shipped feed with one more column, a trend of it and a query of it."""
    raw = EVENTS.raw
    if raw.column(name) is None:
        raw = replace(raw, columns=(*raw.columns, Column(name, "text")))
    quoted = name.replace('"', '""')
    return replace(
        EVENTS,
        tables={**EVENTS.tables, Stage.RAW: raw},
        trends=(
            *EVENTS.trends,
            FollowedFigure("own", "puffy_column_missing_ratio", {"stage": "raw", "column": name}),
            FollowedFigure("lengths", "puffy_task_duration_seconds", {"task": name}),
        ),
        queries=(
            Query("mine", Stage.RAW, f'SELECT count("{quoted}") FROM ${{table}}'),
            Query("theirs", Stage.RAW, f"SELECT count(other) FROM ${{table}} WHERE x = '{name}' ORDER BY y"),
        ),
    )


def breaches(name: str) -> tuple[Alert, ...]:
    """Return every shipped check in breach, and those of a contract: some of the column, some of others."""
    of_trend = next(check for check in CHECKS if check.kind is Kind.ANOMALY)
    stage = {"stage": ("raw",)}
    own = (
        of_contract("c1", Selector("puffy_column_invalid_ratio", {**stage, "column": (name,)})),
        of_contract("c2", Selector("puffy_query_value", {**stage, "query": ("mine",)})),
        replace(of_trend, name="c3", trend="own"),
    )
    others = (
        of_contract("d1_" + name, Selector("puffy_column_invalid_ratio", {**stage, "column": ("other",)})),
        of_contract("d2", Selector("puffy_query_value", {**stage, "query": ("theirs",)})),
        of_contract("d3", Selector("puffy_task_success", {"task": (name,)})),
        replace(of_trend, name="d4", trend="lengths"),
    )
    worst = of_contract("c4", Selector("puffy_column_invalid_ratio", stage))
    return (
        *(alert(check) for check in (*CHECKS, *own, *others)),
        alert(worst, column=name),
        alert(replace(worst, name="d5"), column="other"),
    )


def explained_by(finding: Finding, case: Case) -> set[str]:
    """Return the checks in breach that a finding explains."""
    names = [alert.check.name for alert in case.alerts]
    return {name for name in names if matches(name, finding.explains or ())}


OWN = {"c1", "c2", "c3", "c4"}


@pytest.mark.parametrize("name", [*EXPECTED_COLUMNS[Stage.RAW], *AWKWARD])
def test_a_missing_column_explains_what_is_computed_from_it_and_no_more(name: str) -> None:
    """Whatever it is called: its name may be part of a check's name, or a label's value."""
    feed = feed_with(name)
    columns = tuple(column for column in feed.raw.names if column != name)
    case = Case(facts(raw=profile(columns=columns)), breaches(name), feed)
    (finding,) = CAUSES["column_missing"].detect(case)
    assert explained_by(finding, case) == REJECTED | OF_COLUMNS.get(name, set()) | OWN


def test_the_table_is_of_the_shipped_contract() -> None:
    """A new column needs a line of its own."""
    assert set(OF_COLUMNS) == set(EXPECTED_COLUMNS[Stage.RAW])


def test_rows_that_cannot_be_split_explain_what_is_computed_from_any_column() -> None:
    """Whatever a contract calls its checks; tasks and the file's encoding are something else."""
    feed = feed_with("city")
    late = of_contract("missing_shipments", Selector("puffy_task_success", {"task": ("ship",)}))
    day = facts(raw=profile(malformed_rows=1000, malformed_fields={"8": 1000}))
    case = Case(day, (*breaches("city"), alert(late)), feed)
    (finding,) = CAUSES["fields_too_many"].detect(case)
    explained = explained_by(finding, case)
    assert explained >= OWN.union(*OF_COLUMNS.values())
    assert not explained & {"missing_shipments", "invalid_utf8", "task_failed", "d2", "d3", "stage_missing"}


@pytest.mark.parametrize(
    ("metric", "stage", "explained"),
    [
        ("puffy_partition_reject_ratio", None, True),
        ("puffy_partition_revenue_gap_ratio", None, True),
        ("puffy_partition_size_bytes", "clean", True),
        ("puffy_partition_size_bytes", "raw", False),
    ],
)
def test_a_missing_column_explains_trends_of_the_dq_step_alone(
    metric: str, stage: str | None, *, explained: bool
) -> None:
    """It rejects every row; raw files are as large as usual, so a change in that is something else."""
    trend = FollowedFigure("own", metric, {} if stage is None else {"stage": stage})
    feed = replace(EVENTS, trends=(*EVENTS.trends, trend))
    of_trend = next(check for check in CHECKS if check.kind is Kind.ANOMALY)
    columns = tuple(column for column in feed.raw.names if column != "user_agent")
    case = Case(
        facts(raw=profile(columns=columns)), (alert(replace(of_trend, name="one", trend="own")),), feed
    )
    (finding,) = CAUSES["column_missing"].detect(case)
    assert ("one" in explained_by(finding, case)) is explained


@pytest.mark.parametrize("name", ["event_name", "city", "order"])
def test_a_few_wrong_values_explain_the_figures_of_the_column_alone(name: str) -> None:
    """Orders are counted by the event's name: a placeholder in some rows does not explain their absence."""
    feed = feed_with(name)
    words = {name: {"undefined": 250}}
    before = tuple(facts(raw=profile(placeholders={name: {}})) for _ in range(7))
    case = Case(facts(raw=profile(placeholders=words)), breaches(name), feed, before)
    (finding,) = CAUSES["column_placeholder"].detect(case)
    own = {"event_name": {"missing_event_name"}}.get(name, set())
    assert set(finding.explains or ()) == OWN | own


def test_a_column_with_one_value_explains_a_repeated_key() -> None:
    """If it is part of the key; of another column's key it explains nothing."""
    check = of_contract("unique", Selector("puffy_partition_duplicate_keys", {"stage": ("raw",)}))
    for key, explained in ((("client_id", "timestamp"), {"unique"}), (("page_url",), set())):
        feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: replace(EVENTS.raw, key=key)})
        before = tuple(facts(raw=profile(figures={"a": ColumnFigures("text", {})})) for _ in range(7))
        case = Case(facts(raw=profile(constants={"client_id": 1000})), (alert(check),), feed, before)
        (finding,) = CAUSES["column_constant"].detect(case)
        assert set(finding.explains or ()) == explained


def test_metrics_of_a_pack_read_columns_of_the_pack() -> None:
    """And each column that a pack reads has a metric computed from it."""
    for pack in known_packs().values():
        read = {column for metric in pack.metrics for column in metric.reads(EVENTS.raw)}
        assert read == set(pack.columns)
