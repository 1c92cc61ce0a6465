"""Faults that last: the second day is as wrong as the first, and what a feed always does is no fault."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import pytest
from feeds import altered
from made import CALENDAR, DAY, facts, profile
from test_causes_kinds import EARLIER, amounts, case, raw
from test_causes_limits import END, SECOND

from exporter.causes.known import CAUSES
from exporter.causes.problem import problems_of
from exporter.checks.check import Severity
from exporter.model import PartitionFacts, Stage

HOUR = 3600 * SECOND


def ending(*hours: float) -> tuple[PartitionFacts, ...]:
    """Return days before, newest first, whose last event was these hours before the day's end."""
    days = {DAY - timedelta(days=age): before for age, before in enumerate(hours, 1)}
    return tuple(
        facts(day, raw=profile(last_event_ns=CALENDAR.day(day).end_ns - round(before * HOUR)))
        for day, before in days.items()
    )


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ([0.1] * 7, True),
        ([6, *[0.1] * 7], True),
        ([6, 5, 7, 6, *[0.1] * 3], True),
        ([6, 5, 7, 6, *[0.1] * 2], False),  # too few days are known that were not like this
        ([0.1, 6, *[0.1] * 5], False),  # so had a day among the others
        ([0.1] * 6 + [6], False),  # the same weekday ended as early
        ([3, *[0.1] * 6], True),
        ([1, *[0.1] * 6], True),  # a little earlier than usual, so it is one of the usual days
    ],
)
def test_a_day_that_ends_early_is_no_standard_for_the_next(before: Sequence[float], *, found: bool) -> None:
    """Otherwise the same fault would be another incident on its second day, or none."""
    today = case(raw(last_event_ns=END - 6 * HOUR), ending(*before))
    assert bool(list(CAUSES["ends_early"].detect(today))) is found


@pytest.mark.parametrize(
    ("today", "before", "cause"),
    [
        ({"user_agent": 0}, [{}] * 7, "column_empty"),
        ({"user_agent": 0}, [*[{"user_agent": 0}] * 3, *[{}] * 4], "column_empty"),
        ({"user_agent": 0}, [{"user_agent": 0}] * 7, None),  # it never has a value
        ({"user_agent": 1000}, [{}] * 7, "column_constant"),
        ({"user_agent": 1000}, [*[{"user_agent": 1000}] * 4, *[{}] * 3], "column_constant"),
        ({"user_agent": 1000}, [*[{"user_agent": 1000}] * 5, *[{}] * 2], None),  # too few others are known
        ({"user_agent": 1000}, [{}, {"user_agent": 1000}, *[{}] * 5], None),  # it may be
        ({"user_agent": 49}, [{}] * 7, None),
        ({}, [{}] * 7, None),
    ],
)
def test_a_column_that_nothing_is_computed_from_can_be_lost_too(
    today: dict[str, int], before: Sequence[dict[str, int]], cause: str | None
) -> None:
    """On the first day and on those after it, unless it is usual."""
    days = tuple(
        replace(day, stages=raw(fingerprint=f"{day.partition}", unread=known).stages)
        for day, known in zip(EARLIER, before, strict=True)
    )
    run = takewhile(lambda pair: pair[1] == today, zip(days, before, strict=True))
    constant = {"column_constant": frozenset(day.partition for day, _ in run)}
    found = problems_of(case(raw(unread=today), days), acknowledged=frozenset(), found_before=constant)
    names = [one.name for one in found if one.name in {"column_empty", "column_constant"}]
    assert names == ([] if cause is None else [cause])


def contents(*names: str) -> tuple[PartitionFacts, ...]:
    """Return days before, newest first, with these contents."""
    return tuple(
        replace(
            day,
            stages={
                Stage.RAW: replace(
                    day.stages[Stage.RAW], profile=altered(day.stages[Stage.RAW].profile, fingerprint=name)
                )
            },
        )
        for day, name in zip((*EARLIER, *_two_weeks()), names, strict=False)
    )


def _two_weeks() -> tuple[PartitionFacts, ...]:
    return tuple(facts(DAY - timedelta(days=age)) for age in range(8, 15))


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("abcdefg", True),
        ("aabcdef", True),  # the second day of a fault
        ("aaaaaab", True),
        ("a", False),
        ("aaaaaaa", False),  # a table that has not changed since it is known
        ("abbbccc", False),  # one that changes twice a week
        ("abbcdef", True),  # a fault some days ago
        ("abbcddef", False),
        ("abcdefgg", False),  # the same weekday a week ago
        ("abcdeffg", True),
    ],
)
def test_a_file_with_the_content_of_another_day_is_a_day_without_data(before: str, *, told: bool) -> None:
    """Even if no check is in breach, unless the feed is known for it."""
    today = case(raw(fingerprint="a"), contents(*before))
    found = [one for one in problems_of(today, acknowledged=frozenset()) if one.name == "same_content"]
    assert [one.severity for one in found] == [Severity.WARNING] * told


def test_rows_of_another_day_are_explained_even_if_the_content_often_stays_the_same() -> None:
    """Then it is no table that rarely changes."""
    today = case(raw(fingerprint="a", out_of_day_rows=1000), contents(*"aaaaaaa"))
    assert "same_content" in {one.name for one in problems_of(today, acknowledged=frozenset())}


@pytest.mark.parametrize(
    ("mean", "largest", "found"),
    [
        (6900.0, 60_000.0, True),
        (69.0, 60_000.0, False),  # one large value, of which none is usual
        (410.0, 35_000.0, False),  # perhaps a part of them, but a largest value like this may be chance
    ],
)
def test_the_largest_of_skewed_amounts_need_not_be_steady(
    mean: float, largest: float, *, found: bool
) -> None:
    """Their average says that they are cents; if only a part is, the largest says it."""
    before = tuple(
        replace(day, stages=raw(figures=amounts(69.0, value)).stages)
        for day, value in zip(EARLIER, (240.0, 300.0, 610.0, 280.0, 900.0, 350.0, 410.0), strict=True)
    )
    today = case(raw(figures=amounts(mean, largest)), before)
    assert bool(list(CAUSES["numbers_scaled"].detect(today))) is found
