"""History is replayed with what was known at the time."""

import random
from dataclasses import replace
from datetime import date, timedelta

from feeds import RULES
from made import facts, profile

from exporter.model import NANOSECONDS, PartitionFacts, Stage
from exporter.pipeline.backtest import Replayed, known_at, replay, score
from exporter.pipeline.inject import Fault, Kind

FIRST = date(2025, 1, 1)
DAY_NS = 86_400 * NANOSECONDS


def day(number: int, factor: float = 1.0) -> PartitionFacts:
    """Return a day of a steady week."""
    rows = round(2000 * factor * random.Random(number).lognormvariate(0, 0.03))
    raw = profile(rows=rows, revenue=rows * 2.0, checkouts=rows // 50)
    return facts(
        FIRST + timedelta(days=number), raw=raw, clean=profile(Stage.CLEAN, rows - 40, revenue=rows * 2.0)
    )


def late(known: PartitionFacts, days: int) -> PartitionFacts:
    """Return a partition with all files delayed by this much."""
    stages = {
        stage: replace(held, arrival_ns=held.arrival_ns + days * DAY_NS)
        for stage, held in known.stages.items()
    }
    return replace(known, stages=stages)


def replayed(days: list[PartitionFacts], fault: Fault | None = None) -> dict[date, Replayed]:
    """Return the result of each day."""
    return {found.view.partition: found for found in replay(days, RULES, fault)}


def test_a_day_is_judged_without_what_came_after_it() -> None:
    """Whatever the later days contain, its verdict is the same."""
    days = [day(number) for number in range(45)]
    other = [*days[:40], *(day(number, 5.0) for number in range(40, 45))]
    full, changed = replayed(days), replayed(other)
    assert all(full[known.partition].view == changed[known.partition].view for known in days[:40])


def test_a_day_that_came_late_was_not_known_before() -> None:
    """It is judged when it came, and the days in between have one member less."""
    days = [day(number) for number in range(20)]
    days[15] = late(days[15], 3)
    found = replayed(days)
    members = {
        number: {member.partition for member in found[FIRST + timedelta(days=number)].view.window.members}
        for number in (16, 17, 18)
    }
    late_day = FIRST + timedelta(days=15)
    assert [late_day in members[number] for number in (16, 17, 18)] == [False, False, True]
    assert found[late_day].as_of_ns == days[15].due_ns + 3 * DAY_NS


def test_known_is_what_has_arrived() -> None:
    """To the stage."""
    whole = day(3)
    assert known_at(whole, whole.due_ns) == whole
    assert known_at(whole, whole.due_ns - 1).stages == {}


def test_every_day_raises_its_own_alerts() -> None:
    """However old the day is; each fault is found on its day."""
    days = [day(number, 0.6 if number == 50 else 1.0) for number in range(60)]
    found = replayed(days)
    noticed = {partition for partition, one in found.items() if "events" in one.anomalies}
    assert noticed == {FIRST + timedelta(days=50)}
    assert {alert.state.value for one in found.values() for alert in one.view.alerts} == {"firing"}


def test_injected_faults_are_counted_by_trend() -> None:
    """Days that are already unfit or anomalous get no fault."""
    days = [day(number, 0.6 if number == 50 else 1.0) for number in range(60)]
    days[20] = replace(days[20], stages={})
    found = replayed(days, Fault(Kind.DROP, 0.4))
    assert found[FIRST + timedelta(days=20)].injected is None
    scores = {one.trend: one for one in score(found.values(), RULES, Fault(Kind.DROP, 0.4))}
    events = scores["events"]
    assert (events.judged, events.anomalous) == (55, 1)  # without the first four and the gap
    assert (events.injected, events.caught) == (events.judged - 1, events.judged - 1)
    assert events.recall == 1.0
    assert events.precision == events.caught / (events.caught + 1)
    assert events.armed > 20
    assert (scores["reject_ratio"].injected, scores["reject_ratio"].recall) == (0, None)


def test_without_a_fault_there_is_nothing_to_recall() -> None:
    """Precision is about faults, not about history."""
    scores = score(replayed([day(number) for number in range(10)]).values(), RULES)
    assert all(one.recall is None and one.precision is None for one in scores)
