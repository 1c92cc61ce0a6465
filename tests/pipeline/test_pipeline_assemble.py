"""Facts become a snapshot; results of unchanged facts are not recomputed."""

from dataclasses import replace
from datetime import timedelta

from feeds import RULES
from made import CALENDAR, DAY, facts

from exporter.model import NANOSECONDS, PartitionFacts, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.snapshot import Snapshot

DUE = CALENDAR.due_ns(DAY)
HOUR = 3600 * NANOSECONDS
DAYS = [DAY - timedelta(days=number) for number in reversed(range(4))]


def known(**changes: object) -> list[PartitionFacts]:
    """Return four days, the last of them changed."""
    *earlier, last = (facts(day, alertable=True) for day in DAYS)
    return [*earlier, replace(last, **changes)]  # type: ignore[arg-type]


def look(assembler: Assembler, there: list[PartitionFacts], now_ns: int = DUE + 9 * HOUR) -> Snapshot:
    """Assemble as of an instant."""
    return assembler.assemble([], there, as_of_ns=now_ns, generated_ns=now_ns)


def firing(snapshot: Snapshot) -> set[str]:
    """Return the checks in breach for the last day."""
    return {alert.check.name for alert in snapshot.views[-1].alerts}


def test_unchanged_facts_keep_their_views() -> None:
    """Facts are equal but new objects: a publisher has nothing to render."""
    assembler = Assembler(RULES)
    first = look(assembler, known())
    assert look(assembler, known(), DUE + 10 * HOUR).views is first.views


def test_a_change_touches_only_the_days_that_it_can_reach() -> None:
    """Days before it keep their views, the day itself is judged again."""
    assembler = Assembler(RULES)
    first = look(assembler, known())
    second = look(assembler, known(acknowledged=frozenset({"silence"})))
    assert [one is other for one, other in zip(first.views, second.views, strict=True)] == [
        True,
        True,
        True,
        False,
    ]
    assert look(assembler, known()).views == first.views


def test_a_check_that_waits_for_its_time_is_held_though_nothing_changed() -> None:
    """A missing stage counts some hours after the day was due, not earlier."""
    only_raw = {stage: kept for stage, kept in facts(DAY).stages.items() if stage is Stage.RAW}
    assembler = Assembler(RULES)
    assert "stage_missing" not in firing(look(assembler, known(stages=only_raw), DUE + HOUR))
    assert "stage_missing" in firing(look(assembler, known(stages=only_raw), DUE + 3 * HOUR))
    assert "stage_missing" in firing(look(assembler, known(stages=only_raw), DUE + 4 * HOUR))
    assert "stage_missing" not in firing(look(assembler, known(stages=only_raw), DUE + HOUR))


def test_what_stayed_is_repeated_as_of_now() -> None:
    """The instant moves; the views are the same objects."""
    assembler = Assembler(RULES)
    assert assembler.repeat(as_of_ns=DUE, generated_ns=DUE) is None
    first = look(assembler, known())
    again = assembler.repeat(as_of_ns=DUE + 10 * HOUR, generated_ns=DUE + 11 * HOUR)
    assert again is not None
    assert again.views is first.views
    assert (again.as_of_ns, again.generated_ns) == (DUE + 10 * HOUR, DUE + 11 * HOUR)


def test_nothing_is_repeated_once_a_check_has_come_to_its_time() -> None:
    """Nor if the clock went back before it; to publishers such views are new, even if equal."""
    assembler = Assembler(RULES)
    early = look(assembler, known(), DUE + HOUR)
    assert assembler.repeat(as_of_ns=DUE + HOUR + 1, generated_ns=0) is not None
    assert assembler.repeat(as_of_ns=DUE + 3 * HOUR, generated_ns=0) is None
    late = look(assembler, known(), DUE + 3 * HOUR)
    assert late.views == early.views
    assert late.views is not early.views
    assert assembler.repeat(as_of_ns=DUE + HOUR, generated_ns=0) is None
