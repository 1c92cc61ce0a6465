"""Figures in words: short, with a unit, and never a crash."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import CHECKS, TRENDS
from made import DAY

from exporter.causes.cause import Finding
from exporter.causes.known import CAUSES
from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Check, Severity, State
from exporter.history.contributions import Breakdown, Contribution
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.trend import TrendFigures
from exporter.incidents.words import LONGEST_SEEN, LONGEST_TITLE, Words, percent, words_of
from exporter.plain import cut

REVENUE = next(check for check in CHECKS if check.name == "anomaly_revenue")
CAUSE = CAUSES["column_missing"]
CHECKOUTS = next(check for check in CHECKS if check.name == "anomaly_checkouts")


def said(value: float, average: float, check: object = REVENUE) -> str:
    """Return the details of an anomaly."""
    alert = Alert(check, DAY, Severity.WARNING, value, average, State.FIRING, {})  # type: ignore[arg-type]
    problem = Problem(alert.check.name, "", Severity.WARNING, State.FIRING, "analytics", (alert,))
    figures = TrendFigures(value, baseline_count=7, baseline_avg=average, baseline_stddev=average / 10)
    return words_of(problem, {trend.name: figures for trend in TRENDS}, {}).seen


def test_an_anomaly_says_what_is_usual_and_how_far_it_is_off() -> None:
    """Four significant digits, and the noun of what is counted."""
    assert said(1204.0, 2150.0, CHECKOUTS) == "1,204 orders, usually 1,505 to 2,795, \N{MINUS SIGN}44%"


def test_a_trend_of_any_feeds_rows_counts_rows() -> None:
    """As the one of events does; what is no count has no noun."""
    rows = replace(CHECKOUTS, trend="rows")
    alert = Alert(rows, DAY, Severity.WARNING, 1204.0, 1.0, State.FIRING, {})
    problem = Problem(rows.name, "", Severity.WARNING, State.FIRING, "a", (alert,))
    assert words_of(problem, {}, {}).seen == "1,204 rows"


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300, 1e15, 1e300, 1.7976931348623157e308, -1.7e308])
@pytest.mark.parametrize("average", [0.0, 1e-300, 20_000.0, 1.7e308])
def test_no_figure_is_too_large_to_be_said(value: float, average: float) -> None:
    """A browser can send any revenue; the pass must not fail."""
    seen = said(value, average)
    assert 0 < len(seen) <= 200
    assert not {"inf", "nan"} & set(seen.lower().replace(",", " ").split())
    assert math.isfinite(value)


def test_what_is_cut_for_people_ends_in_an_ellipsis() -> None:
    """A hash would mean nothing to them."""
    assert cut("a" * 200, LONGEST_TITLE) == "a" * (LONGEST_TITLE - 1) + "\N{HORIZONTAL ELLIPSIS}"
    assert cut("short", LONGEST_SEEN) == "short"
    assert cut("two\nlines", 100) == "two\\x0alines"


def carried_by(
    leading: Contribution, others: Contribution, *, column: str = "city", kind: str = "text"
) -> str:
    """Return what is seen of a cause whose change one value carries."""
    total = Contribution("", leading.usual + others.usual, leading.found + others.found)
    breakdown = Breakdown("events", column, kind, total, others, (leading,))
    return spoken(Finding("fewer rows", "Fewer rows than usual."), breakdown).seen


def spoken(finding: Finding, breakdown: Breakdown | None = None) -> Words:
    """Return the words of a cause."""
    problem = Problem(CAUSE.name, "", Severity.WARNING, State.FIRING, "a", (), CAUSE, finding, breakdown)
    return words_of(problem, {}, {})


def test_a_cause_speaks_with_its_findings_words() -> None:
    """The first step is the likely fix where there is one; the runbook is the cause's."""
    said = spoken(Finding("short", "Seen.", likely_fix="Rename it."))
    assert said == Words("short", "Seen.", CAUSE.impact, "Rename it.", "column_missing", "causes")
    assert spoken(Finding("short", "Seen.")).next_step == CAUSE.resolution[0]
    long = spoken(Finding("t" * 200, "s" * 600))
    assert (len(long.title), len(long.seen)) == (LONGEST_TITLE, LONGEST_SEEN)


@pytest.mark.parametrize(
    ("leading", "others", "words"),
    [
        (
            Contribution("Rome", 1000.4, 40.0),
            Contribution("", 2000.0, 1900.0),
            "city Rome: 40 rows, usually about 1,000, \N{MINUS SIGN}96%; all others \N{MINUS SIGN}5%",
        ),
        (Contribution("Rome", 0.0, 40.0), Contribution("", 0.0, 7.0), "city Rome: 40 rows, usually about 0"),
        (
            Contribution("", 10.0, 30.0),
            Contribution("", 10.0, 10.0),
            "rows without city: 30 rows, usually about 10, +200%; all others 0%",
        ),
        (
            Contribution("R" * 200, 10.0, 30.0),
            Contribution("", 0.0, 0.0),
            f"city {'R' * 79}\N{HORIZONTAL ELLIPSIS}: 30 rows, usually about 10, +200%",
        ),
    ],
)
def test_the_value_that_carries_a_change_is_named(
    leading: Contribution, others: Contribution, words: str
) -> None:
    """With its own change and that of all others, as far as they can be told."""
    assert carried_by(leading, others) == f"Fewer rows than usual. Most of it comes from {words}."


