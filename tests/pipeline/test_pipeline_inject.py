"""Faults injected into facts."""

import pytest
from feeds import orders
from made import facts, profile

from exporter.errors import UserError
from exporter.model import PartitionFacts, Profile, Stage
from exporter.pipeline.inject import STRIKES, Fault, Kind, inject, parse_fault


def content(known: PartitionFacts, stage: Stage) -> Profile:
    """Return a stage's content."""
    found = known.stages[stage].profile
    assert found is not None
    return found


@pytest.mark.parametrize("kind", list(Kind))
def test_every_fault_changes_what_it_says_and_the_partition_stays_whole(kind: Kind) -> None:
    """A day is unchanged except for the affected share; raw equals clean plus rejects."""
    before = facts()
    after = inject(before, Fault(kind, 0.25))
    assert after.partition == before.partition
    rows = {stage: content(after, stage).rows for stage in Stage}
    assert rows[Stage.RAW] == rows[Stage.CLEAN] + rows[Stage.REJECTS]
    raw, clean = content(after, Stage.RAW), content(after, Stage.CLEAN)
    expected = {
        Kind.DROP: (750, 1500.0, 720, 0),
        Kind.RISE: (1250, 2500.0, 1200, 0),
        Kind.REVENUE: (1000, 1500.0, 960, 0),
        Kind.REJECTS: (1000, 2000.0, 720, 0),
        Kind.IDS: (1000, 2000.0, 960, 250),
    }
    assert (raw.rows, orders(raw).revenue, clean.rows, raw.missing["client_id"]) == expected[kind]
    assert STRIKES[kind]


def test_what_cannot_be_read_stays_as_it_is() -> None:
    """Also for a day without clean files."""
    bare = facts(without=(Stage.CLEAN, Stage.REJECTS))
    assert inject(bare, Fault(Kind.REJECTS, 0.5)) == bare


def test_ids_that_were_missing_are_not_lost_again() -> None:
    """The share is of the ids that are present."""
    missing = {"client_id": 500, "timestamp": 0, "event_name": 0}
    after = inject(facts(raw=profile(missing=missing)), Fault(Kind.IDS, 0.5))
    assert content(after, Stage.RAW).missing["client_id"] == 750


def test_a_fault_is_read_as_written() -> None:
    """Name and share."""
    assert parse_fault("drop=0.3") == Fault(Kind.DROP, 0.3)


@pytest.mark.parametrize(
    "text", ["drop", "drop=", "fall=0.3", "drop=a lot", "drop=0", "drop=1.5", "drop=nan"]
)
def test_other_words_are_refused(text: str) -> None:
    """The message lists what is allowed."""
    with pytest.raises(UserError, match="--inject"):
        parse_fault(text)
