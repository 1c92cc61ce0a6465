"""What a contract's checks measure decides which cause explains them; their names are the contract's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from feeds import EVENTS
from made import CALENDAR, DAY, facts, profile
from test_causes_about import of_contract
from test_causes_kinds import defects

from exporter.causes.cause import Case
from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of
from exporter.causes.reads import columns_read
from exporter.checks.check import Alert, Check, Compare, Kind, Selector, Severity, State, Value
from exporter.feed import Column, FollowedFigure
from exporter.model import NANOSECONDS, ColumnFigures, PartitionFacts, Profile, Stage

RAW = {"stage": ("raw",)}
AMOUNT = {"stage": "raw", "column": "amount"}
TRENDS = (
    FollowedFigure("how_many", "puffy_partition_rows", {"stage": "raw"}),
    FollowedFigure("turnover", "puffy_column_sum_of_values", AMOUNT),
    FollowedFigure("unnamed", "puffy_column_missing_ratio", AMOUNT),
)
OWN = replace(
    EVENTS,
    trends=TRENDS,
    tables={Stage.RAW: replace(EVENTS.raw, key=("client_id",), packs=())},
)
EARLIER = tuple(
    facts(DAY - timedelta(days=age), raw=profile(packs={}, fingerprint=f"{age}")) for age in range(1, 8)
)


def anomaly(trend: str, value: float, expected: float, limit: float) -> Alert:
    """Return an anomaly of a contract's trend."""
    check = Check(
        f"anomaly_{trend}",
        "PuffyTrendAnomaly",
        Kind.ANOMALY,
        {Severity.WARNING: 3.0},
        "sales",
        "Differs.",
        "None.",
        ("Look.",),
        "docs",
        trend=trend,
    )
    return Alert(check, DAY, Severity.WARNING, value, limit, State.FIRING, {}, expected=expected)


def breach(name: str, selector: Selector, value: float, limit: float, **fields: object) -> Alert:
    """Return a breach of a contract's rule."""
    check = of_contract(name, selector)
    check = replace(check, limits={Severity.CRITICAL: limit}, **fields)  # type: ignore[arg-type]  # fields by name
    return Alert(check, DAY, Severity.CRITICAL, value, limit, State.FIRING, {})


def own(*alerts: Alert, **changes: object) -> Case:
    """Return a day of the contract's feed."""
    day: PartitionFacts = facts(
        raw=profile(packs={}, fingerprint="today", **changes),  # type: ignore[arg-type]  # fields by name
        without=(Stage.CLEAN, Stage.REJECTS),
    )
    return Case(day, alerts, OWN, EARLIER)


def told(case: Case) -> dict[str, set[str]]:
    """Return the problems with the checks that belong to each."""
    return {
        problem.name: {alert.check.name for alert in problem.alerts}
        for problem in problems_of(case, acknowledged=frozenset())
    }


def too_much(times: float) -> tuple[Alert, ...]:
    """Return what a contract says of a day with too many rows."""
    return (
        anomaly("how_many", 1000 * times, 1000, 1100),
        anomaly("turnover", 50_000 * times, 50_000, 60_000),
        breach("at_most", Selector("puffy_partition_rows", RAW), 1000 * times, 1200),
    )


REPEATED = breach("unique", Selector("puffy_partition_duplicate_keys", RAW), 1000, 0)


@pytest.mark.parametrize(("times", "repeated"), [(2, 1000), (3, 2000), (1.3, 300)])
def test_repeated_rows_explain_volumes_and_keys(times: float, repeated: int) -> None:
    """Whatever the contract calls its checks; the incident is as severe as the worst of them."""
    case = own(*too_much(times), REPEATED, rows=round(1000 * times), duplicate_keys=repeated)
    names = {"anomaly_how_many", "anomaly_turnover", "at_most", "unique"}
    assert told(case) == {"rows_twice": names}
    (problem,) = problems_of(case, acknowledged=frozenset())
    assert problem.severity is Severity.CRITICAL


def test_what_would_be_too_much_without_the_repeats_is_another_problem() -> None:
    """So are shares, which do not change if rows are repeated."""
    giant = anomaly("turnover", 900_000, 50_000, 60_000)
    unnamed = anomaly("unnamed", 0.4, 0.1, 0.2)
    case = own(too_much(2)[0], giant, unnamed, rows=2000, duplicate_keys=1000)
    assert told(case) == {
        "rows_twice": {"anomaly_how_many"},
        "anomaly_turnover": {"anomaly_turnover"},
        "anomaly_unnamed": {"anomaly_unnamed"},
    }


