"""Columns that no figure is computed from: found empty or with one value, and otherwise hardly looked at."""

from pathlib import Path

import pyarrow as pa
import pytest
from feeds import RAW
from test_profiling_run import DAY, HEADER, find

from exporter.profiling.constants import NOTHING, SEVERAL, Values
from exporter.profiling.missing import NO_VALUE
from exporter.profiling.records import Sizes
from exporter.profiling.run import profile_file
from exporter.profiling.unread import SAMPLE, Unread, columns_unread

ROW = "id-%06d,%s,,2025-03-30T%02d:00:00Z,page_viewed,,%s\n"
SMALL = Sizes(span=4000, block=900, parse=300)
MANY = 400  # rows, more than a sample


def unread(folder: Path, pages: list[str], agents: list[str], sizes: Sizes = SMALL) -> dict[str, int]:
    """Profile a day with these values."""
    path = folder / "day.csv"
    rows = (
        ROW % (number, page, number % 24, agent)
        for number, (page, agent) in enumerate(zip(pages, agents, strict=True))
    )
    path.write_bytes(HEADER + "".join(rows).encode())
    return dict(profile_file(find(path), DAY, table=RAW, sizes=sizes).unread)


def test_only_what_no_figure_needs_is_looked_at_here() -> None:
    """The other columns are read anyway."""
    assert columns_unread(RAW) == ("page_url", "user_agent")


@pytest.mark.parametrize("sizes", [SMALL, Sizes()])
def test_a_column_without_values_or_with_a_single_one_is_found(tmp_path: Path, sizes: Sizes) -> None:
    """With the rows that have it, in however many blocks; a usual column is not mentioned."""
    varied = [f"/{number % 7}" for number in range(MANY)]
    assert unread(tmp_path, varied, varied, sizes) == {}
    assert unread(tmp_path, [""] * MANY, varied, sizes) == {"page_url": 0}
    assert unread(tmp_path, varied, ["agent", ""] * (MANY // 2), sizes) == {"user_agent": MANY // 2}
    assert unread(tmp_path, varied, ["null"] * MANY, sizes) == {}  # a word for none


@pytest.mark.parametrize("sizes", [SMALL, Sizes()])
@pytest.mark.parametrize("usual", ["", "agent"])
def test_one_other_value_anywhere_is_enough(tmp_path: Path, sizes: Sizes, usual: str) -> None:
    """Far behind the sample, too."""
    agents = [usual] * (MANY - 1) + ["other"]
    found = unread(tmp_path, ["/p"] * MANY, agents, sizes)
    assert found == {"page_url": MANY} | ({"user_agent": 1} if not usual else {})
    assert sum(len(ROW) for _ in agents) > SAMPLE


def test_a_column_that_has_shown_two_values_is_not_looked_at_again() -> None:
    """Of the others, the whole block is read only if the sample does not tell."""
    asked: list[tuple[tuple[int, ...], int | None]] = []

    def read(columns: tuple[int, ...], most: int | None) -> pa.Table:
        asked.append((columns, most))
        table = {"1": ["a", "b"], "2": ["x", "x"]}
        return pa.table({str(place): pa.array(table[str(place)], pa.string()) for place in columns})

    looking = Unread({"page": 1, "agent": 2}, NO_VALUE)
    found = looking.look(read)
    assert found["page"] == SEVERAL
    assert (found["agent"].rows, len(found["agent"].digest or b"")) == (2, 16)
    assert asked == [((1, 2), SAMPLE), ((2,), None)]
    assert looking.look(read).keys() == {"agent"}
    assert asked[2:] == [((2,), SAMPLE), ((2,), None)]
    assert Unread({}, NO_VALUE).look(read) == {}


def test_a_block_that_cannot_be_read_again_says_nothing_of_the_file() -> None:
    """Neither that a column is empty, nor that it has one value."""
    found = Unread({"page": 1}, NO_VALUE).look(lambda *_: None)
    assert found == {"page": SEVERAL}


def test_blocks_without_values_change_nothing() -> None:
    """Two different values are several."""
    one, other = Values(3, b"x"), Values(2, b"y")
    assert NOTHING.merge(NOTHING) == NOTHING
    assert NOTHING.merge(one, NOTHING, one) == Values(6, b"x")
    assert one.merge(other).digest is None
    assert one.merge(SEVERAL).merge(one).digest is None


def test_ndjson_has_the_same_figures(tmp_path: Path) -> None:
    """There all columns of the contract are parsed anyway."""
    path = tmp_path / "day.ndjson"
    line = '{"client_id":"a","timestamp":"2025-03-30T01:00:00Z","page_url":%s,"user_agent":""}\n'
    path.write_text(line % '"/p"' + line % "null")
    assert profile_file(find(path), DAY, table=RAW).unread == {"page_url": 1, "user_agent": 0}
