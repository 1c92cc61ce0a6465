"""Totals by value: exact, whatever the cut, and nothing is lost beyond the bound."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from feeds import PLAIN_RAW
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of, in_double
from test_profiling_run import find, write
from typed import bounds, chunked

from exporter.contract.load import shipped_feed
from exporter.feed import Column, FollowedFigure, Table
from exporter.model import Profile, Split, Stage
from exporter.profiling.columns import tally_columns
from exporter.profiling.exact import exact
from exporter.profiling.missing import is_missing
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
    """Space around an address counts for nothing; if there is no host, that is counted too."""
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


AMOUNTS = st.one_of(
    st.floats(-1e12, 1e12).map(str),
    st.integers(-5, 5).map(str),
    st.sampled_from(["", " ", "NA", "x", "1e400", " 2.5 ", "-0", "5e-324", "1e308", "0.1"]),
)
CITIES = st.sampled_from(["a", " a ", "b", "", "NA", "c"])
SOLD = st.lists(st.tuples(CITIES, AMOUNTS), min_size=1, max_size=30)


@given(parts=st.lists(SOLD, min_size=1, max_size=3), row_by_row=st.booleans(), whole=st.booleans())
def test_a_followed_sum_is_split_by_every_category(
    parts: list[list[tuple[str, str]]], *, row_by_row: bool, whole: bool
) -> None:
    """Row by row with fractions it is the same; other values add nothing."""
    kind = "integer" if whole else "number"
    columns = (Column("city", "category"), Column("fare", kind), Column("page", "url"))
    table = replace(PLAIN_RAW, columns=columns, packs=(), key=(), summed=("fare",))
    with bounds(row_by_row=row_by_row):
        tallies = [tally_columns(columns_of(part), len(part), table, DAY) for part in parts]
        found = tallies[0].merge(*tallies[1:]).seal(("city", "fare"), table, DAY).splits
    by_city, by_page = found
    rows: Counter[str] = Counter()
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for city, fare in (pair for part in parts for pair in part):
        number = number_in(fare)
        if number is not None and not (whole and number.denominator != 1):
            rows["" if is_missing(city) else city.strip()] += 1
            sums["" if is_missing(city) else city.strip()] += number
    assert (by_city.metric, by_city.of, by_city.type) == ("puffy_column_sum_of_values", "fare", "category")
    assert by_city.rows == dict(rows)
    assert by_city.amounts == {name: in_double(total) for name, total in sums.items()}
    assert by_page.rows == ({"": rows.total()} if rows else {})


def columns_of(part: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the columns of some rows; there is none of pages."""
    return {"city": chunked([[city for city, _ in part]]), "fare": chunked([[fare for _, fare in part]])}


def number_in(text: str) -> Fraction | None:
    """Return the double that a text names, or ``None`` if it names none that is finite."""
    try:
        return Fraction(float(text))
    except (ValueError, OverflowError):
        return None


def test_a_sum_that_nobody_follows_is_not_split() -> None:
    """It would slow every pass, and help nobody."""
    feed = shipped_feed()
    assert feed.read_as(Stage.RAW) == feed.raw
    followed = FollowedFigure("fares", "puffy_column_sum_of_values", {"stage": "raw", "column": "fare"})
    assert replace(feed, trends=(followed,)).read_as(Stage.RAW).summed == ("fare",)
    assert replace(feed, trends=(followed,)).read_as(Stage.CLEAN).summed == ()