def test_reused_keys_explain_the_key_alone() -> None:
    """There are as many rows as usual, so that nothing else follows."""
    other = breach("other", Selector("puffy_column_duplicate_rows", {**RAW, "column": ("page_url",)}), 9, 0)
    case = own(REPEATED, other, rows=1000, duplicate_keys=980)
    assert told(case) == {"keys_reused": {"unique"}, "other": {"other"}}


def test_rows_of_the_day_before_explain_what_they_add() -> None:
    """And nothing that the day's own rows would not explain."""
    start = CALENDAR.day(DAY).start_ns
    late = breach("late", Selector("puffy_partition_out_of_day_rows", RAW), 1000, 0)
    late = replace(late, check=replace(late.check, name="out_of_day_rows"))
    case = own(*too_much(2), late, rows=2000, out_of_day_rows=1000, first_event_ns=start - 3600 * NANOSECONDS)
    assert told(case) == {
        "rows_of_other_days": {"anomaly_how_many", "anomaly_turnover", "at_most", "out_of_day_rows"}
    }


def test_missing_hours_explain_what_is_too_low() -> None:
    """What is too high, or nothing at all, is another problem."""
    low = (
        anomaly("how_many", 700, 1000, 900),
        breach("at_least", Selector("puffy_partition_rows", RAW), 700, 800, compare=Compare.BELOW),
    )
    case = own(*low, rows=700, last_event_ns=CALENDAR.day(DAY).end_ns - 8 * 3600 * NANOSECONDS)
    assert told(case) == {"ends_early": {"anomaly_how_many", "at_least"}}
    for other in (anomaly("turnover", 90_000, 50_000, 60_000), anomaly("turnover", 0, 50_000, 40_000)):
        case = replace(case, alerts=(*low, other))
        assert told(case)["anomaly_turnover"] == {"anomaly_turnover"}


@pytest.mark.parametrize("part", ["minus", "per"])
def test_a_difference_or_a_share_is_no_volume(part: str) -> None:
    """Rows per file do not double with the rows."""
    selector = Selector("puffy_partition_rows", RAW)
    value = Value(selector, **{part: selector})
    alert = breach("per_file", selector, 2, 1)
    case = own(replace(alert, check=replace(alert.check, value=value)), rows=2000, duplicate_keys=1000)
    assert told(case) == {"rows_twice": set(), "per_file": {"per_file"}}


def test_a_repeated_row_is_counted_with_the_missing_values_it_has() -> None:
    """Without its repeats the file would have as many as are allowed."""
    selector = Selector("puffy_column_missing_rows", {**RAW, "column": ("amount",)})
    for limit, explained in ((25, {"empty"}), (10, set())):
        case = own(breach("empty", selector, 40, limit), rows=2000, duplicate_keys=1000)
        assert told(case)["rows_twice"] == explained


def test_every_own_cause_is_known() -> None:
    """The tables above name causes that exist."""
    assert {"rows_twice", "keys_reused", "rows_of_other_days", "ends_early"} <= set(CAUSES)


def test_a_placeholder_in_the_key_explains_that_keys_repeat() -> None:
    """It is named by its word, and not once more as a key that was used again."""
    before = tuple(
        replace_raw(day, profile(packs={}, fingerprint=f"{age}", placeholders={"client_id": {}}))
        for age, day in enumerate(EARLIER)
    )
    case = own(REPEATED, rows=1000, duplicate_keys=399, placeholders={"client_id": {"undefined": 400}})
    assert told(replace(case, earlier=before)) == {"column_placeholder": {"unique"}}


def replace_raw(day: PartitionFacts, raw: Profile) -> PartitionFacts:
    """Return a day with another raw file."""
    return replace(day, stages={Stage.RAW: replace(day.stages[Stage.RAW], profile=raw)})


@pytest.mark.parametrize(
    ("earlier", "rows", "repeated", "found"),
    [
        (0, 2000, 1000, "rows_twice"),
        (0, 1000, 980, "keys_reused"),
        (1, 2000, 1000, "rows_twice"),
        (1, 1000, 980, "keys_reused"),
    ],
)
def test_a_young_or_weekly_feed_is_told_repeated_rows_from_reused_keys(
    earlier: int, rows: int, repeated: int, found: str
) -> None:
    """By the few days that there are, or by how often each key occurs."""
    case = replace(own(REPEATED, rows=rows, duplicate_keys=repeated), earlier=EARLIER[:earlier])
    assert told(case) == {found: {"unique"}}
    (problem,) = problems_of(case, acknowledged=frozenset())
    assert problem.finding is not None
    assert "usually" not in problem.finding.seen