def test_the_value_of_an_address_is_its_host() -> None:
    """Its column is called so."""
    seen = carried_by(Contribution("a.example", 9.0, 4.0), Contribution("", 0.0, 0.0), kind="url")
    assert "from city host a.example: 4 rows" in seen


def test_the_sentence_before_the_value_keeps_its_last_letter() -> None:
    """It has one full stop, whatever it ends in."""
    leading, others = Contribution("Rome", 9.0, 4.0), Contribution("", 0.0, 0.0)
    breakdown = Breakdown("events", "city", "text", leading, others, (leading,))
    for seen in ("Fewer rows from PHX.", "Fewer rows from PHX"):
        said = spoken(Finding("fewer rows", seen), breakdown).seen
        assert said.startswith("Fewer rows from PHX. Most of it comes from city Rome: ")


def breach(name: str, value: float, limit: float, **known: object) -> Words:
    """Return the words of a check's breach."""
    check = next(check for check in CHECKS if check.name == name)
    labels = known.pop("labels", {})
    alert = Alert(check, DAY, Severity.WARNING, value, limit, State.FIRING, labels, **known)  # type: ignore[arg-type]
    return words_of(Problem(name, "", Severity.WARNING, State.FIRING, "a", (alert,)), {}, {})


@pytest.mark.parametrize(
    ("name", "value", "limit", "known", "seen"),
    [
        ("partition_missing", 0.0, 0.0, {}, ""),
        ("reject_ratio", 0.06, 0.05, {}, "6%, limit 5%"),
        # A limit of nothing only means "any".
        ("unaccounted_rows", 3.0, 0.0, {}, "3 rows are missing from the clean and rejects files"),
        ("unaccounted_rows", 1.0, 0.0, {}, "1 row is missing from the clean and rejects files"),
        ("unaccounted_rows", -3.0, 0.0, {}, "3 rows are too many in the clean and rejects files"),
        (
            "unaccounted_rows",
            3.0,
            0.1,
            {},
            "3 rows are missing from the clean and rejects files, limit 0.10 rows",
        ),
        (
            "dq_discrepancy",
            950.0,
            0.0,
            {},
            "the counts of raw, clean and rejected rows are off by 950 rows in all",
        ),
        ("silence", 7260.0, 7200.0, {}, "2 h 1 min, limit 2 h"),
        ("no_orders", 24.0, 3.9, {}, "usually 24 orders a day"),
        ("malformed_rows", 0.2, 0.001, {"labels": {"stage": "raw"}}, "20%, limit 0.1%"),
        ("malformed_rows", 0.2, 0.001, {"labels": {"stage": "clean"}}, "20%, limit 0.1%, in the clean file"),
        ("stage_missing", 0.0, 0.0, {"labels": {"stage": "clean"}}, "the clean file is missing"),
        (
            "stage_missing",
            0.0,
            0.0,
            {"labels": {"stage": "clean"}, "stages": ("clean", "rejects")},
            "the clean and the rejects file are missing",
        ),
        ("task_failed", 0.0, 0.0, {"labels": {"task": "dq"}}, ""),  # the title names it
        ("task_failed", 0.0, 0.0, {"labels": {"task": "raw"}, "names": ("a", "b")}, "a, b"),
        (
            "schema_mismatch",
            1.0,
            1.0,
            {"names": ("referrer",)},
            "referrer",
        ),
        ("malformed_rows", 0.2, 0.001, {"share": (2.0, 10.0)}, "2 of 10 rows (20%), limit 0.1%"),
    ],
)
def test_a_breach_says_how_much_was_allowed_and_where(
    name: str, value: float, limit: float, known: dict[str, object], seen: str
) -> None:
    """The raw file is the one that is meant if none is named."""
    assert breach(name, value, limit, **known).seen == seen


def test_the_title_of_a_breach_names_what_it_is_about() -> None:
    """All labels but the stage; a full stop ends a sentence, and no title."""
    said = breach("clean_missing_mandatory", 2.0, 0.0, labels={"stage": "clean", "field": "client_id"})
    assert said.title.endswith(": client_id")
    assert "." not in said.title
    plainly = breach("reject_ratio", 0.06, 0.05)
    check = next(check for check in CHECKS if check.name == "reject_ratio")
    assert plainly.title == check.summary.removesuffix(".")
    assert (plainly.impact, plainly.next_step) == (check.impact, check.resolution[0])
    assert (plainly.runbook, plainly.page) == (check.runbook, "checks")


def off(check: Check, value: float, detection: Detection | None = None, day: date = DAY) -> str:
    """Return what is seen of an anomaly that its detector judged."""
    alert = Alert(check, day, Severity.WARNING, value, 90.0, State.FIRING, {})
    problem = Problem(check.name, "", Severity.WARNING, State.FIRING, "a", (alert,))
    figures = TrendFigures(value, baseline_count=7, baseline_avg=100.0, baseline_stddev=0.0)
    found = {} if detection is None else {check.trend or "": detection}
    return words_of(problem, {check.trend or "": figures}, found).seen


