"""Causes that compare a day with what detectors made of it and of the days before, given by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import CHECKS, EVENTS
from made import DAY, facts, profile
from test_causes_kinds import HOURS, earlier, fortnight, raw
from test_causes_limits import viewed

from exporter.causes.carried import carried
from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.checks.check import Alert, Severity, State
from exporter.feed import Column, Feed, FollowedFigure
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.trend import PartitionTrends, TrendFigures
from exporter.model import NO_NAME, ColumnFigures, PartitionFacts, Split, Stage

BY_NAME = {check.name: check for check in CHECKS}
ABOVE, BELOW, USUAL = 130.0, 70.0, 100.0  # with 90 to 110 as the normal range


def anomaly(trend: str, value: float, limit: float = 100.0, expected: float | None = 100.0) -> Alert:
    """Return an anomaly of a shipped trend."""
    check = BY_NAME[f"anomaly_{trend}"]
    return Alert(check, DAY, Severity.WARNING, value, limit, State.FIRING, {}, expected=expected)


def detected(unit: float = 1.0, readiness: Readiness = Readiness.ARMED) -> Detection:
    """Return a detection with a normal range of 90 to 110 units."""
    method = Method.WEEKDAY if unit == 1 else Method.RATE
    return Detection(method, readiness, expected=100.0 * unit, low=90.0 * unit, high=110.0 * unit)


def windows(unit: float = 1.0, **values: Sequence[float | None]) -> Mapping[date, PartitionTrends]:
    """Return the windows of days with these values of trends, the day itself first; ``None`` is unknown."""
    known = {}
    for back in range(max(map(len, values.values()))):
        day = {name: one[back] for name, one in values.items() if back < len(one)}
        known[DAY - timedelta(days=back)] = PartitionTrends(
            trends={name: TrendFigures(value * unit) for name, value in day.items() if value is not None},
            detections={name: detected(unit) for name in day},
        )
    return known


def shifts(known: Mapping[date, PartitionTrends], *alerts: Alert) -> list[Finding]:
    """Return the changes of level that are found."""
    return list(CAUSES["level_shift"].detect(Case(facts(), alerts, EVENTS, windows=known)))


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ([ABOVE] * 3, 3),
        ([BELOW] * 5, 5),
        ([ABOVE] * 2, 0),
        ([ABOVE, ABOVE, USUAL], 0),
        ([USUAL, ABOVE, ABOVE, ABOVE], 0),
        ([ABOVE, ABOVE, USUAL, ABOVE, USUAL], 3),
        ([ABOVE, USUAL, ABOVE, USUAL, ABOVE], 3),  # three of five
        ([ABOVE, USUAL, ABOVE, USUAL, USUAL, ABOVE], 0),  # three of six
        ([ABOVE, None, ABOVE, None, None, ABOVE], 3),
        ([None, ABOVE, ABOVE, ABOVE], 0),
        ([ABOVE, ABOVE, BELOW, ABOVE, USUAL], 3),
        ([ABOVE, ABOVE, BELOW, BELOW, BELOW], 0),
        ([110.0] * 3, 0),  # the edges are normal
        ([90.0] * 3, 0),
        ([ABOVE] * 20, 14),
    ],
)
def test_a_level_has_changed_if_most_days_since_deviate(values: list[float | None], days: int) -> None:
    """On the same side, three at least, of the last two weeks."""
    found = shifts(windows(events=values), anomaly("events", values[0] or ABOVE))
    assert [finding.evidence["days"] for finding in found] == [days] * bool(days)
    for finding in found:
        last = [back for back, value in enumerate(values[:14]) if value == values[0]][days - 1]
        assert finding.evidence["since"] == f"{DAY - timedelta(days=last)}"


@pytest.mark.parametrize("readiness", [Readiness.LEARNING, Readiness.HELD])
def test_a_level_is_only_judged_by_armed_detectors(readiness: Readiness) -> None:
    """Without one the normal range is unknown."""
    known = dict(windows(events=[ABOVE] * 3))
    first = known[DAY - timedelta(days=2)]
    for detection in (
        detected(readiness=readiness),
        replace(detected(), low=None),
        replace(detected(), high=None),
    ):
        known[DAY - timedelta(days=2)] = replace(first, detections={"events": detection})
        assert not shifts(known, anomaly("events", ABOVE))
    known[DAY - timedelta(days=2)] = replace(first, detections=None)
    assert not shifts(known, anomaly("events", ABOVE))


def test_a_level_is_measured_by_its_first_days() -> None:
    """As the median ratio for volumes."""
    (finding,) = shifts(windows(events=[900.0, 900.0, 150.0, 130.0, 120.0]), anomaly("events", 900.0))
    assert finding.title == "rows about 30% above the earlier level since 03-01"
    assert finding.seen == "Rows about 30% above the earlier level since 03-01, on 5 days."
    assert finding.evidence == {"since": "2025-03-01", "days": 5, "change": 0.3, "trends": "events"}
    assert finding.confidence.value == "likely"
    assert finding.explains == ("anomaly_events",)


def test_a_share_has_a_new_level_in_points() -> None:
    """Of a hundred."""
    (finding,) = shifts(windows(0.001, reject_ratio=[BELOW] * 3), anomaly("reject_ratio", 0.07))
    assert finding.title == "share of rejected rows about 3.0 points below the earlier level since 03-03"
    assert finding.evidence["change"] == -0.03


def test_a_level_that_was_zero_has_no_ratio() -> None:
    """Its change is unknown, not infinite."""
    known = dict(windows(events=[ABOVE] * 3))
    for day, window in known.items():
        known[day] = replace(window, detections={"events": replace(detected(), expected=0.0)})
    (finding,) = shifts(known, anomaly("events", ABOVE), anomaly("revenue", 60.0))
    assert finding.evidence["change"] == 0.0
    assert finding.explains == ("anomaly_events", "anomaly_revenue")


def test_a_share_that_used_to_be_zero_has_risen() -> None:
    """By points; only a ratio needs something to compare with."""
    known = dict(windows(0.001, missing_client_id_ratio=[30.0] * 3))
    for day, window in known.items():
        zero = replace(detected(0.001), expected=0.0, low=0.0, high=0.01)
        known[day] = replace(window, detections={"missing_client_id_ratio": zero})
    (finding,) = shifts(known, anomaly("missing_client_id_ratio", 0.03, 0.01, 0.0))
    assert (
        finding.title
        == "share of rows without client_id about 3.0 points above the earlier level since 03-03"
    )


def test_levels_that_change_together_are_one_finding() -> None:
    """Named after the one that has lasted longest; one in the other direction is not mentioned."""
    known = windows(events=[ABOVE] * 3, checkouts=[ABOVE] * 4, revenue=[BELOW] * 3, clean_revenue=[ABOVE] * 3)
    alerts = [
        anomaly("events", ABOVE),
        anomaly("checkouts", ABOVE),
        anomaly("revenue", BELOW, 90.0),
        anomaly("clean_revenue", ABOVE),
    ]
    (finding,) = shifts(known, *alerts)
    assert finding.title == "orders about 30% above the earlier level since 03-02"
    assert finding.seen.endswith(", on 4 days; also clean revenue, rows.")
    assert finding.evidence["trends"] == "checkouts, clean_revenue, events"
    assert finding.explains == ("anomaly_events", "anomaly_checkouts", "anomaly_clean_revenue")


def test_of_levels_that_last_as_long_the_largest_change_of_a_volume_is_first() -> None:
    """A share's change has another unit."""
    known = windows(events=[ABOVE] * 3, checkouts=[150.0] * 3)
    (finding,) = shifts(known, anomaly("events", ABOVE), anomaly("checkouts", 150.0))
    assert finding.title.startswith("orders about 50% above")


