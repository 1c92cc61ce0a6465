"""A fault that lasts is found on each of its days, until it has lasted so long that it is the norm."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from feeds import RULES
from made import CALENDAR, DAY, facts, profile

from exporter.history.norm import ACCEPTED_DAYS
from exporter.model import NANOSECONDS, PartitionFacts
from exporter.pipeline.assemble import Assembler

NOW = CALENDAR.due_ns(DAY) + 9 * 3600 * NANOSECONDS
GOOD = {"events": {"page_viewed": 900, "product_added_to_cart": 80, "checkout_completed": 20}}
GONE = {"events": {"page_viewed": 980, "checkout_completed": 20}}
NEW = {"events": {**GOOD["events"], "survey_answered": 50}}
SAME = {**GOOD, "constants": {"page_url": 1000}}
CAUSE = {"gone": "event_gone", "new": "event_appeared", "same": "column_constant"}
BAD = {"gone": GONE, "new": NEW, "same": SAME}


def days(kind: str, marks: str) -> list[PartitionFacts]:
    """Return consecutive days up to ``DAY``; those marked ``x`` have the fault."""
    first = DAY - timedelta(days=len(marks) - 1)
    return [
        facts(
            first + timedelta(days=number),
            raw=profile(fingerprint=f"{number}{mark}", **(BAD[kind] if mark == "x" else GOOD)),
        )
        for number, mark in enumerate(marks)
    ]


def found(
    kind: str, there: Sequence[PartitionFacts], lead_in: int = 0, assembler: Assembler | None = None
) -> str:
    """Return the judged days, with an ``x`` for those on which the fault was found."""
    known = (assembler or Assembler(RULES)).assemble(
        there[:lead_in], there[lead_in:], as_of_ns=NOW, generated_ns=NOW
    )
    return "".join(
        "x" if any(CAUSE[kind] in problem.names for problem in view.problems) else "."
        for view in known.window
    )


@pytest.mark.parametrize("kind", CAUSE)
@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("........", "........"),
        ("....xxx.", "....xxx."),
        ("....x.x.", "....x..."),  # what has come and gone has been seen before
        ("....xxxx", "....xxxx"),
        ("....xxxxxxxxxx", "....xxxxxxx..."),  # the norm by now
    ],
)
def test_a_fault_that_lasts_is_no_excuse_for_itself(kind: str, marks: str, expected: str) -> None:
    """It is one problem of all its days."""
    assert ACCEPTED_DAYS == 7
    assert found(kind, days(kind, marks)) == expected


@pytest.mark.parametrize("kind", CAUSE)
@pytest.mark.parametrize("lead_in", range(15, 22))
def test_it_is_found_as_well_if_it_began_before_the_window(kind: str, lead_in: int) -> None:
    """The days before the judged ones are looked at for this alone."""
    marks = "." * 15 + "xxxxxx" + "..."
    assert found(kind, days(kind, marks), lead_in) == marks[lead_in:]


@pytest.mark.parametrize("kind", CAUSE)
def test_a_day_is_judged_again_if_one_before_it_has_been_replaced(kind: str) -> None:
    """An assembler that has seen the days before says what a new one says."""
    seen = Assembler(RULES)
    for marks in ("....xxx.", "....x.x.", "....x...", "......xx", "....xxxx", "....xxx."):
        assert found(kind, days(kind, marks), assembler=seen) == found(kind, days(kind, marks)), marks


def test_the_first_days_of_a_feed_are_compared_with_each_other() -> None:
    """An unlisted event of the very first day is new on that day alone."""
    assert found("new", days("new", "xxxx")) == "x..."
    assert found("new", days("new", ".xxx")) == ".x.."