def test_a_sum_follows_from_the_rows_it_adds_up() -> None:
    """In proportion, and of the same stage; otherwise it is a problem of its own."""
    rows, half = anomaly("how_many", 500, 1000, 900), anomaly("turnover", 25_500, 50_000, 45_000)
    case = own(half, rows, rows=500)
    assert told(case) == {"anomaly_how_many": {"anomaly_how_many", "anomaly_turnover"}}
    more = replace(half, value=70_000.0, limit=55_000.0)
    assert set(told(replace(case, alerts=(more, rows)))) == {"anomaly_how_many", "anomaly_turnover"}
    clean = replace(TRENDS[1], labels={"stage": "clean", "column": "amount"})
    feed = replace(OWN, trends=(TRENDS[0], clean))
    assert set(told(replace(case, feed=feed))) == {"anomaly_how_many", "anomaly_turnover"}


@pytest.mark.parametrize(
    "metric",
    [
        "puffy_partition_rows",
        "puffy_column_sum_of_values",
        "puffy_column_value_rows",
        "puffy_partition_events",
        "puffy_partition_checkouts",
        "puffy_partition_revenue",
        "puffy_column_invalid_rows",
        "puffy_column_missing_rows",
        "puffy_column_negative_rows",
        "puffy_column_true_rows",
        "puffy_column_zero_rows",
        "puffy_partition_missing_rows",
    ],
)
def test_every_volume_and_count_doubles_with_the_rows(metric: str) -> None:
    """A sum, orders, revenue, rows with an event, without a value: all are explained by repeated rows."""
    case = own(breach("much", Selector(metric, RAW), 40, 25), rows=2000, duplicate_keys=1000)
    assert told(case) == {"rows_twice": {"much"}}


def test_the_size_of_a_file_is_no_volume_of_rows() -> None:
    """It may grow by itself."""
    case = own(
        breach("large", Selector("puffy_partition_size_bytes", RAW), 40, 25), rows=2000, duplicate_keys=1000
    )
    assert told(case) == {"rows_twice": set(), "large": {"large"}}


@pytest.mark.parametrize(
    ("value", "limit", "expected", "explained"),
    [
        (2000, 1000, None, True),  # without the repeats it is just at the limit
        (2002, 1000, None, False),
        (1000, 1000, None, False),  # it is not too high
        (2200, 1100, 1000, True),
        (2420, 1100, 1000, True),  # as far above the limit as that is above what is expected
        (2422, 1100, 1000, False),
        (2002, 1000, 0, False),
        (2002, 1000, -1, False),
        (3, 1, 0.5, True),
    ],
)
def test_repeats_explain_what_would_be_within_its_limit_without_them(
    value: float, limit: float, expected: float | None, *, explained: bool
) -> None:
    """With some room for anomalies: repeated rows need not be average ones."""
    alert = anomaly("how_many", value, 0.0, limit)
    case = own(replace(alert, expected=expected), rows=2000, duplicate_keys=1000)
    assert told(case)["rows_twice"] == ({"anomaly_how_many"} if explained else set())


@pytest.mark.parametrize(
    ("metric", "value", "explained"),
    [
        ("puffy_partition_rows", 699, True),
        ("puffy_partition_rows", 700, False),
        ("puffy_partition_rows", 1, True),
        ("puffy_partition_rows", 0, False),
        ("puffy_column_missing_rows", 699, False),
    ],
)
def test_missing_hours_explain_a_volume_below_its_limit_that_is_not_zero(
    metric: str, value: float, *, explained: bool
) -> None:
    """Rows without a value are no volume: fewer of them are no fault."""
    low = breach("low", Selector(metric, RAW), value, 700, compare=Compare.BELOW)
    case = own(low, rows=700, last_event_ns=CALENDAR.day(DAY).end_ns - 8 * 3600 * NANOSECONDS)
    assert told(case)["ends_early"] == ({"low"} if explained else set())


def test_an_exact_number_is_no_volume() -> None:
    """A check that a figure equals another one is neither too high nor too low."""
    equal = breach("equal", Selector("puffy_partition_rows", RAW), 2000, 1000, compare=Compare.EQUAL)
    assert told(own(equal, rows=2000, duplicate_keys=1000)) == {"rows_twice": set(), "equal": {"equal"}}


def test_repeated_values_of_another_column_are_another_problem() -> None:
    """The worst sample's column counts if the check is of any column."""
    free = breach("free", Selector("puffy_column_duplicate_rows", RAW), 9, 0)
    for column, owner in (("client_id", "keys_reused"), ("page_url", "free")):
        case = own(replace(free, labels={"column": column}), rows=1000, duplicate_keys=980)
        assert told(case)[owner] == {"free"}
    assert told(own(free, rows=1000, duplicate_keys=980))["keys_reused"] == {"free"}