@pytest.mark.parametrize(
    ("level", "other", "belongs"),
    [
        (ABOVE, anomaly("revenue", 130.0), True),
        (ABOVE, anomaly("revenue", 60.0), False),
        (BELOW, anomaly("revenue", 60.0), True),
        (BELOW, anomaly("revenue", 130.0), False),
        (ABOVE, anomaly("reject_ratio", 130.0), False),
    ],
)
def test_volumes_that_deviate_on_the_same_side_belong_to_the_new_level(
    level: float, other: Alert, *, belongs: bool
) -> None:
    """Even if they have done so for a day only; shares do not."""
    (finding,) = shifts(windows(events=[level] * 3), anomaly("events", level), other)
    assert finding.explains == ("anomaly_events", *([other.check.name] if belongs else []))


def test_what_deviates_beside_a_share_is_another_problem() -> None:
    """A new level of a share says nothing about volumes."""
    known = windows(0.001, reject_ratio=[ABOVE] * 3)
    (finding,) = shifts(known, anomaly("reject_ratio", 0.13), anomaly("revenue", 130.0))
    assert finding.explains == ("anomaly_reject_ratio",)


def test_a_limit_has_no_level() -> None:
    """Only trends do."""
    breach = Alert(BY_NAME["reject_ratio"], DAY, Severity.WARNING, 1, 0, State.FIRING, {})
    assert not shifts(windows(reject_ratio=[ABOVE] * 3), breach)


