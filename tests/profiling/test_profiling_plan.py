"""Cuts stand in front of records and depend on the content alone."""

import itertools
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from feeds import RAW
from hypothesis import given
from hypothesis import strategies as st
from reference import day_of

from exporter.places.local import LocalFile
from exporter.profiling.grammar import read_header
from exporter.profiling.plan import Scan, plan
from exporter.profiling.records import Sizes
from exporter.profiling.run import tally_range
from exporter.profiling.tally import Tally
from exporter.profiling.window import Span

DAY = day_of(date(2025, 3, 30))
HEADER = b"client_id,event_name,event_data,timestamp\n"
ROWS = [
    b'%d,checkout_completed,"{""revenue"": 0.%d,\n""transaction_id"":%d}",2025-03-30T%02d:00:00Z\n'
    % (n, n, n % 5, n % 24)
    for n in range(40)
]
ROWS[1::2] = [row.replace(b"\n", b" ", 1) for row in ROWS[1::2]]  # every other record takes two lines


@pytest.fixture(scope="module")
def descriptor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Open a file of forty orders."""
    path = tmp_path_factory.mktemp("plan") / "day.csv"
    path.write_bytes(HEADER + b"".join(ROWS))
    opened = os.open(path, os.O_RDONLY)
    yield opened
    os.close(opened)


def scan_of(header: bytes, sizes: Sizes) -> Scan:
    """Describe how to read a file with that header."""
    return Scan(read_header(header, {}), RAW, DAY, sizes)


@pytest.mark.parametrize("span", [200, 400, 1000])
def test_ranges_follow_one_another_and_begin_with_proven_lines(descriptor: int, span: int) -> None:
    """Every byte is in one range, and every range but the first begins with the whole line of a record."""
    size = os.fstat(descriptor).st_size
    spans = plan(LocalFile(descriptor), size, scan_of(HEADER, Sizes(span=span)))
    assert len(spans) > size // span // 2
    assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == size
    whole_lines = set(itertools.accumulate(map(len, ROWS), initial=len(HEADER)))
    assert {span.start for span in spans[1:]} <= whole_lines


def test_without_a_timestamp_column_a_file_is_one_range(descriptor: int) -> None:
    """Nothing proves where a record begins, so nothing is cut."""
    size = os.fstat(descriptor).st_size
    assert plan(LocalFile(descriptor), size, scan_of(b"a,b,c,d\n", Sizes(span=60))) == [Span(0, size)]


@given(cuts=st.sets(st.integers(1, 39)), order=st.randoms(use_true_random=False))
def test_a_file_cut_anywhere_between_records_counts_the_same(
    descriptor: int, cuts: set[int], order: object
) -> None:
    """Tallies of parts, merged in any order, are the tally of the whole, but for how its digest was made."""
    starts = list(itertools.accumulate(map(len, ROWS), initial=len(HEADER)))
    edges = [0, *(starts[cut] for cut in sorted(cuts)), starts[-1]]
    scan = scan_of(HEADER, Sizes())
    parts = [tally_range(LocalFile(descriptor), scan, Span(*edge)) for edge in itertools.pairwise(edges)]
    order.shuffle(parts)
    whole = tally_range(LocalFile(descriptor), scan, Span(0, starts[-1]))
    assert without_digests(Tally().merge(*parts)) == without_digests(whole)


def without_digests(tally: Tally) -> dict[str, object]:
    """Return all but what is known of ranges."""
    return {name: getattr(tally, name) for name in Tally.__slots__ if name != "parts"}


def test_a_short_file_is_one_range(tmp_path: Path) -> None:
    """What is smaller than a range and a half is not worth cutting."""
    path = tmp_path / "short.csv"
    path.write_bytes(HEADER + b"".join(ROWS[1:2] * 10))
    with path.open("rb") as file:
        size = path.stat().st_size
        assert plan(LocalFile(file.fileno()), size, scan_of(HEADER, Sizes(span=size))) == [Span(0, size)]
