"""What keeps a cause silent although its signs are there: a deeper cause, an older file, another stage."""

from dataclasses import replace

import pytest
from feeds import CHECKS
from made import DAY, profile
from test_causes_kinds import (
    END,
    HOUR,
    HOURS,
    MORNING_ONLY,
    START,
    amounts,
    case,
    clean,
    earlier,
    fares,
    fortnight,
    raw,
    redelivered,
    revalued,
    unreadable,
)

from exporter.causes.cause import Case
from exporter.causes.known import CAUSES
from exporter.checks.check import Alert, Severity, State
from exporter.model import ColumnFigures, DqClaim, PartitionFacts, Replaced, Stage

BY_NAME = {check.name: check for check in CHECKS}


def alert(name: str, value: float, limit: float, expected: float | None = None) -> Alert:
    """Return a breach of a shipped check."""
    return Alert(BY_NAME[name], DAY, Severity.WARNING, value, limit, State.FIRING, {}, expected=expected)


def finds(name: str, known: Case, *deeper: str) -> bool:
    """Return whether a cause is found after these deeper ones."""
    return bool(list(CAUSES[name].detect(replace(known, found=tuple(CAUSES[one] for one in deeper)))))


SHORT = {"last_event_ns": END - 12 * HOUR}
SILENT = {"longest_silence_seconds": 4 * 3600, "silence_start_ns": START + 9 * HOUR}


@pytest.mark.parametrize(
    ("name", "known", "deeper"),
    [
        (
            "amount_outlier",
            case(raw(smallest=20.0, largest=1500.0), earlier(smallest=20.0, largest=300.0)),
            "revenue_scaled",
        ),
        (
            "amount_outlier",
            case(raw(smallest=20.0, largest=1500.0), earlier(smallest=20.0, largest=300.0)),
            "revenue_constant",
        ),
        ("clean_orders_lost", case(clean(940, checkouts=0)), "file_replaced"),
        ("clean_orders_lost", case(clean(940, checkouts=0)), "rows_of_other_days"),
        ("ends_early", case(raw(**SHORT)), "clock_12_hours"),
        ("ends_early", case(raw(**SHORT)), "times_shifted"),
        ("ends_early", case(raw(**SHORT)), "page_inside"),
        ("hours_missing", case(raw(**SILENT)), "page_inside"),
        ("times_crowded", case(raw(**MORNING_ONLY), fortnight()), "rows_twice"),
        ("times_crowded", case(raw(**MORNING_ONLY), fortnight()), "same_content"),
        ("revenue_scaled", case(raw(revenue=190_000.0)), "revenue_constant"),
        (
            "values_repeated",
            case(
                raw(looks={"client_id": {"values": 900, "fullest": 300}}),
                earlier(looks={"client_id": {"values": 900, "fullest": 9}}),
            ),
            "rows_twice",
        ),
        (
            "numbers_negative",
            case(
                raw(figures=amounts(1.0, 2.0, negative_rows=300, minimum=-1)),
                earlier(figures=amounts(1.0, 2.0, negative_rows=0, minimum=1)),
            ),
            "column_placeholder",
        ),
        (
            "numbers_unreadable",
            case(raw(figures={"fare": ColumnFigures("number", {}, shapes={"Total": 1})})),
            "row_of_totals",
        ),
        *(
            (
                "hours_unusual",
                case(
                    raw(hours=tuple(0 if 9 <= hour < 12 else rows for hour, rows in enumerate(HOURS))),
                    fortnight(),
                ),
                deeper,
            )
            for deeper in (
                "clock_12_hours",
                "ends_early",
                "hours_missing",
                "times_shifted",
                "times_crowded",
                "rows_twice",
                "file_form",
            )
        ),
    ],
)
def test_a_deeper_cause_says_enough(name: str, known: Case, deeper: str) -> None:
    """Any other cause does not silence it."""
    assert finds(name, known)
    assert finds(name, known, "column_new")
    assert not finds(name, known, "column_new", deeper)