def split(a: float, b: float = 100, c: float = 100, *, column: str = "referrer", **more: object) -> Split:
    """Return orders by host."""
    rows = {"a.example": round(a), "b.example": round(b), "c.example": round(c)}
    return Split("puffy_partition_checkouts", column, "url", rows, **more)  # type: ignore[arg-type]  # fields by name


def sold(a: float, *, on: int = 0, **fields: object) -> PartitionFacts:
    """Return a day some days before with its orders by host."""
    fields = {"splits": (split(a),), **fields}
    return facts(DAY - timedelta(days=on), raw=profile(**fields))  # type: ignore[arg-type]  # fields by name


def of_day(
    today: PartitionFacts,
    before: Sequence[PartitionFacts],
    trend: str = "checkouts",
    expected: float = 400.0,
    feed: Feed = EVENTS,
) -> Case:
    """Return the case of a day with one expected value."""
    detection = Detection(
        Method.WEEKDAY, Readiness.ARMED, expected=expected, low=0.9 * expected, high=1.1 * expected
    )
    window = PartitionTrends(trends={trend: TrendFigures(200.0)}, detections={trend: detection})
    return Case(
        today,
        (),
        feed,
        trends=window.trends or {},
        windows={DAY: window},
        baseline=tuple(before),
    )


MONTH = [sold(200, on=age) for age in range(1, 29)]


def test_the_value_behind_a_change_has_its_usual_and_its_own_figure() -> None:
    """The others are as usual."""
    found = carried(of_day(sold(10), MONTH), [anomaly("checkouts", 210)])
    assert found is not None
    assert (found.trend, found.column, found.type) == ("checkouts", "referrer", "url")
    assert (found.leading.value, found.leading.usual, found.leading.found) == ("a.example", 200, 10)
    assert (found.total.usual, found.total.found) == (400, 210)


@pytest.mark.parametrize(
    "case",
    [
        of_day(sold(10), MONTH[:4]),  # too few days before
        of_day(sold(10), MONTH, expected=0.0),
        of_day(sold(10), MONTH, expected=-400.0),
        of_day(sold(10, splits=()), MONTH),
        of_day(facts(without=(Stage.RAW,)), MONTH),
        replace(of_day(sold(10), MONTH), trends={}, windows={}),
        of_day(sold(10), MONTH, trend="events"),  # what is usual is unknown
        of_day(sold(10, splits=(replace(split(10), metric="puffy_partition_revenue"),)), MONTH),
    ],
)
def test_a_change_of_which_nothing_is_known_is_not_broken_down(case: Case) -> None:
    """Without days before, an expected value, or totals by value."""
    assert carried(case, [anomaly("checkouts", 210)]) is None


def test_a_change_is_broken_down_by_what_the_seven_day_rule_expects_as_well() -> None:
    """While a detector learns; nothing is if nothing positive is expected, even of a change that lasts."""
    figures = TrendFigures(210.0, baseline_count=7, baseline_avg=400.0, baseline_stddev=10.0)
    case = replace(of_day(sold(10), MONTH), trends={"checkouts": figures}, windows={})
    found = carried(case, [anomaly("checkouts", 210)])
    assert found is not None
    assert (found.total.usual, found.leading.value) == (400, "a.example")
    negative = of_day(sold(10), MONTH, expected=-400.0)
    assert carried(negative, [anomaly("checkouts", 210)], DAY - timedelta(days=1)) is None


def test_a_breach_of_a_limit_is_not_broken_down() -> None:
    """Nor is one without a trend; the first volume that can be is."""
    case, limit = of_day(sold(10), MONTH), replace(anomaly("checkouts", 210), check=BY_NAME["no_orders"])
    assert carried(case, [limit]) is None
    found = carried(case, [limit, anomaly("events", 210), anomaly("checkouts", 210)])
    assert found is not None
    assert found.trend == "checkouts"


