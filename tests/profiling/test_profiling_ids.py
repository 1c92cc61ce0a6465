"""Ids that are counted apart, share by share, give the counts of all of them together."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
import xxhash
from feeds import RAW
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of
from typed import chunked

from exporter.profiling import keys
from exporter.profiling.ids import from_digests, share, unite
from exporter.profiling.keys import KeyState, tally_keys
from exporter.profiling.missing import NO_VALUE
from exporter.profiling.order_tally import OrderTally
from exporter.profiling.tally import KEYS, Tally

PARTS = st.lists(
    st.lists(st.sampled_from([f"order-{number}" for number in range(40)]), max_size=30), max_size=5
)


def digest(text: str) -> bytes:
    """Return an id's 16 bytes."""
    return xxhash.xxh3_128_digest(text.encode())


@pytest.mark.parametrize("shares", [1, 2, 3, 7, 256])
def test_shares_are_all_ids_once(shares: int) -> None:
    """Whatever their number, each id is in one share, and every process puts it into the same."""
    hashes = np.sort(np.random.default_rng(1).integers(0, 2**64, 5000, np.uint64))
    digests = from_digests(frozenset(digest(str(number)) for number in range(5000)))
    for ids in (hashes, digests):
        cut = [share(ids, number, shares) for number in range(shares)]
        assert np.array_equal(np.concatenate(cut), ids)
        assert all(part.size for part in cut)
        some = [share(ids[::3], number, shares) for number in range(shares)]
        assert all(np.isin(few, all_).all() for few, all_ in zip(some, cut, strict=True))


def keyed(start: int, stop: int) -> KeyState:
    """Return the keys of so many rows."""
    return tally_keys([chunked([[str(number) for number in range(start, stop)]])], NO_VALUE)


def counted(tallies: Sequence[Tally], shares: int) -> Tally:
    """Return the whole of tallies whose ids were counted apart."""
    apart = [tally.detach() for tally in tallies]
    names = {name for _, found in apart for name in found}
    distinct = {
        name: sum(
            unite([share(found[name], number, shares) for _, found in apart if name in found]).size
            for number in range(shares)
        )
        for name in names
    }
    return Tally().merge(*(rest for rest, _ in apart)).counted(distinct)


@given(parts=PARTS, shares=st.integers(1, 9))
def test_counting_apart_changes_no_figure(parts: list[list[str]], shares: int) -> None:
    """Duplicate keys and orders are those that a tally with all ids in it has."""
    tallies = [
        Tally(
            rows=len(part),
            keys=tally_keys([chunked([part])], NO_VALUE),
            packs={
                "web-orders": OrderTally(
                    with_transaction_id=len(part), transaction_ids=frozenset(map(digest, part))
                )
            },
        )
        for part in parts
    ]
    day = day_of(date(2025, 3, 30))
    whole = Tally().merge(*tallies)
    assert counted(tallies, shares).seal((), RAW, day) == whole.seal((), RAW, day)


def test_a_detached_tally_holds_no_ids() -> None:
    """What is sent around grows with the figures, not with the file."""
    tally = Tally(
        keys=tally_keys([chunked([["a", "b"]])], NO_VALUE),
        packs={"web-orders": OrderTally(transaction_ids=frozenset([digest("a")]))},
    )
    rest, found = tally.detach()
    assert {name: ids.size for name, ids in found.items()} == {KEYS: 2, "web-orders": 1}
    assert not rest.detach()[1][KEYS].size
    assert rest.packs["web-orders"] == OrderTally()


def test_too_many_keys_are_too_many_apart_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell, whether one part alone had too many or all of them together."""
    monkeypatch.setattr(keys, "BOUND", 10)
    few = [
        KeyState().merge(tally_keys([chunked([[str(n) for n in range(at, at + 6)]])], NO_VALUE))
        for at in (0, 6)
    ]
    assert counted([Tally(keys=state) for state in few], 2).keys.duplicates() is None  # type: ignore[union-attr]
    many = KeyState().merge(keyed(0, 20))
    assert many.detach() == (many, None)
    assert counted([Tally(keys=many), Tally(keys=few[0])], 2).keys.duplicates() is None  # type: ignore[union-attr]
