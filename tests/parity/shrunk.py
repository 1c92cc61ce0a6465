"""The smallest history on which Prometheus and the report still differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from histories import History
from made import profile

from exporter.model import PartitionFacts, Stage

MOST_AT_ONCE = 60  # candidates per round: each is a feed on one page
HEALTHY = {stage: profile(stage) for stage in Stage}
Differing = Callable[[Sequence[History]], Sequence[bool]]
Days = tuple[PartitionFacts, ...]


def shrink(history: History, differing: Differing) -> History:
    """Remove days, then differences between days, as long as the results still differ.

    Each round keeps the simplest candidate that still differs, so every round shrinks.
    """
    while True:
        simpler = sorted(_simpler(history), key=weight)
        found = next(_those_that_differ(simpler, differing), None)
        if found is None:
            return history
        history = found


def _those_that_differ(simpler: Sequence[History], differing: Differing) -> Iterator[History]:
    for first in range(0, len(simpler), MOST_AT_ONCE):
        some = simpler[first : first + MOST_AT_ONCE]
        yield from (one for one, differs in zip(some, differing(some), strict=True) if differs)


def weight(history: History) -> int:
    """Return a history's size: a day weighs more than everything that can be in one."""
    return sum(20 + sum(_oddities(known)) for known in (*history.lead_in, *history.exposed))


def _oddities(known: PartitionFacts) -> tuple[int, ...]:
    files = known.stages.items()
    return (
        3 * len(known.stages),
        sum(here.profile != HEALTHY[stage] for stage, here in files),
        len(known.tasks) + len(known.acknowledged) // 8 + bool(known.acknowledged),
        int(known.dq is not None),
    )


def _simpler(history: History) -> Iterator[History]:
    days = (*history.lead_in, *history.exposed)
    size = len(days) // 2
    while size:
        for first in range(0, len(days), size):
            yield _without(history, set(range(first, min(first + size, len(days)))))
        size //= 2
    for places in (range(len(days)), *((place,) for place in range(len(days)))):
        for change in CHANGES:
            changed = tuple(change(one) if place in places else one for place, one in enumerate(days))
            if changed != days:
                yield _divided(history, changed)


def _without(history: History, places: set[int]) -> History:
    lead_in, exposed = len(history.lead_in), len(history.exposed)
    return replace(
        history,
        lead_in=tuple(history.lead_in[place] for place in range(lead_in) if place not in places),
        exposed=tuple(history.exposed[place] for place in range(exposed) if lead_in + place not in places),
    )


def _divided(history: History, days: Days) -> History:
    return replace(history, lead_in=days[: len(history.lead_in)], exposed=days[len(history.lead_in) :])


def _lose(stage: Stage) -> Callable[[PartitionFacts], PartitionFacts]:
    def change(known: PartitionFacts) -> PartitionFacts:
        return replace(known, stages={other: here for other, here in known.stages.items() if other != stage})

    return change


def _heal(stage: Stage) -> Callable[[PartitionFacts], PartitionFacts]:
    def change(known: PartitionFacts) -> PartitionFacts:
        if stage not in known.stages:
            return known
        here = replace(known.stages[stage], profile=HEALTHY[stage], error=None)
        return replace(known, stages={**known.stages, stage: here})

    return change


CHANGES: tuple[Callable[[PartitionFacts], PartitionFacts], ...] = (
    lambda known: replace(known, tasks={}),
    lambda known: replace(known, dq=None),
    lambda known: replace(known, acknowledged=frozenset()),
    *(_lose(stage) for stage in Stage),
    *(_heal(stage) for stage in Stage),
)


def described(history: History) -> str:
    """Return a line for each day."""
    return "\n".join(
        f"{known.partition} {place}{'' if known.alertable else ', may not alert'}: "
        + ", ".join(_parts(known))
        for place, days in (("before the window", history.lead_in), ("judged", history.exposed))
        for known in days
    )


def _parts(known: PartitionFacts) -> Iterator[str]:
    for stage, here in known.stages.items():
        if here.profile is None:
            yield f"{stage} unreadable"
        else:
            yield f"{stage} {'healthy' if here.profile == HEALTHY[stage] else here.profile.rows} rows"
    if known.dq is not None:
        yield "a DQ summary"
    yield from known.tasks
    if known.acknowledged:
        yield f"{len(known.acknowledged)} checks acknowledged"