def test_personal_values_are_not_named() -> None:
    """Another column's are."""
    columns = (Column("city", "text", personal=True), Column("shop", "text"))
    feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: replace(EVENTS.raw, columns=columns)})

    def by(a: float) -> dict[str, object]:
        return {"splits": (split(a, column="city"), split(a, b=101, column="shop"))}

    before = [sold(200, on=age, **by(200)) for age in range(1, 29)]
    found = carried(of_day(sold(10, **by(10)), before, feed=feed), [anomaly("checkouts", 210)])
    assert found is not None
    assert found.column == "shop"


def test_of_several_columns_the_one_that_leaves_least_is_named() -> None:
    """Whatever their order."""

    def by(a: float) -> dict[str, object]:
        return {"splits": (split(a), split(a, b=100 if a > 100 else 92, column="client_id"))}

    before = [sold(200, on=age, **by(200)) for age in range(1, 29)]
    found = carried(of_day(sold(10, **by(10)), before), [anomaly("checkouts", 210)])
    assert found is not None
    assert found.column == "referrer"


def test_a_change_that_has_lasted_is_compared_with_the_days_before_it() -> None:
    """With the same weekdays: on the others twice as much is sold."""
    since = DAY - timedelta(days=3)
    before = [
        sold(10, on=age)
        if age <= 3
        else sold(200, on=age)
        if age % 7 == 0
        else sold(400, on=age, splits=(split(400, 200, 200),))
        for age in range(1, 29)
    ]
    found = carried(of_day(sold(10), before, expected=250.0), [anomaly("checkouts", 210)], since)
    assert found is not None
    assert (found.total.usual, found.leading.usual) == (400, 200)


def test_the_first_day_of_a_change_is_no_part_of_what_it_is_compared_with() -> None:
    """It began on the same weekday, of which only one day is known before."""
    before = [sold(10 if age <= 7 else 200, on=age) for age in range(1, 21)]
    found = carried(of_day(sold(10), before), [anomaly("checkouts", 210)], DAY - timedelta(days=7))
    assert found is not None
    assert (found.total.usual, found.leading.usual) == (400, 200)


def test_a_total_includes_what_did_not_fit() -> None:
    """Rows or amounts whose value is unknown are part of it."""
    since = DAY - timedelta(days=1)

    def paid(a: float) -> dict[str, object]:
        amounts = {"a.example": a, "b.example": 200.0, "c.example": 200.0}
        return {"amounts": amounts, "amounts_overflow": 8.0}

    for usual, now, total in (
        ({"overflow": 7}, {"overflow": 7}, 407),
        (paid(500.0), paid(25.0), 908),
    ):
        before = [sold(200, on=age, splits=(split(200, **usual),)) for age in range(2, 29)]
        case = of_day(sold(10, splits=(split(10, **now),)), before, expected=250.0)
        found = carried(case, [anomaly("checkouts", 10)], since)
        assert found is not None
        assert found.total.usual == total


def test_rows_are_broken_down_with_those_without_a_value() -> None:
    """As far as values are known; malformed rows have none."""

    def by(rome: int, *, overflow: int = 0) -> dict[str, object]:
        figures = {
            "city": ColumnFigures("category", {}, {"Oslo": 100, "Rome": rome}, values_overflow=overflow),
            "name": ColumnFigures("text", {}, {"x": 1000}),
            "site": ColumnFigures("url", {}, {}),
        }
        return {"figures": figures, "splits": (), "rows": rome + 310, "malformed_rows": 10}

    before = [sold(0, on=age, **by(600)) for age in range(1, 29)]
    case = of_day(sold(0, **by(10)), before, trend="events", expected=900.0)
    found = carried(case, [anomaly("events", 320)])
    assert found is not None
    assert (found.column, found.type, found.leading.value) == ("city", "category", "Rome")
    assert {part.value: part.found for part in found.parts} == {"Rome": 10, "Oslo": 100, NO_NAME: 200}

    full = [replace_rows(day, rows=day_rows - 200) for day, day_rows in ((one, 910) for one in before)]
    case = of_day(replace_rows(sold(0, **by(10)), rows=120), full, trend="events", expected=700.0)
    found = carried(case, [anomaly("events", 120)])
    assert found is not None
    assert [part.value for part in found.parts] == ["Rome", "Oslo"]
    one = replace(case, facts=replace_rows(case.facts, rows=121))
    found = carried(one, [anomaly("events", 121)])
    assert found is not None
    assert {part.value: part.found for part in found.parts} == {"Rome": 10, "Oslo": 100, NO_NAME: 1}

    before = [sold(0, on=age, **by(600, overflow=50)) for age in range(2, 29)]
    case = of_day(sold(0, **by(10, overflow=50)), before, trend="events", expected=700.0)
    found = carried(case, [anomaly("events", 320)], DAY - timedelta(days=1))
    assert found is not None
    assert (found.total.usual, found.total.found) == (900, 310)


