"""Which value is behind a volume's change: reported with the anomaly, and with the resulting level."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import EVENTS, RULES
from made import CALENDAR, facts, profile

from exporter.feed import Column
from exporter.model import ColumnFigures, PartitionFacts, Split, Stage
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.snapshot import PartitionView

FIRST = date(2025, 1, 6)
BAD = 60
SHARES = {"": 0.2, "a.example": 0.5, "b.example": 0.2, "c.example": 0.1}
ALIKE = dict.fromkeys(SHARES, 0.5)
ONE = {"a.example": 0.04}


def day(number: int, factors: Mapping[str, float], *, typed: bool = False) -> PartitionFacts:
    """Return a day with orders by referrer, each host's multiplied by its factor in ``factors``."""
    chance = np.random.default_rng(number)
    size = (1.3 if number % 7 > 4 else 1.0) * math.exp(0.03 * chance.normal())
    hosts = {
        name: int(chance.poisson(400 * share * size * factors.get(name, 1.0)))
        for name, share in {**SHARES, **dict.fromkeys(factors.keys() - SHARES.keys(), 1.0)}.items()
    }
    countries = {name: 10 * count for name, count in hosts.items() if name and count}
    split = Split("puffy_partition_checkouts", "referrer", "url", {name: n for name, n in hosts.items() if n})
    start = CALENDAR.day(FIRST + timedelta(days=number))
    content = profile(
        rows=10 * sum(hosts.values()) if typed else round(4000 * size),
        checkouts=sum(hosts.values()),
        revenue=20_000 * size,
        fingerprint=f"{number}",
        first_event_ns=start.start_ns,
        last_event_ns=start.end_ns - 60 * 10**9,
        splits=() if typed else (split,),
        figures={"country": ColumnFigures("category", {}, countries)} if typed else {},
    )
    return facts(FIRST + timedelta(days=number), raw=content)


def look(known: Sequence[PartitionFacts], rules: Rules = RULES) -> PartitionView:
    """Make a pass on the morning after the last day."""
    now = CALENDAR.due_ns(known[-1].partition) + 1
    return Assembler(rules).assemble(known[:40], known[40:], as_of_ns=now, generated_ns=now).views[-1]


def seen(view: PartitionView, name: str) -> str:
    """Return the text of one problem."""
    (problem,) = [problem for problem in view.problems if problem.name == name]
    return view.words[problem.key].seen


def healthy(*, typed: bool = False) -> list[PartitionFacts]:
    """Return the days before the bad one."""
    return [day(number, {}, typed=typed) for number in range(BAD)]


def test_the_value_that_carries_an_anomaly_is_named_with_its_figures() -> None:
    """With its usual value, its change, and that of all others; subject and title are unchanged."""
    view = look([*healthy(), day(BAD, ONE)])
    text = seen(view, "anomaly_checkouts")
    told = (
        r"Most of it comes from referrer host a.example: 6 orders, usually about 2\d\d, .97%; all others ..%."
    )
    assert re.search(told, text)
    (problem,) = [problem for problem in view.problems if problem.name == "anomaly_checkouts"]
    assert problem.key == ("anomaly_checkouts", "")
    assert "a.example" not in view.words[problem.key].title


def test_where_all_values_fall_alike_none_is_named() -> None:
    """However large one of them is."""
    view = look([*healthy(), day(BAD, ALIKE)])
    assert "Most of it" not in seen(view, "anomaly_checkouts")


def test_a_value_that_is_new_is_named_without_a_change_of_its_own() -> None:
    """Zero has no percentage."""
    text = seen(look([*healthy(), day(BAD, {"d.example": 1.0})]), "anomaly_checkouts")
    assert "Most of it comes from referrer host d.example: " in text
    assert "usually about 0;" in text


def test_rows_without_a_value_can_carry_it_too() -> None:
    """They are named as such."""
    shares = {"": 6.0}
    assert "comes from rows without referrer host: " in seen(
        look([*healthy(), day(BAD, shares)]), "anomaly_checkouts"
    )


@pytest.mark.parametrize("days", [3, 5])
def test_a_new_level_is_carried_by_what_carried_its_first_day(days: int) -> None:
    """It is compared with the weeks before it began; the days since are not part of the reference."""
    view = look([*healthy(), *(day(BAD + number, ONE) for number in range(days))])
    assert "Most of it comes from referrer host a.example: " in seen(view, "level_shift")


@pytest.mark.parametrize("personal", [True, False])
def test_rows_are_broken_down_by_any_category_that_is_not_personal(*, personal: bool) -> None:
    """By the counts that every category has; the values of a personal column are never named."""
    country = Column("country", "category", personal=personal, expected=False)
    raw = replace(EVENTS.raw, columns=(*EVENTS.raw.columns, country))
    feed = replace(EVENTS, tables={**EVENTS.tables, Stage.RAW: raw})
    rules = replace(RULES, figures=replace(RULES.figures, feed=feed))
    view = look([*healthy(typed=True), day(BAD, ONE, typed=True)], rules)
    assert ("comes from country a.example: " in seen(view, "anomaly_events")) is not personal


def test_a_share_has_nothing_that_carries_it() -> None:
    """Only sums of rows are broken down."""
    known = [*healthy(), day(BAD, {})]
    bad = known[-1].stages[Stage.RAW]
    assert bad.profile is not None
    lost = replace(bad, profile=replace(bad.profile, missing={**bad.profile.missing, "client_id": 900}))
    view = look([*known[:-1], replace(known[-1], stages={**known[-1].stages, Stage.RAW: lost})])
    (problem,) = [problem for problem in view.problems if "client_id" in problem.name]
    assert problem.breakdown is None