def test_a_label_of_a_total_is_one_value() -> None:
    """Two are none of it."""
    two = case(raw(figures={"fare": ColumnFigures("number", {}, shapes={"Total": 2})}))
    assert finds("numbers_unreadable", two, "row_of_totals")


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (redelivered(1000, 1200), True),
        (replace(redelivered(1000, 1200), replaced=(Replaced(Stage.CLEAN, END, profile(rows=1000)),)), False),
        (
            replace(
                redelivered(1000, 1200),
                replaced=(Replaced(Stage.CLEAN, END, profile(rows=5)), *redelivered(1000, 1200).replaced),
            ),
            True,
        ),
        (replace(redelivered(1000, 1200), replaced=()), False),
        (replace(redelivered(900, 1200), dq=DqClaim(900, 860, 40)), True),  # the step says what it has read
        (replace(redelivered(900, 1200), dq=DqClaim(1200, 860, 40)), False),
        (revalued(before=2000.0, later=True), True),
    ],
)
def test_a_raw_file_was_replaced_if_the_step_has_read_the_first(day: PartitionFacts, found: object) -> None:
    """By the rows that it wrote, or says it read."""
    assert finds("file_replaced", case(day)) is found


def test_a_file_that_is_cut_off_was_not_replaced() -> None:
    """It is still being written."""
    day = redelivered(1000, 1200)
    stage = replace(day.stages[Stage.RAW], profile=profile(rows=1200, truncated=True))
    assert not finds("file_replaced", case(replace(day, stages={**day.stages, Stage.RAW: stage})))


@pytest.mark.parametrize(
    ("before", "expected", "limit", "follows"),
    [
        (2000.0, 2100.0, 1900.0, True),  # it was as usual
        (2000.0, 2100.0, 2000.0, False),
        (2200.0, 2100.0, 2300.0, True),
        (1500.0, 2100.0, 1900.0, False),
        (2000.0, None, 1900.0, False),
    ],
)
def test_a_replaced_file_explains_revenue_that_was_usual_before(
    before: float, expected: float | None, limit: float, *, follows: bool
) -> None:
    """If the first file's revenue was within the limit, the anomaly came with the second."""
    known = case(revalued(before=before, later=True))
    anomaly = alert("anomaly_revenue", 3000.0, limit, expected)
    (finding,) = CAUSES["file_replaced"].detect(replace(known, alerts=(*known.alerts, anomaly)))
    assert ("anomaly_revenue" in (finding.explains or ())) is follows


def test_a_clean_file_of_the_file_before_has_no_rows_too_many() -> None:
    """The step read it before it was replaced; an older raw file is no excuse."""
    day = clean(1920, checkouts=40)
    replaced = replace(day, replaced=(Replaced(Stage.RAW, END, profile()),))
    assert finds("clean_rows_more", case(replaced))
    newer = replace(day.stages[Stage.RAW], updated_ns=day.stages[Stage.CLEAN].updated_ns + 1)
    late = {**day.stages, Stage.RAW: newer}
    assert not finds("clean_rows_more", case(replace(replaced, stages=late)))
    assert finds("clean_rows_more", case(replace(day, stages=late)))


def test_rejects_without_their_event_are_not_counted_as_orders() -> None:
    """Which of them were orders is unknown."""
    rejects = profile(Stage.REJECTS, 55, checkouts=5, revenue=0.0)
    lost = replace(clean(940, checkouts=15), stages={**clean(940, checkouts=15).stages})
    for columns, found in ((rejects.columns, False), (("reason",), True)):
        stage = replace(lost.stages[Stage.REJECTS], profile=replace(rejects, columns=columns))
        day = replace(lost, stages={**lost.stages, Stage.REJECTS: stage})
        assert finds("clean_orders_lost", case(day)) is found


@pytest.mark.parametrize(
    ("values", "overflow", "found"), [({"Rome": 1000}, 0, True), ({"Rome": 1000}, 1, False), ({}, 0, False)]
)
def test_values_are_new_if_all_of_every_day_are_known(
    values: dict[str, int], overflow: int, *, found: bool
) -> None:
    """More than fit into the profile, or none at all, are not."""

    def city(known: dict[str, int], over: int = 0) -> ColumnFigures:
        return ColumnFigures("category", {}, known, values_overflow=over)

    one = earlier(figures={"city": city(values, overflow)})[:1]
    days = (*one, *earlier(figures={"city": city({"Rome": 1000})})[1:])
    today = {"Rome": 500, "Bonn": 500}
    assert finds("category_recoded", case(raw(figures={"city": city(today)}), days)) is found
    assert not finds("category_recoded", case(raw(figures={"city": city(today, 1)}), days))


@pytest.mark.parametrize(("rows", "swapped"), [(501, True), (500, False)])
def test_columns_are_swapped_if_most_values_are_those_of_the_other(rows: int, *, swapped: bool) -> None:
    """Otherwise each of them has new values."""

    def sold(cities: dict[str, int], paid: dict[str, int]) -> dict[str, ColumnFigures]:
        return {"city": ColumnFigures("category", {}, cities), "paid": ColumnFigures("category", {}, paid)}

    before = earlier(figures=sold({"Rome": 500, "Oslo": 500}, {"card": 500, "cash": 500}))
    today = raw(figures=sold({"card": rows, "Bonn": 1000 - rows}, {"Rome": 1000}))
    subjects = [finding.subject for finding in CAUSES["category_recoded"].detect(case(today, before))]
    assert subjects == (["city, paid"] if swapped else ["city", "paid"])