def replace_rows(day: PartitionFacts, rows: int) -> PartitionFacts:
    """Return a day with another number of raw rows."""
    stage = day.stages[Stage.RAW]
    assert stage.profile is not None
    return replace(
        day, stages={**day.stages, Stage.RAW: replace(stage, profile=replace(stage.profile, rows=rows))}
    )


def test_one_amount_explains_the_anomalies_that_are_none_without_it() -> None:
    """Of revenue, raw and clean, and the gap between them if the DQ step rejected it."""
    day = raw(revenue=1_001_999.0, smallest=20.0, largest=999_999.0)
    names = ("revenue", "clean_revenue", "checkouts", "events")
    case = Case(
        day,
        (anomaly("revenue", 1_001_999.0), anomaly("clean_revenue", 1_001_999.0), anomaly("checkouts", 30.0)),
        EVENTS,
        earlier(smallest=20.0, largest=300.0),
        trends={name: TrendFigures(1.0) for name in names},
    )
    for high, explained in (
        (2000.0, ("revenue_gap", "anomaly_revenue", "anomaly_clean_revenue")),
        (1999.0, ("revenue_gap",)),
    ):
        detection = Detection(Method.WEEKDAY, Readiness.ARMED, expected=high, low=0.0, high=high)
        window = PartitionTrends(detections=dict.fromkeys(names, detection))
        (finding,) = CAUSES["amount_outlier"].detect(replace(case, windows={DAY: window}))
        assert finding.explains == explained
    (finding,) = CAUSES["amount_outlier"].detect(replace(case, trends={}))
    assert finding.explains == ("revenue_gap",)


def test_one_amount_explains_no_gap_before_there_is_a_clean_file() -> None:
    """It is found all the same."""
    orders = profile(revenue=1_001_999.0, smallest=20.0, largest=999_999.0)
    days = earlier(smallest=20.0, largest=300.0)
    for without, explained in (((), ("revenue_gap",)), ((Stage.CLEAN,), ())):
        day = facts(raw=orders, without=without)
        (finding,) = CAUSES["amount_outlier"].detect(Case(day, (), EVENTS, days))
        assert finding.explains == explained


TURNOVER = FollowedFigure("turnover", "puffy_column_sum_of_values", {"stage": "raw", "column": "amount"})


def feed_of_amounts(*, personal: bool = False) -> Feed:
    """Return the shipped feed with a column of amounts whose sum is a trend."""
    columns = (*EVENTS.raw.columns, Column("amount", "number", personal=personal))
    tables = {**EVENTS.tables, Stage.RAW: replace(EVENTS.raw, columns=columns)}
    return replace(EVENTS, trends=(TURNOVER,), tables=tables)


def amounts(total: float, largest: float, *without: str) -> dict[str, object]:
    """Return the fields of a file with these amounts, of which some figures are unknown."""
    numbers = {"sum_of_values": total, "maximum": largest}
    kept = {name: value for name, value in numbers.items() if name not in without}
    return {"figures": {"amount": ColumnFigures("number", kept)}}


def test_one_amount_of_a_column_explains_the_anomaly_of_its_sum() -> None:
    """It is a row, and has the column's name; a personal column's amounts are never shown."""
    check = replace(BY_NAME["anomaly_revenue"], name="anomaly_turnover", trend="turnover")
    detection = Detection(Method.WEEKDAY, Readiness.ARMED, expected=3000.0, low=0.0, high=3000.0)
    case = Case(
        raw(**amounts(9000.0, 6000.0)),
        (replace(anomaly("revenue", 9000.0), check=check),),
        feed_of_amounts(),
        earlier(**amounts(3000.0, 200.0)),
        trends={"turnover": TrendFigures(9000.0)},
        windows={DAY: PartitionTrends(detections={"turnover": detection})},
    )
    (finding,) = CAUSES["amount_outlier"].detect(case)
    assert (finding.subject, finding.title) == ("amount", "one row of 6,000.00 makes up 67% of amount")
    assert finding.seen.startswith("One of 1,000 rows has 6,000.00 of the day's 9,000.00")
    assert finding.explains == ("anomaly_turnover",)
    assert not list(CAUSES["amount_outlier"].detect(replace(case, feed=feed_of_amounts(personal=True))))


