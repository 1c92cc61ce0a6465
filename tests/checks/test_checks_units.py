"""Values in the unit of their metric, as a person would write them; something is never written as nothing."""

from dataclasses import replace

import pytest
from check_cases import FIRING
from test_checks_judge import CHECKS, found, subject

from exporter.checks.check import Alert, Check
from exporter.checks.units import amount, duration, finding_words, is_usual, percentage, value_words
from exporter.history.detection import Method


def named(name: str) -> Check:
    """Return the check of that name."""
    return next(check for check in CHECKS if check.name == name)


def breach(name: str, case: int = 0) -> Alert:
    """Return what a check finds on one of the days on which it fires."""
    alert = found(subject(FIRING[name][case][0]), name)
    assert alert is not None
    return alert


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (59.94, "59.9 s"),
        (60, "1 min"),
        (119.4, "1 min"),
        (119.6, "2 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3659, "1 h"),
        (3660, "1 h 1 min"),
        (10_380, "2 h 53 min"),
        (72 * 3600 - 60, "71 h 59 min"),
        (72 * 3600, "3 d"),
        (73 * 3600, "3 d 1 h"),
        (-30, "-30 s"),
        (-7200, "-2 h"),
        (-90_000 * 4, "-4 d 4 h"),
    ],
)
def test_a_duration_is_written_in_two_units_at_most(seconds: float, words: str) -> None:
    """In days from three days on; minutes are not rounded up."""
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0%"),
        (-0.0, "0%"),
        (0.483, "48.3%"),
        (1, "100%"),
        (0.1, "10%"),
        (-0.2, "-20%"),
        (12.3456, "1,234.56%"),
        (0.00004, "0.004%"),
        (-0.00004, "-0.004%"),
        (0.00006, "0.01%"),
        (0.0000347, "0.003%"),
    ],
)
def test_a_share_is_a_percentage_with_two_decimals_at_most(share: float, words: str) -> None:
    """A small one is never nothing."""
    assert percentage(share) == words


@pytest.mark.parametrize(
    ("value", "metric", "words"),
    [
        (0.5, "puffy_partition_reject_ratio", "50%"),
        (7200, "puffy_partition_longest_silence_seconds", "2 h"),
        (1204, "puffy_partition_rows", "1,204 rows"),
        (1, "puffy_partition_rows", "1 row"),
        (1, "puffy_partition_lost_orders", "1 order"),
        (2, "puffy_partition_checkouts", "2 orders"),
        (0, "puffy_partition_checkout_defects", "0 orders"),
        (3, "puffy_partition_invalid_utf8_lines", "3 lines"),
        (1234.5, "puffy_partition_revenue", "1,234.50"),
        (-5, "puffy_partition_revenue", "-5"),
    ],
)
def test_the_end_of_a_metrics_name_says_the_unit(value: float, metric: str, words: str) -> None:
    """What is counted is named; any figure may be a share of another."""
    assert amount(value, metric) == words
    assert amount(0.25, metric, share=True) == "25%"


@pytest.mark.parametrize(
    ("name", "case", "words"),
    [
        ("partition_missing", 0, ""),
        ("unaccounted_rows", 0, "1 row, limit 0 rows"),
        ("revenue_gap", 2, "79 in clean, 100 in raw (21% less), limit 20%"),
        ("no_orders", 0, "usually 24 orders a day"),
        ("event_vanished", 0, "event_name page_viewed, usually 20 rows a day: other, page_viewed"),
        ("event_appeared", 0, "event_name purchase, 4 rows, limit 0 rows"),
        ("clean_missing_mandatory", 0, "field event_name, 2 of 1,000 rows, limit 0 rows"),
        ("malformed_rows", 0, "stage raw, 2 of 1,000 rows (0.2%), limit 0.1%"),
        ("checkout_unparseable", 1, "6 of 20 orders (30%), limit 25%"),
        ("checkout_zero_value", 0, "1 of 20 orders, limit 0 orders"),
        ("out_of_day_rows", 1, "stage clean, 960 of 960 rows (100%), limit 50%"),
        ("silence", 0, "2 h 1 min, limit 2 h"),
        ("task_failed", 0, "task dq"),
        ("task_slow", 0, "task dq, 110%, limit 100%"),
    ],
)
def test_a_finding_says_where_how_much_and_what_was_allowed(name: str, case: int, words: str) -> None:
    """A yes or no has no figures; what a label says already is not said again."""
    assert finding_words(breach(name, case)) == words


def test_what_is_shown_beside_a_finding_follows_it() -> None:
    """Names and figures are divided by a colon, also where there are no figures."""
    assert finding_words(replace(breach("task_failed"), names=("a", "b"))) == "task dq: a, b"
    assert finding_words(replace(breach("partition_missing"), names=("a",))) == "a"


def test_a_finding_that_counts_neither_rows_nor_orders_has_no_noun() -> None:
    """The figures alone are right for any share."""
    alert = replace(breach("silence"), share=(3.0, 1234.5))
    assert finding_words(alert) == "3 of 1,234.5 (2 h 1 min), limit 2 h"


def test_what_was_there_on_other_days_has_no_limit() -> None:
    """It is gone; what is new and what is counted today has one."""
    usual = {check.name for check in CHECKS if is_usual(check)}
    assert usual == {"no_orders", "event_vanished"}


def test_a_trends_value_has_the_unit_of_the_trend() -> None:
    """A rate is a share, whatever its name."""
    check = named("anomaly_revenue")
    assert value_words(check, 0.5) == "0.50"
    rate = replace(check, band=replace(check.band, method=Method.RATE))
    assert value_words(rate, 0.5) == "50%"
    assert value_words(named("revenue_gap"), 0.2) == "20%"


def test_a_gap_says_which_side_has_more() -> None:
    """Clean revenue can be higher than raw, if orders were counted twice."""
    more = replace(breach("revenue_gap"), value=0.25, share=(125.0, 100.0))
    assert finding_words(more).startswith("125 in clean, 100 in raw (25% more)")
    assert value_words(named("task_slow"), 1.1) == "110%"