@pytest.mark.parametrize("metric", ["puffy_partition_duplicate_keys", "puffy_column_duplicate_rows"])
def test_repeated_rows_repeat_keys_and_values(metric: str) -> None:
    """Of any column."""
    case = own(breach("again", Selector(metric, RAW), 1000, 0), rows=2000, duplicate_keys=1000)
    assert told(case) == {"rows_twice": {"again"}}


def test_a_figure_is_computed_from_the_columns_of_its_own_stage() -> None:
    """A key of another file is another one."""
    feed = replace(
        EVENTS,
        tables={
            Stage.RAW: replace(EVENTS.raw, key=("client_id",)),
            Stage.CLEAN: replace(EVENTS.table(Stage.CLEAN), key=("page_url",)),
        },
    )
    for stages, columns in (
        (("raw",), {"client_id"}),
        (("clean",), {"page_url"}),
        (("raw", "clean"), {"client_id", "page_url"}),
    ):
        alert = breach("keys", Selector("puffy_partition_duplicate_keys", {"stage": stages}), 9, 0)
        assert columns_read(alert, feed) == columns


@pytest.mark.parametrize(("limit", "explained"), [(1000, True), (999, False)])
def test_additional_rows_explain_a_limit_that_the_others_keep(limit: float, *, explained: bool) -> None:
    """Those of other days, and those that repeat orders."""
    at_most = breach("at_most", Selector("puffy_partition_rows", RAW), 3000, limit)
    late = breach("late", Selector("puffy_partition_out_of_day_rows", RAW), 2000, 0)
    late = replace(late, check=replace(late.check, name="out_of_day_rows"))
    first = CALENDAR.day(DAY).start_ns - 3600 * NANOSECONDS
    case = own(at_most, late, rows=3000, out_of_day_rows=2000, first_event_ns=first)
    assert told(case)["rows_of_other_days"] == {"out_of_day_rows", *({"at_most"} if explained else ())}

    repeats = defects(duplicate_transaction_id=40)
    orders = profile(rows=3000, checkouts=60, defects=repeats, fingerprint="today")
    days = tuple(facts(DAY - timedelta(days=age), raw=profile(fingerprint=f"{age}")) for age in range(1, 8))
    case = Case(facts(raw=orders), (at_most,), EVENTS, days)
    assert told(case)["rows_twice"] == ({"at_most"} if explained else set())


@pytest.mark.parametrize(("rows", "explained"), [(450, True), (449, False)])
def test_rows_in_another_form_explain_the_figures_of_every_column(rows: int, *, explained: bool) -> None:
    """If they are nearly half of the file, of which nothing can be said then."""
    selector = Selector("puffy_column_missing_rows", {**RAW, "column": ("amount",)})
    feed = replace(OWN, tables={Stage.RAW: replace(OWN.raw, columns=(Column("amount", "number"),))})
    case = own(breach("empty", selector, 9, 1), malformed_rows=rows, odd_records={"semicolons": rows})
    assert ("empty" in told(replace(case, feed=feed))["rows_other_form"]) is explained
    (finding,) = CAUSES["rows_other_form"].detect(case)
    assert finding.ends is explained


def test_a_fault_of_columns_explains_their_figures_alone() -> None:
    """A placeholder of the key, swapped categories, parts without a column."""
    feed = replace(
        OWN,
        tables={
            Stage.RAW: replace(OWN.raw, columns=tuple(Column(name, "category") for name in "abc"), key=("a",))
        },
    )
    alerts = tuple(
        breach(f"{metric}_{name}", Selector(f"puffy_column_{metric}_rows", {**RAW, "column": (name,)}), 9, 1)
        for metric in ("missing", "duplicate")
        for name in "abc"
    )
    of_a = {"missing_a", "duplicate_a"}
    values = {
        name: ColumnFigures("category", {}, dict.fromkeys(words, 500))
        for name, words in (("a", ("x", "y")), ("b", ("u", "v")))
    }
    whole = {"packs": {}, "columns": ("a", "b", "c"), "figures": values, "placeholders": {"a": {}}}
    before = tuple(
        replace_raw(day, profile(fingerprint=f"{age}", **whole)) for age, day in enumerate(EARLIER)
    )

    def found(**changes: object) -> dict[str, set[str]]:
        return told(replace(own(*alerts, columns=("a", "b", "c"), **changes), feed=feed, earlier=before))

    assert found(placeholders={"a": {"undefined": 400}})["column_placeholder"] == of_a
    swapped = {"a": values["b"], "b": values["a"]}
    assert found(figures=swapped)["category_recoded"] == of_a | {"missing_b", "duplicate_b"}
    assert found(differing_parts={"2.csv": "lacks a and has d"})["parts_differ"] == of_a
