"""What causes share: hours, usual values, events that were renamed, units, and words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import EVENTS
from made import CALENDAR, DAY, facts, profile
from test_causes_kinds import (
    END,
    HOUR,
    HOURS,
    START,
    case,
    category,
    defects,
    earlier,
    fortnight,
    raw,
)
from test_causes_silent import SILENT, alert, finds

from exporter.causes.about import SWAPPED, in_lines, most, off_by, swapped, usual
from exporter.causes.cause import Case
from exporter.causes.hours import clock, is_whole, period, usual_rows, usual_share
from exporter.causes.kinds.event_renamed import renamings
from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of
from exporter.causes.scale import factor_of, times
from exporter.checks.check import Alert
from exporter.feed import Column, Form
from exporter.model import NANOSECONDS, ColumnFigures, EventChanges, PartitionFacts, Stage


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
    now = tuple(0 if hour in {4, 9, 10, 11, 12, 23} else count for hour, count in enumerate(usual))
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
    anomaly = alert("anomaly_revenue", 95.0, 96.0, 100.0)
    known = case(raw(malformed_rows=80, malformed_fields={"1": 80}))
    (finding,) = CAUSES["rows_malformed"].detect(replace(known, alerts=(*known.alerts, anomaly)))
    assert finding.evidence == {"rows": 1000, "malformed": 80}
    assert finding.title == "80 of 1,000 raw rows are malformed"
    assert " header's 7. Most have 1 field. Figures" in finding.seen
    assert finding.explains == ("malformed_rows", "anomaly_revenue")


def test_times_are_told_from_the_format_expected() -> None:
    """Of a column that has one; others are RFC 3339."""
    known = case(raw(unparseable_timestamps=1000, timestamp_shapes={"ISO 8601": 1000}))
    (plain,) = CAUSES["timestamps_unparseable"].detect(known)
    assert plain.title == "100% of timestamps cannot be parsed: they look like ISO 8601"
    columns = tuple(
        replace(column, format="%d.%m.%Y %H:%M") if column.event_time else column
        for column in known.feed.raw.columns
    )
    table = replace(known.feed.raw, columns=columns)
    feed = replace(known.feed, tables={**known.feed.tables, Stage.RAW: table})
    (finding,) = CAUSES["timestamps_unparseable"].detect(replace(known, feed=feed))
    assert finding.title == f"{plain.title}, not 99.99.9999 99:99"


NIGHTLY = (0, 0, 5, 10, 20, *(60,) * 14, 20, 10, 5, 0, 0)  # rows by hour, hardly any of them at night


def nightly(late: float, *, edges: float | None = None, ages: range = range(1, 8)) -> Case:
    """Return a day whose times are hours late, after days with first and last events within half an hour.

    ``edges``: by how much the first and last event are late, if not by as much.
    """
    moved = round(late)
    hours = tuple(NIGHTLY[hour - moved] if 0 <= hour - moved < len(NIGHTLY) else 0 for hour in range(24))

    def at(day: date, off: float) -> dict[str, int]:
        known = CALENDAR.day(day)
        return {
            "first_event_ns": round(known.start_ns + (2.25 + off) * HOUR),
            "last_event_ns": round(known.end_ns - (2.25 - off) * HOUR),
        }

    before = [
        facts(day, raw=profile(fingerprint=f"{day}", hours=NIGHTLY, **at(day, (age % 3 - 1) / 4)))
        for age in ages
        for day in [DAY - timedelta(days=age)]
    ]
    off = late if edges is None else edges
    return case(raw(out_of_day_rows=20, hours=hours, **at(DAY, off)), before)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (nightly(4), "times are 4 h too late: another timezone?"),
        (nightly(-3), "times are 3 h too early: another timezone?"),
        (nightly(4, edges=4.4), "times are 4 h 30 min too late: another timezone?"),
        (nightly(0), None),
        (nightly(1, edges=4), None),
        (nightly(0, edges=4), None),  # the hours between are as usual
        (nightly(4, ages=range(1, 3)), None),  # nothing is usual yet
        (nightly(1, edges=0.5), None),
    ],
)
def test_times_of_a_feed_with_quiet_nights_are_compared_with_its_usual_ones(
    known: Case, words: str | None
) -> None:
    """The first and last events, which vary, and the rows by hour."""
    found = [finding.title for finding in CAUSES["times_shifted"].detect(known)]
    assert found == ([] if words is None else [words])


@pytest.mark.parametrize(
    ("first", "last", "is_swapped"),
    [
        (date(2025, 5, 3), date(2025, 5, 3), True),  # for 2025-03-05
        (date(2025, 5, 2), date(2025, 5, 3), False),
        (date(2025, 5, 5), date(2025, 5, 5), False),
    ],
)
def test_rows_of_the_day_with_day_and_month_swapped_say_so(
    first: date, last: date, *, is_swapped: bool
) -> None:
    """Whether they are all of the rows or some."""
    times = {
        "first_event_ns": CALENDAR.day(first).start_ns + HOUR,
        "last_event_ns": CALENDAR.day(last).start_ns + 2 * HOUR,
    }
    (whole,) = CAUSES["rows_of_another_day"].detect(case(raw(out_of_day_rows=1000, **times)))
    part = raw(out_of_day_rows=300, **times | {"first_event_ns": START})
    (some,) = CAUSES["rows_of_other_days"].detect(case(part))
    assert whole.title.endswith(SWAPPED) is is_swapped
    assert some.title.endswith(SWAPPED) is (last == date(2025, 5, 3))
    assert (whole.likely_fix is not None) is is_swapped


def test_days_and_months_are_swapped_if_that_is_another_date() -> None:
    """The 13th has no such month."""
    assert swapped(date(2025, 3, 12)) == date(2025, 12, 3)
    assert swapped(date(2025, 3, 13)) is None
    assert swapped(date(2025, 3, 3)) is None


def versions(**rows: int) -> dict[str, ColumnFigures]:
    """Return the figures of a category whose values are versions."""
    return category(**{value.replace("_", "."): count for value, count in rows.items()})


KNOWN_VERSIONS = earlier(figures=versions(v5_0_3=200, v5_1_0=800), columns=("city",))


@pytest.mark.parametrize(
    ("today", "found"),
    [
        ({"v5_0_3": 100, "v5_1_0": 500, "v5_2_0": 400}, "category_changed"),
        ({"v5_1_0": 600, "v5_10_0": 400}, "category_changed"),  # as numbers, not as letters
        ({"v5_2_0": 1000}, "category_changed"),
        ({"v5_1_0": 600, "v4_9_0": 400}, "category_recoded"),
        ({"v5_1_0": 600, "5_2_0": 400}, "category_recoded"),
        ({"v5_1_0": 600, "v5_2_0": 200, "unknown": 200}, "category_recoded"),
        ({"v5_1_0": 600, "v6": 400}, "category_recoded"),
    ],
)
def test_a_version_that_follows_the_known_ones_is_a_release(today: dict[str, int], found: str) -> None:
    """In some rows or in all; another form, or an older one, is not."""
    day = raw(
        figures=versions(**today), columns=("city",), constants={"city": 1000} if len(today) == 1 else {}
    )
    known = case(day, KNOWN_VERSIONS)
    names = {name for name in ("category_changed", "category_recoded") if finds(name, known)}
    assert names == {found}


def test_a_code_that_follows_the_known_ones_is_none() -> None:
    """A version has several numbers."""
    before = earlier(figures=versions(**{"1": 500, "2": 500}))
    assert finds("category_recoded", case(raw(figures=versions(**{"2": 500, "3": 500})), before))


@pytest.mark.parametrize(("value", "is_found"), [("v5.2.0", False), ("v4.2.0", True)])
def test_a_release_everywhere_is_no_column_that_is_stuck(value: str, *, is_found: bool) -> None:
    """All rows have the new version."""
    day = raw(figures=category(**{value: 1000}), columns=("city",), constants={"city": 1000})
    known = case(day, KNOWN_VERSIONS)
    column = Column("city", "category")
    table = replace(known.feed.raw, columns=(*known.feed.raw.columns, column))
    feed = replace(known.feed, tables={**known.feed.tables, Stage.RAW: table})
    assert finds("column_constant", replace(known, feed=feed)) is is_found


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ({"Ko\u0308ln": 500}, "city is in another Unicode form in 50% of rows"),
        ({"Ko\u0308ln": 400, "Ulm": 100}, "city has new values in 50% of rows"),
    ],
)
def test_names_that_only_look_the_same_are_told_from_new_ones(new: dict[str, int], words: str) -> None:
    """Letters with their accents as a second character, as macOS writes them."""
    day = raw(figures=category(Rome=500, **new))
    (finding,) = CAUSES["category_recoded"].detect(case(day, earlier(figures=category(Rome=500, Köln=500))))
    assert finding.title.startswith(words)


@pytest.mark.parametrize(
    ("today", "is_found"),
    [
        ({"columns": ("city", "b", "c")}, True),
        ({"columns": ("b", "c")}, False),
        ({"columns": ("city",)}, False),  # most of the others are missing: another feed's file
        ({"columns": ("city", "b")}, True),
        ({"columns": ("city", "b", "c"), "truncated": True}, False),
        ({"columns": ("city", "b", "c"), "malformed_rows": 501}, False),
        ({"columns": ("city", "b", "c"), "malformed_rows": 500}, True),
    ],
)
def test_what_a_file_lacks_says_nothing_of_its_categories(
    today: dict[str, object], *, is_found: bool
) -> None:
    """A column, most of its rows, or its end."""
    before = earlier(figures=category(Rome=500, Oslo=500), columns=("city", "b", "c"))
    gone = case(raw(figures=category(Rome=500), **today), before)
    other = case(raw(figures=category(rome=500), **today), before)
    assert finds("category_changed", gone) is is_found
    assert finds("category_recoded", other) is is_found


@pytest.mark.parametrize(
    ("kind", "shapes", "words"),
    [
        ("integer", ("9.99", "-99.9", ".9", "9.9a+99"), "are not whole numbers"),
        ("integer", ("9.99", "9,99"), "are not numbers"),
        ("number", ("9.99.99",), "are not numbers"),
    ],
)
def test_numbers_with_decimals_are_numbers(kind: str, shapes: Sequence[str], words: str) -> None:
    """Though no whole ones."""
    day = raw(figures={"fare": ColumnFigures(kind, {}, shapes=dict.fromkeys(shapes, 100))})
    (finding,) = CAUSES["numbers_unreadable"].detect(case(day))
    assert f"fare values {words}: they look" in finding.title
    assert f"values of fare {words}: they look" in finding.seen
    assert (finding.likely_fix is not None) is ("whole" in words)


@pytest.mark.parametrize(
    ("checkouts", "repeated", "is_found"),
    [
        (78, 39, True),
        (50, 10, True),  # only some of them
        (78, 20, False),  # 58 without the repeats are still too many
        (50, 35, False),  # 15 are too few
        (45, 4, False),  # a few
    ],
)
def test_repeated_orders_explain_that_orders_are_too_many(
    checkouts: int, repeated: int, *, is_found: bool
) -> None:
    """If the others are as many as usual, and the rows too."""
    day = raw(checkouts=checkouts, defects=defects(duplicate_transaction_id=repeated))
    high = [alert("anomaly_checkouts", checkouts, 44.0, 40.0), alert("anomaly_revenue", 81e3, 46e3, 42e3)]
    known = case(day)
    own = [one for one in known.alerts if one.check.name == "checkout_duplicate_transaction_id"]
    problems = problems_of(replace(known, alerts=(*own, *high)), acknowledged=frozenset())
    found = {problem.name: {one.check.name for one in problem.alerts} for problem in problems}
    assert ("rows_twice" in found) is is_found
    if checkouts == 2 * repeated:
        assert found == {
            "rows_twice": {"anomaly_checkouts", "anomaly_revenue", "checkout_duplicate_transaction_id"}
        }


def test_repeated_orders_that_are_not_too_many_are_no_rows_too_many() -> None:
    """The check alone says so; nor is a number below its range a rise."""
    day = raw(checkouts=39, defects=defects(duplicate_transaction_id=10))
    assert not finds("rows_twice", case(day))
    low = alert("anomaly_checkouts", 39.0, 60.0, 66.0)
    assert not finds("rows_twice", replace(case(day), alerts=(low,)))


def of_lines(day: PartitionFacts, *alerts: Alert) -> Case:
    """Return a day of a feed whose raw files have a JSON object per line."""
    known = case(day)
    lines = replace(known.feed.raw, form=Form("ndjson"))
    feed = replace(known.feed, tables={**known.feed.tables, Stage.RAW: lines})
    return replace(known, feed=feed, alerts=(*known.alerts, *alerts))


def test_lines_of_json_have_no_header_to_differ_from() -> None:
    """It is said what they should be, also where nothing else is in breach."""
    (finding,) = CAUSES["rows_malformed"].detect(of_lines(raw(malformed_rows=4, malformed_lines=(7, 8))))
    assert finding.seen == (
        "4 of 1,000 lines are not one JSON object each, the first in lines 7 and 8. Figures lack those rows."
    )
    assert finding.explains == ("malformed_rows",)
    assert not list(CAUSES["rows_malformed"].detect(of_lines(raw())))


@pytest.mark.parametrize(("malformed", "is_cut"), [(1, True), (500, True), (501, False)])
def test_a_file_whose_lines_are_mostly_no_objects_is_not_cut_off(malformed: int, *, is_cut: bool) -> None:
    """Its last line is none either."""
    day = raw(truncated=True, malformed_rows=malformed)
    known = of_lines(day, alert("anomaly_events", 300.0, 900.0, 1000.0))
    found = {one.name: one.alerts for one in problems_of(known, acknowledged=frozenset())}
    assert {alert.check.name for alert in found["file_cut_off" if is_cut else "rows_malformed"]} >= {
        "truncated",
        "anomaly_events",
    }
    assert ("file_cut_off" in found) is is_cut
    assert finds("file_cut_off", case(day))


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
