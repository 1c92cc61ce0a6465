"""Incidents and verdicts agree on more than a hundred random histories."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from histories import AS_OF_NS
from verdicts import assemble, histories_from

from exporter.checks.check import State
from exporter.incidents.fold import Day, fold
from exporter.incidents.incident import Incident
from exporter.pipeline.due import due_days
from exporter.pipeline.snapshot import Snapshot

FEED = "events"
BATCH = 25
BATCHES = 5
pytestmark = [
    pytest.mark.xdist_group("parity_incidents"),  # a batch is judged once for all tests
    pytest.mark.parametrize("batch", range(BATCHES)),
]


@cache
def snapshots_of(batch: int) -> tuple[Snapshot, ...]:
    """Return the histories of a batch, judged."""
    histories = histories_from(range(batch * BATCH, (batch + 1) * BATCH))
    return tuple(assemble(history, FEED) for history in histories)


def folded(days: Sequence[Day], known: Sequence[Incident] = ()) -> tuple[Incident, ...]:
    """Fold days."""
    return fold(FEED, days, known, AS_OF_NS)


def firing(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """Return what fires, by day and check."""
    return Counter(
        (view.partition.isoformat(), alert.check.name)
        for view in snapshot.window
        for alert in view.alerts
        if alert.state is State.FIRING
    )


def test_every_firing_check_is_in_exactly_one_incident(batch: int) -> None:
    """Everything that fires is reported, and only once."""
    for snapshot in snapshots_of(batch):
        covered = Counter(
            (day.isoformat(), name)
            for incident in folded(due_days(snapshot))
            for day, names in incident.checks.items()
            for name in names
        )
        assert covered == firing(snapshot)
    assert any(map(firing, snapshots_of(batch))), "histories in which nothing fires prove nothing"


def test_days_that_come_one_by_one_make_the_same_incidents(batch: int) -> None:
    """An incident does not depend on when somebody looked."""
    for snapshot in snapshots_of(batch):
        days = due_days(snapshot)
        known: tuple[Incident, ...] = ()
        for until in range(1, len(days) + 1):
            known = folded(days[:until], known)
        at_once = folded(days)
        assert {one.id: (one.since, one.days) for one in known} == {
            one.id: (one.since, one.days) for one in at_once
        }


def test_a_second_look_changes_nothing(batch: int) -> None:
    """Ids are unique, and folding is idempotent."""
    for snapshot in snapshots_of(batch):
        days = due_days(snapshot)
        once = folded(days)
        assert folded(days, once) == once
        assert len({one.id for one in once}) == len(once)