def test_what_is_usual_on_a_weekday_names_it() -> None:
    """A detector of volumes compares with the same weekdays."""
    usual = Detection(
        Method.WEEKDAY, Readiness.ARMED, members=8, expected=100.0, low=80.0, high=125.0, spread=0.1
    )
    named = [
        off(REVENUE, 50.0, usual, DAY + timedelta(days=number)).split()[6].rstrip(",") for number in range(7)
    ]
    assert named == ["Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays", "Mondays", "Tuesdays"]
    assert off(REVENUE, 50.0, usual) == "50, usually 80 to 125 on Wednesdays, \N{MINUS SIGN}50%"


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (507.0, 519.5, 641.4, "520 to 641"),
        (507.5, 519.5, 641.4, "519.50 to 641.40"),  # an amount
        (1.0, 2.3, 2.8, "2.30 to 2.80"),  # no whole number is between
    ],
)
def test_what_is_usual_of_a_count_is_whole(value: float, low: float, high: float, words: str) -> None:
    """Nobody counts half a row."""
    usual = Detection(Method.WEEKDAY, Readiness.ARMED, members=8, expected=low, low=low, high=high)
    assert f"usually {words} on" in off(REVENUE, value, usual)


def test_a_value_without_a_baseline_stands_alone() -> None:
    """Nothing is known of what is usual."""
    alert = Alert(REVENUE, DAY, Severity.WARNING, 1234.0, 90.0, State.FIRING, {})
    problem = Problem(REVENUE.name, "", Severity.WARNING, State.FIRING, "a", (alert,))
    assert words_of(problem, {}, {}).seen == "1,234"
    bare = TrendFigures(1234.0, baseline_count=0, baseline_avg=None, baseline_stddev=None)
    assert words_of(problem, {"revenue": bare}, {}).seen == "1,234"


@pytest.mark.parametrize("edge", ["low", "high", "expected"])
def test_a_range_of_which_a_part_is_unknown_is_left_out(edge: str) -> None:
    """For example, an edge that is beyond the largest float."""
    usual = Detection(Method.WEEKDAY, Readiness.ARMED, members=8, expected=100.0, low=80.0, high=125.0)
    assert off(REVENUE, 50.0, usual).startswith("50, usually 80 to 125 ")
    assert off(REVENUE, 50.0, replace(usual, **{edge: None})) == "50"  # type: ignore[arg-type]  # mypy cannot know which field edge names


@pytest.mark.parametrize(
    ("value", "average", "end"),
    [
        (150.0, 100.0, ", +50%"),
        (0.0, 100.0, ", \N{MINUS SIGN}100%"),
        (-1.0, 100.0, ""),  # a loss is no ratio
        (5.0, 0.0, ""),
        (100_100.0, 100.0, ", +100000%"),
        (100_200.0, 100.0, ", more than 1,000 times as much"),
    ],
)
def test_a_change_is_said_in_percent_as_far_as_that_says_something(
    value: float, average: float, end: str
) -> None:
    """Beyond a thousand times only that it is more."""
    seen = said(value, average)
    assert seen.rpartition(" to ")[2].partition(",")[1:] == (end[:1], end[1:])


def test_a_number_of_sixteen_digits_is_a_power_of_ten() -> None:
    """Below that its four first digits are written."""
    assert said(1e15, 1.0).startswith("1.000e+15, ")
    assert said(999_949_999_999_999.0, 1.0).startswith("999,900,000,000,000, ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (0.0, "0%"),
        (0.004, "0%"),
        (-0.004, "0%"),
        (0.5, "+50%"),
        (-0.44, "\N{MINUS SIGN}44%"),
        (-0.994, "\N{MINUS SIGN}99%"),
        (-0.9952, "\N{MINUS SIGN}99.5%"),
        (-0.99999, "\N{MINUS SIGN}99.9%"),  # something is left
        (-1.0, "\N{MINUS SIGN}100%"),
        (0.998, "+100%"),
        (12.0, "+1200%"),
    ],
)
def test_a_percentage_has_a_sign_unless_it_is_nothing(change: float, words: str) -> None:
    """A real minus sign, which no line breaks after."""
    assert percent(change) == words


def test_volumes_that_follow_are_said_behind_it() -> None:
    """Each with its own change; one whose change cannot be told is left out."""
    first = Alert(CHECKOUTS, DAY, Severity.WARNING, 50.0, 90.0, State.FIRING, {}, expected=100.0)
    second = replace(first, check=REVENUE, value=40.0)
    third = replace(first, check=REVENUE, value=0.0)
    problem = Problem(CHECKOUTS.name, "", Severity.WARNING, State.FIRING, "a", (first, second, third))
    assert words_of(problem, {}, {}).seen == "50 orders; revenue \N{MINUS SIGN}60%"
    turned = replace(problem, alerts=(second, first))
    assert words_of(turned, {}, {}).seen == "40; orders \N{MINUS SIGN}50%", "each is called what it counts"
