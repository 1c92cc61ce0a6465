"""What keeps a cause silent although its signs are there: a deeper cause, an older file, another stage."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from feeds import CHECKS, EVENTS
from made import DAY, facts, profile
from test_causes_kinds import (
    END,
    HOUR,
    HOURS,
    MORNING_ONLY,
    START,
    amounts,
    case,
    clean,
    defects,
    earlier,
    fares,
    fortnight,
    raw,
    redelivered,
    revalued,
    unreadable,
)

from exporter.causes.about import in_lines, most, off_by, usual
from exporter.causes.cause import Case
from exporter.causes.hours import clock, is_whole, period, usual_rows, usual_share
from exporter.causes.kinds.event_renamed import renamings
from exporter.causes.known import CAUSES
from exporter.causes.scale import factor_of, times
from exporter.checks.check import Alert, Severity, State
from exporter.model import NANOSECONDS, ColumnFigures, DqClaim, EventChanges, PartitionFacts, Replaced, Stage

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
    late = {"stages": {**day.stages, Stage.RAW: newer}}
    assert not finds("clean_rows_more", case(replace(replaced, **late)))  # type: ignore[arg-type]
    assert finds("clean_rows_more", case(replace(day, **late)))  # type: ignore[arg-type]


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


# --- hours


def of_rows(*rows: int) -> tuple[PartitionFacts, ...]:
    """Return days before with these rows, newest first."""
    return tuple(
        facts(DAY - timedelta(days=age), raw=profile(rows=count)) for age, count in enumerate(rows, 1)
    )


@pytest.mark.parametrize(
    ("rows", "usual"),
    [
        ((100,) * 6 + (300,) + (100,) * 6 + (500,), 400),  # of the same weekday
        ((100,) * 6 + (50,) + (100,) * 6 + (50,), 100),
        ((100, 200, 300), 200),
        ((0, 200), 200),
        ((), 0),
    ],
)
def test_a_usual_day_has_the_rows_of_all_days_or_of_its_weekday(rows: Sequence[int], usual: float) -> None:
    """Whichever are more."""
    assert usual_rows(Case(facts(), (), EVENTS, of_rows(*rows))) == usual


def test_the_usual_share_of_hours_needs_days_with_as_many_hours() -> None:
    """A day on which clocks change has others."""
    known = case(raw(hours=HOURS), fortnight())
    assert usual_share(known, range(8, 22)) == pytest.approx(14 * 60 / 1040)
    assert usual_share(replace(known, earlier=fortnight()[:3]), range(8)) == pytest.approx(160 / 1040)
    assert usual_share(replace(known, earlier=fortnight()[:2]), range(8)) is None
    assert usual_share(replace(known, facts=raw(hours=HOURS[1:])), range(8)) is None
    assert usual_share(replace(known, earlier=earlier(hours=(0,) * 24)), range(8)) is None
    assert usual_share(replace(known, facts=facts(without=(Stage.RAW,))), range(8)) is None


@pytest.mark.parametrize(("rows", "named"), [(30, True), (29, False)])
def test_another_hour_without_events_is_named_if_thirty_rows_are_usual(rows: int, *, named: bool) -> None:
    """Fewer may be missing by chance."""
    usual = tuple({4: rows, 20: 1024 - 22 * 20 - rows}.get(hour, 20) for hour in range(24))
    now = tuple(0 if hour in {4, 9, 10, 11, 12} else count for hour, count in enumerate(usual))
    known = case(raw(rows=900, hours=now, **SILENT), earlier(rows=1024, hours=usual))
    (finding,) = CAUSES["hours_missing"].detect(known)
    assert ("from 04:00 to 05:00" in finding.title) is named


def test_instants_are_shown_to_the_second() -> None:
    """Cut off, not rounded; the end of the day is 24:00."""
    day = facts().day
    assert f"{clock(day, START + NANOSECONDS - 1):%H:%M:%S.%f}" == "00:00:00.000000"
    assert period(day, START, END - 1) == "from 00:00 to 23:59"
    assert period(day, START, END) == period(day, START, END + 1) == "from 00:00 to 24:00"


@pytest.mark.parametrize(
    ("rows", "first", "last", "whole"),
    [
        (1000, 12, 24, True),
        (762, 12, 24, False),
        (840, 12, 24, True),
        (1040, 8, 11, False),  # their loss would not stand out
        (1040, 8, 12, True),
        (1040, 7.5, 11.9, False),  # only whole hours count
    ],
)
def test_a_day_is_whole_if_the_rows_of_its_empty_hours_are_elsewhere(
    rows: int, first: float, last: float, *, whole: bool
) -> None:
    """Two thirds of them at least."""
    known = case(raw(rows=rows, hours=HOURS), fortnight())
    assert is_whole(known, START + round(first * HOUR), START + round(last * HOUR)) is whole


def test_without_hours_it_is_unknown_whether_a_day_is_whole() -> None:
    """So it is not claimed."""
    assert not is_whole(case(raw(), fortnight()), START + 12 * HOUR, END)
    assert not is_whole(case(facts(without=(Stage.RAW,)), fortnight()), START + 12 * HOUR, END)


@pytest.mark.parametrize(
    ("unaccounted", "explained"), [(400, True), (413, True), (414, False), (387, True), (386, False)]
)
def test_a_burst_that_the_step_has_not_seen_explains_that_sums_differ(
    unaccounted: float, *, explained: bool
) -> None:
    """By as many rows as it has more than usual, but for chance."""
    known = case(
        raw(rows=1440, hours=tuple(420 if hour == 3 else rows for hour, rows in enumerate(HOURS))),
        fortnight(),
    )
    (finding,) = CAUSES["hours_unusual"].detect(
        replace(known, alerts=(alert("unaccounted_rows", unaccounted, 0),))
    )
    assert ("unaccounted_rows" in (finding.explains or ())) is explained
    (other,) = CAUSES["hours_unusual"].detect(replace(known, alerts=()))
    assert "unaccounted_rows" not in (other.explains or ())


def test_orders_without_data_explain_their_own_defects_alone() -> None:
    """Revenue is another problem if most orders lack it for another reason."""
    day = raw(defects=defects(missing_transaction_id=6, invalid_revenue=10), data_shapes={"nothing": 6})
    (finding,) = CAUSES["order_data_empty"].detect(case(day))
    assert finding.explains == ("checkout_missing_transaction_id", "checkout_corrupt_items")


def test_malformed_rows_are_evidence() -> None:
    """With the rows that they are of, and the width of most."""
    check = BY_NAME["anomaly_revenue"]
    anomaly = replace(alert("anomaly_revenue", 95.0, 96.0, 100.0), check=check)
    known = case(raw(malformed_rows=80, malformed_fields={"1": 80}))
    (finding,) = CAUSES["rows_malformed"].detect(replace(known, alerts=(*known.alerts, anomaly)))
    assert finding.evidence == {"rows": 1000, "malformed": 80}
    assert finding.title == "80 of 1,000 raw rows are malformed"
    assert " header's 7. Most have 1 field. Figures" in finding.seen
    assert finding.explains == ("malformed_rows", "anomaly_revenue")


@pytest.mark.parametrize(
    ("malformed", "value", "expected", "found"),
    [
        (10, 102.9, 100.0, True),  # three times their share
        (10, 97.1, 100.0, True),
        (10, 96.9, 100.0, False),
        (10, 103.1, 100.0, False),
        (9, 99.0, 100.0, False),
        (10, 100.0, None, False),
        (10, 0.0, 0.0, False),
    ],
)
def test_malformed_rows_explain_what_they_can_change(
    malformed: int, value: float, expected: float | None, *, found: bool
) -> None:
    """If they are a hundredth of the rows at least."""
    anomaly = alert("anomaly_revenue", value, 1.0, expected)
    known = case(raw(malformed_rows=malformed))
    assert known.alert("malformed_rows") is not None
    assert finds("rows_malformed", replace(known, alerts=(*known.alerts, anomaly))) is found


# --- events that may have been renamed


@pytest.mark.parametrize(
    ("old", "new", "pairs", "unsure"),
    [
        ({"a": 100.0}, {"x": 90, "y": 105}, {"a": "y"}, ()),
        ({"a": 100.0}, {"x": 100, "y": 100}, {"a": "x"}, ()),
        ({"a": 100.0}, {"x": 201, "y": 49}, {}, ()),
        ({"a": 100.0, "b": 130.0}, {"x": 100, "y": 130}, {"a": "x", "b": "y"}, ()),
        ({"a": 100.0, "b": 129.0}, {"x": 100, "y": 129}, {}, ("a", "b")),
        ({"a": 100.0, "b": 100.0}, {"x": 100}, {}, ("a", "b")),
        ({"a": 100.0, "b": 10.0}, {"x": 100, "y": 30}, {"a": "x", "b": "y"}, ()),  # once one is renamed
        ({"a": 100.0, "b": 10.0}, {"x": 100, "y": 31}, {"a": "x"}, ()),
        ({"b": 10.0}, {"y": 30}, {}, ()),
        ({"cart_add": 100.0, "b": 150.0}, {"add": 150, "y": 100}, {"cart_add": "add", "b": "y"}, ()),
        # A word in common tells more than counts, and one that begins alike.
        ({"cart_add": 100.0, "b": 105.0}, {"add": 110, "y": 100}, {"cart_add": "add", "b": "y"}, ()),
        ({"cart_add": 100.0, "b": 100.0}, {"cart": 110, "y": 110}, {"cart_add": "cart", "b": "y"}, ()),
        ({"viewed": 100.0, "b": 100.0}, {"view": 150, "y": 100}, {"viewed": "view", "b": "y"}, ()),
        ({"ab_x": 100.0, "b": 100.0}, {"ab_y": 100, "y": 100}, {}, ("ab_x", "b")),  # two letters are no word
        ({"a1": 100.0, "pay": 100.0, "pay_x": 100.0}, {"pay_y": 100}, {}, ("a1", "pay", "pay_x")),
    ],
)
def test_events_are_paired_if_counts_or_words_are_clear(
    old: dict[str, float], new: dict[str, int], pairs: dict[str, str], unsure: tuple[str, ...]
) -> None:
    """Twice as many at most; three times once another one was renamed as well."""
    day = replace(facts(), changes=EventChanges(vanished=old, appeared=new))
    found = renamings(Case(day, (), EVENTS))
    assert (found.pairs, found.unsure_old) == (pairs, unsure)
    assert not {*found.pairs.values()} & {*found.unsure_new}


@pytest.mark.parametrize(("days", "found"), [(4, True), (3, False)])
def test_an_event_of_most_days_may_have_been_renamed_with_others(days: int, *, found: bool) -> None:
    """By its mean over all days, although it is absent on some anyway."""
    week = tuple(
        one
        for age in range(6)
        for one in earlier(events={"a": 100, **({"rare": 14} if age < days else {})})[age : age + 1]
    )
    changes = EventChanges(vanished={"a": 100.0}, appeared={"x": 100, "y": 8})
    pairs = renamings(Case(replace(raw(events={"x": 100, "y": 8}), changes=changes), (), EVENTS, week)).pairs
    assert pairs == {"a": "x", **({"rare": "y"} if found else {})}


# --- words and figures that causes share


@pytest.mark.parametrize(
    ("lines", "count", "text"),
    [
        ((), 3, ""),
        ((1005,), 1, " in line 1,005"),
        ((5,), 2, ", the first in line 5"),
        ((5, 6), 2, " in lines 5 and 6"),
        ((5, 6), 3, ", the first in lines 5 and 6"),
        ((5, 6, 7), 3, " in lines 5, 6 and 7"),
        ((5, 6, 7, 8), 4, ", the first in lines 5, 6 and 7"),
    ],
)
def test_places_are_named_by_their_first_lines(lines: tuple[int, ...], count: int, text: str) -> None:
    """Three at most."""
    assert in_lines(lines, count) == text


@pytest.mark.parametrize(
    ("ratio", "factor"),
    [
        (160, 100),
        (161, None),
        (62.5, 100),
        (62.4, None),
        (1600, 1000),
        (625, 1000),
        (0.016, 0.01),
        (0.0161, None),
        (0.001, 0.001),
        (1, None),
        (0, None),
        (-100, None),
    ],
)
def test_a_ratio_near_a_hundred_or_a_thousand_is_another_unit(ratio: float, factor: float | None) -> None:
    """Or near their inverses; the nearest counts."""
    assert factor_of(ratio) == factor


@pytest.mark.parametrize(
    ("factor", "words"), [(1000.0, "1,000 times"), (1.0, "1/1 of"), (0.01, "1/100 of"), (0.001, "1/1,000 of")]
)
def test_a_factor_is_put_in_words(factor: float, words: str) -> None:
    """As so many times, or as a part."""
    assert times(factor) == words


def test_sums_that_are_off_by_a_few_rows_are_explained_by_them() -> None:
    """On either side, and by no more than there are."""
    for value, names in ((2, ["unaccounted_rows"]), (-2, ["unaccounted_rows"]), (3, [])):
        assert list(off_by(Case(facts(), (alert("unaccounted_rows", value, 0),), EVENTS), 2)) == names
    claimed = Case(facts(), (alert("dq_discrepancy", 1, 0),), EVENTS)
    assert list(off_by(claimed, 2)) == ["dq_discrepancy"]


def test_usual_and_largest_values_need_three_days() -> None:
    """Days on which a value is unknown do not count."""
    days = of_rows(100, 300, 200)
    assert usual(Case(facts(), (), EVENTS, days), lambda day: day.rows) == 200
    assert most(Case(facts(), (), EVENTS, days), lambda day: day.rows) == 300
    for figure in (usual, most):
        assert figure(Case(facts(), (), EVENTS, days[:2]), lambda day: day.rows) is None
        known = Case(facts(), (), EVENTS, days)
        assert figure(known, lambda day: None if day.rows == 300 else day.rows) is None
