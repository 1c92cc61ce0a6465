"""Totals by value: exact, whatever the cut, and nothing is lost beyond the bound."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from feeds import PLAIN_RAW
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of
from test_profiling_run import find, write
from typed import bounds

from exporter.feed import Column, Table
from exporter.model import Profile, Split
from exporter.profiling.exact import exact
from exporter.profiling.run import profile_file
from exporter.profiling.splits import SplitKey, SplitState

DAY = day_of(date(2025, 3, 30))
KEY = SplitKey("puffy_partition_revenue", "referrer", "url")
PAIRS = st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(-1e9, 1e9)), max_size=12)
HEADER = b"client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n"


def state(pairs: list[tuple[str, float]]) -> SplitState:
    """Return the state of named amounts."""
    return SplitState.of([name for name, _ in pairs], [exact(amount) for _, amount in pairs])


@given(parts=st.lists(PAIRS, min_size=1, max_size=5), named=st.sampled_from([2, 1000]))
def test_parts_add_up_to_the_whole(parts: list[list[tuple[str, float]]], named: int) -> None:
    """In any grouping; names beyond the bound are counted together, their amounts too."""
    everything = [pair for part in parts for pair in part]
    with bounds(named=named):
        states = [state(part) for part in parts]
        found = states[-1].merge(*states[:-1])
        assert found == states[0].merge(state(everything[len(parts[0]) :])) == state(everything)
        split = found.seal(KEY)
    kept = sorted({name for name, _ in everything})[:named]
    assert list(split.rows) == kept
    assert sum(split.rows.values()) + split.overflow == len(everything)
    assert split.amounts == {
        name: float(sum(Fraction(amount) for other, amount in everything if other == name)) for name in kept
    }
    rest = sum((Fraction(amount) for name, amount in everything if name not in kept), Fraction(0))
    assert split.amounts_overflow == float(rest)


def read(folder: Path, table: Table, *rows: str) -> Profile:
    """Profile orders of 10 each, given their page and referrer."""
    lines = [
        f'a,{row},2025-03-30T10:{place:02d}:00Z,checkout_completed,"{{""revenue"": 10}}",x\n'
        for place, row in enumerate(rows)
    ]
    return profile_file(find(write(folder, HEADER + "".join(lines).encode())), DAY, table=table)


def of(found: Profile, column: str) -> dict[str, Split]:
    """Return a profile's splits by one column."""
    return {split.metric: split for split in found.splits if split.column == column}


def test_orders_and_revenue_are_split_by_the_referrers_host(tmp_path: Path) -> None:
    """Space around an address counts for nothing; where there is no host, that is counted too."""
    found = read(
        tmp_path, PLAIN_RAW, "/,https://A.example/x", "/, a.example ", "/,", "/,null", "/,/only/a/path"
    )
    known = of(found, "referrer")
    assert known["puffy_partition_checkouts"].rows == {"": 3, "a.example": 2}
    assert known["puffy_partition_revenue"].amounts == {"": 30.0, "a.example": 20.0}
    assert known["puffy_partition_rows"].rows == {"": 3, "a.example": 2}


@pytest.mark.parametrize("personal", [True, False])
def test_any_category_of_the_contract_splits_but_none_that_is_personal(
    tmp_path: Path, *, personal: bool
) -> None:
    """Nor does a personal referrer."""
    columns = tuple(
        replace(column, type="category", personal=personal)
        if column.name == "page_url"
        else replace(column, personal=personal and column.name == "referrer")
        for column in PLAIN_RAW.columns
    )
    found = read(
        tmp_path, replace(PLAIN_RAW, columns=columns), "shoes,x.example", "hats,x.example", " hats ,"
    )
    assert ("page_url" in {split.column for split in found.splits}) is not personal
    assert ("referrer" in {split.column for split in found.splits}) is not personal
    if not personal:
        assert of(found, "page_url")["puffy_partition_checkouts"].rows == {"hats": 2, "shoes": 1}


def test_a_column_without_a_type_splits_nothing(tmp_path: Path) -> None:
    """Only categories and addresses have few values, and of those that are only expected nobody knows."""
    found = read(tmp_path, PLAIN_RAW, "shoes,x.example")
    assert {split.column for split in found.splits} == {Column("referrer").name}
