"""A soak's plan depends only on its seed, its incidents are distinct, and all end in time."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from trials.soak.kills import EXPORTER_UNTIL, FROM, UNTIL, Name, draw_kills
from trials.soak.troubles import (
    LONGEST_COLUMN,
    Form,
    Plan,
    Trouble,
    draw_plan,
    due_at,
    feed_names,
)

FIRST, DAYS, FEEDS = date(2026, 11, 28), 30, 20
BRIDGED = 2  # good days within which the same cause is still the same incident


def plan(seed: int = 1, days: int = DAYS) -> Plan:
    """Draw a plan of the usual size."""
    return draw_plan(seed, FEEDS, FIRST, days)


def test_a_seed_gives_one_plan() -> None:
    """Another seed draws a different plan."""
    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


@pytest.mark.parametrize("seed", range(20))
def test_every_day_of_every_feed_ends_with_a_file(seed: int) -> None:
    """Each day is delivered, and all but those without the column or with repeated rows end up good."""
    last = {(one.feed, one.partition): one for one in plan(seed).deliveries}
    days = {FIRST + timedelta(days=number) for number in range(DAYS)}
    assert last.keys() == {(feed, day) for feed in feed_names(FEEDS) for day in days}
    assert {one.form for one in last.values()} == {Form.GOOD, Form.NO_COLUMN, Form.REPEATED}


@pytest.mark.parametrize("seed", range(20))
def test_incidents_cannot_be_confused(seed: int) -> None:
    """No two share an ID, and no two of a feed are close enough to be merged."""
    drawn = plan(seed)
    assert len({told.incident for told in drawn.told}) == len(drawn.told)
    for feed in feed_names(FEEDS):
        begins = sorted((day, trouble) for name, day, trouble in drawn.troubles if name == feed)
        lengths = [LONGEST_COLUMN if trouble is Trouble.COLUMN else 1 for _, trouble in begins]
        for ((day, _), (following, _)), length in zip(pairwise(begins), lengths, strict=False):
            assert (following - day).days > BRIDGED + (1 if length == 1 else 0)
        assert sum(trouble is Trouble.COLUMN for _, trouble in begins) <= 1


@pytest.mark.parametrize("days", [3, 5, 30])
def test_all_is_over_before_the_last_day_ends(days: int) -> None:
    """The last day is good in every feed, and nothing is planned for the final hours."""
    drawn = plan(days=days)
    end = due_at(FIRST + timedelta(days=days - 1)) + timedelta(hours=18)
    assert all(one.at < end - timedelta(hours=10) for one in (*drawn.deliveries, *drawn.answers))
    last = FIRST + timedelta(days=days - 1)
    assert {one.form for one in drawn.deliveries if one.partition == last} == {Form.GOOD}
    assert drawn.told


def test_all_kinds_of_trouble_occur() -> None:
    """Thirty days of twenty feeds have each kind, with acknowledgements of incidents and of days."""
    drawn = plan()
    assert {trouble for _, _, trouble in drawn.troubles} == set(Trouble)
    assert {bool(answer.incident) for answer in drawn.answers} == {True, False}


@pytest.mark.parametrize("count", [0, 1, 4, 100])
def test_kills_are_spread_over_the_run(count: int) -> None:
    """No two are close, and the exporter's come early enough to follow its memory afterwards."""
    seconds = 1000.0
    kills = draw_kills(1, count, seconds)
    assert len(kills) == count
    assert all(FROM * seconds <= kill.at <= UNTIL * seconds for kill in kills)
    gap = (UNTIL - FROM) * seconds / max(count, 1) / 2
    assert all(later.at - kill.at >= gap - 1e-6 for kill, later in pairwise(kills))
    of_exporter = [kill for kill in kills if kill.name is Name.EXPORTER]
    assert len(of_exporter) == count // len(Name)
    assert all(kill.at <= EXPORTER_UNTIL * seconds for kill in of_exporter)
    again = [kill for kill, later in pairwise(kills) if kill.name is later.name is Name.EXPORTER]
    assert again == []