@pytest.mark.parametrize("lacks", ["sum_of_values", "maximum"])
def test_a_sum_or_a_largest_amount_that_is_unknown_is_no_outlier(lacks: str) -> None:
    """Today, or on the days before."""
    now, before = (9000.0, 6000.0), (3000.0, 200.0)
    for today, days, count in (
        (amounts(*now), amounts(*before), 1),
        (amounts(*now, lacks), amounts(*before), 0),
        (amounts(*now), amounts(*before, lacks), 0),
        ({}, amounts(*before), 0),
        (amounts(*now), {}, 0),
    ):
        case = Case(raw(**today), (), feed_of_amounts(), earlier(**days))
        assert len(list(CAUSES["amount_outlier"].detect(case))) == count


BURST = {"rows": 1440, "hours": tuple(420 if hour == 3 else rows for hour, rows in enumerate(HOURS))}


def share(value: float, limit: float, low: float, high: float) -> Case:
    """Return a day with a burst of about 400 rows and an anomaly of a share with this normal range."""
    name = "referrer_null_ratio"
    detection = Detection(Method.RATE, Readiness.ARMED, expected=0.5, low=low, high=high)
    return Case(
        raw(**BURST),
        (anomaly(name, value, limit, 0.5),),
        EVENTS,
        fortnight(),
        trends={name: TrendFigures(value)},
        windows={DAY: PartitionTrends(detections={name: detection})},
    )


def test_a_burst_may_be_all_that_a_share_counts() -> None:
    """Or none of it, with the rest just normal."""
    for value, low, high in ((0.25, 0.0, 0.2), (0.3, 0.4, 0.5)):  # 400 and 480 of 1,600 rows
        case = share(value, 0.0, low, high)
        case = replace(case, facts=raw(**{**BURST, "rows": 1600}))
        (finding,) = CAUSES["hours_unusual"].detect(case)
        assert "anomaly_referrer_null_ratio" in (finding.explains or ())


@pytest.mark.parametrize(
    ("value", "low", "high", "explained"),
    [
        (0.65, 0.45, 0.55, True),  # 936 of 1,440; 536 of 1,040 without the burst
        (0.75, 0.45, 0.55, False),
        (0.65, 0.45, 0.50, False),
        (0.2, 0.0, 0.1, False),  # fewer than the burst itself has
        (0.36, 0.45, 0.55, True),  # 518 of 1,440, which would be half of 1,040
        (0.30, 0.45, 0.55, False),
    ],
)
def test_a_burst_explains_the_shares_that_would_be_normal_without_it(
    value: float, low: float, high: float, *, explained: bool
) -> None:
    """Too high if all of its rows count, too low if none does."""
    case = share(value, high if value > high else low, low, high)
    (finding,) = CAUSES["hours_unusual"].detect(case)
    assert ("anomaly_referrer_null_ratio" in (finding.explains or ())) is explained
    (other,) = CAUSES["hours_unusual"].detect(replace(case, trends={}))
    assert "anomaly_referrer_null_ratio" not in (other.explains or ())


@pytest.mark.parametrize(
    ("value", "explained"),
    [
        (0.0085, True),  # as many rejected rows as usual
        (0.0020, False),  # too few even of the other rows
        (0.05, False),  # a rise is no dilution
    ],
)
def test_an_event_that_is_too_frequent_dilutes_the_shares(value: float, *, explained: bool) -> None:
    """A crawler's page views are not rejected, and no rule has changed."""
    name = "reject_ratio"
    detection = Detection(Method.RATE, Readiness.ARMED, expected=0.03, low=0.0173, high=0.0447)
    day = Case(
        raw(**viewed(2164, 76)),
        (anomaly(name, value, 0.0447 if value > 0.0447 else 0.0173, 0.03),),
        EVENTS,
        earlier(**viewed(524, 76)),
        trends={name: TrendFigures(value)},
        windows={DAY: PartitionTrends(detections={name: detection})},
    )
    (finding,) = CAUSES["event_counts"].detect(day)
    assert (f"anomaly_{name}" in (finding.explains or ())) is explained