@pytest.mark.parametrize(("name", "explained"), [("anomaly_clean_revenue", True), ("anomaly_revenue", False)])
def test_a_clean_file_with_its_rows_twice_explains_volumes_of_its_own(name: str, *, explained: bool) -> None:
    """If they are as usual without the second half; the raw file's are something else."""
    known = case(clean(1920, checkouts=40, revenue=4000.0))
    for value, within in ((4000.0, True), (9000.0, False)):
        anomaly = alert(name, value, 2200.0, 2000.0)
        (finding,) = CAUSES["clean_rows_more"].detect(replace(known, alerts=(*known.alerts, anomaly)))
        patterns = [*(finding.explains or ())]
        assert (patterns.count(name) > CAUSES["clean_rows_more"].explains.count(name)) is (
            explained and within
        )


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("encoding_other", case(raw(invalid_utf8_lines=50, odd_bytes={"0xa0 to 0xff": 60}))),
        ("nul_bytes", case(raw(invalid_utf8_lines=3, odd_bytes={"NUL": 40}))),
        ("file_cut_off", case(raw(truncated=True))),
        ("file_form", case(unreadable("permission denied"))),
    ],
)
def test_a_breach_without_a_stage_is_of_the_raw_file(name: str, known: Case) -> None:
    """As it is if the contract has no other."""
    bare = replace(known, alerts=tuple(replace(one, labels={}) for one in known.alerts))
    assert list(CAUSES[name].detect(bare)) == list(CAUSES[name].detect(known)) != []


@pytest.mark.parametrize(
    "least", [-1, -9, -99, -999, -9999, -999_999_999, -2_147_483_648, -99.99, -999.99, -2, -10, -99.9]
)
def test_minus_one_nines_and_the_smallest_integer_look_like_placeholders(least: float) -> None:
    """Other negative numbers are amounts."""
    before = earlier(figures=fares(negative_rows=0, minimum=1))
    (finding,) = CAUSES["numbers_negative"].detect(
        case(raw(figures=fares(negative_rows=30, minimum=least)), before)
    )
    assert ("looks like a placeholder" in finding.seen) is (least not in {-2, -10, -99.9})


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("page_inside", {"malformed_rows": 1, "odd_records": {"JSON": 1}}),
        ("rows_other_form", {"malformed_rows": 1, "odd_records": {"semicolons": 1}}),
        ("trailer", {"malformed_rows": 1, "odd_records": {"a trailer": 1}}),
    ],
)
@pytest.mark.parametrize(("days", "found"), [(3, True), (4, False)])
def test_what_fewer_than_half_of_the_files_have_is_not_usual(
    name: str, fields: dict[str, object], days: int, *, found: bool
) -> None:
    """A file without it counts as well."""
    week = (*earlier(**fields)[:days], *earlier()[days:])
    assert finds(name, case(raw(**fields), week)) is found


@pytest.mark.parametrize(("rows", "ends"), [(501, True), (500, False)])
def test_event_names_that_are_something_else_in_most_rows_end_the_day(rows: int, *, ends: bool) -> None:
    """Nothing else can be said of it."""
    day = raw(events={"page_viewed": 1000 - rows, "https://shop.example/a": rows})
    (finding,) = CAUSES["values_misplaced"].detect(case(day))
    assert finding.ends is ends


@pytest.mark.parametrize("name", CAUSES)
@pytest.mark.parametrize("before", [earlier(), earlier(rows=0), ()], ids=["rows before", "none", "no days"])
def test_no_cause_fails_on_a_file_without_rows(name: str, before: tuple[PartitionFacts, ...]) -> None:
    """Whatever is in breach, and even if the figures contradict each other: the pass goes on."""
    for fields in (
        {"malformed_rows": 3},
        {"malformed_rows": 3, "out_of_day_rows": 2, "missing": {"referrer": 4}},
    ):
        known = case(raw(rows=0, **fields), before)
        every = tuple(
            alert(check, 3.0, 0.0, expected=expected) for check in BY_NAME for expected in (None, 0.0, 5.0)
        )
        for breaches in (known.alerts, every):
            list(CAUSES[name].detect(replace(known, alerts=breaches)))
