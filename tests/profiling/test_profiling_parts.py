"""However the rows of a day are split over files, and however these are written, the figures are the same."""

import csv
import dataclasses
import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from dirt import ALIASES
from feeds import TABLES
from hypothesis import given, settings
from hypothesis import strategies as st
from packing import PACK
from reference import profile as refer
from test_profiling_run import DAY, HEADER, PARTITION, find, plain

from exporter.discover.parts import Part, together
from exporter.model import Profile, SourceFile, Stage
from exporter.profiling.joined import join_columns
from exporter.profiling.records import Sizes
from exporter.profiling.run import FileChanged, open_rows, profile_file
from exporter.triage.records import read_source

RAW = TABLES[Stage.RAW]
NAMES = HEADER.decode().strip().split(",")
ORDER = '{{"revenue": {}, "transaction_id": "{}", "items": [{{"item_id": "a", "item_price": 1}}]}}'
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "id-1", "id-2", "Ünü", "NaN", "unknown", "a,b"]),
        st.sampled_from(["/p", "", 'say "no"', "one\ntwo"]),
        st.sampled_from(["", "https://x.example/", "https://source-0a1b2c3d.com/"]),
        st.one_of(
            st.integers(0, 1439).map(lambda minute: f"2025-03-30T{minute // 60:02}:{minute % 60:02}:00Z"),
            st.sampled_from(["2025-03-29T23:00:00Z", "yesterday", "", "2025-03-30 01:02"]),
        ),
        st.sampled_from(["page_viewed", "checkout_completed", ""]),
        st.one_of(
            st.builds(ORDER.format, st.sampled_from(["0", "12.5", '"7"', "null"]), st.sampled_from("ab")),
            st.sampled_from(["", "{", "x"]),
        ),
        st.just("agent"),
    ),
    max_size=14,
)
Row = Sequence[str]


def written(rows: Sequence[Row], names: Sequence[str] = NAMES) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def source(paths: Sequence[Path]) -> SourceFile:
    """Return files as the parts of one."""
    parts = [Part(path, find(path).stamp) for path in paths]
    return together(PARTITION, RAW, paths[0].parent, parts)


def read(found: SourceFile, threads: int = 2) -> Profile:
    """Profile parts, cut into many ranges."""
    return profile_file(found, DAY, table=RAW, threads=threads, sizes=Sizes(span=400, block=90, parse=80))


@settings(max_examples=150)
@given(
    rows=ROWS,
    cuts=st.lists(st.integers(0, 14), max_size=4),
    ending=st.sampled_from(["", "", *PACK]),
    threads=st.sampled_from([1, 2, 3]),
)
def test_any_split_in_any_compression_has_the_references_figures(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], cuts: list[int], ending: str, threads: int
) -> None:
    """A part may be empty, and the rows are in their order where a person looks at them."""
    folder = tmp_path_factory.mktemp("split", numbered=True)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    paths = []
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        data = written(rows[start:end]) if start < end or number % 2 == 0 else b""
        paths.append(folder / f"part-{number}.csv{ending}")
        paths[-1].write_bytes(PACK[ending](data) if ending else data)
    found = source(paths)
    wanted = refer(written(rows), DAY, Stage.RAW, ALIASES)
    assert plain(read(found, threads)) == plain(wanted)
    shown = [record.cells for record in read_source(found, RAW)]
    assert shown == [tuple(row) for row in rows]
    with open_rows(found) as rows_of_all:
        joined = folder / "joined.csv"
        joined.write_bytes(Path(f"/proc/self/fd/{rows_of_all.file.descriptor}").read_bytes())
    assert plain(read(find(joined))) == plain(wanted)


def test_parts_of_other_columns_lose_nothing(tmp_path: Path) -> None:
    """Another order is no difference; what a part lacks is missing in its rows."""
    row = ["id-1", "/p", "", "2025-03-30T01:00:00Z", "page_viewed", "", "agent"]
    turned = dict(zip(reversed(NAMES), reversed(row), strict=True))
    files = [(NAMES, [row] * 3), (list(turned), [list(turned.values())] * 2)]
    files.append(([*NAMES[1:], "more"], [[*row[1:], "x"]]))
    for number, (names, rows) in enumerate(files):
        (tmp_path / f"{number}.csv").write_bytes(written(rows, names))
    found = source(sorted(tmp_path.iterdir()))
    profile = read(found)
    assert (profile.rows, profile.malformed_rows, profile.missing["client_id"]) == (6, 0, 1)
    assert profile.columns == (*NAMES, "more")
    assert profile.differing_parts == {"2.csv": "lacks client_id and has more"}
    with pytest.raises(OSError, match=r"columns of 1\.csv are not those"), open_rows(found):
        pass


def test_columns_are_compared_by_what_most_parts_have() -> None:
    """One that has none says nothing."""
    assert join_columns({"a": (), "b": ("x", "y"), "c": ("y", "x")}) == (("x", "y"), {})
    assert join_columns({"a": ("x",), "b": ("x", "y"), "c": ("y", "x")})[1] == {"a": "lacks y"}
    assert join_columns({}) == ((), {})


def test_a_part_that_changes_while_others_are_read_changes_all(tmp_path: Path) -> None:
    """No profile of it can be true."""
    for number in range(3):
        (tmp_path / f"{number}.csv").write_bytes(written([]))
    found = source(sorted(tmp_path.iterdir()))
    (tmp_path / "2.csv").write_bytes(b"more")
    with pytest.raises(FileChanged):
        read(found)
    (tmp_path / "2.csv").unlink()
    with pytest.raises(FileNotFoundError):
        read(found)


def test_the_fingerprint_is_that_of_all_parts(tmp_path: Path) -> None:
    """The first part alone has that of the same file by itself."""
    paths = [tmp_path / f"{number}.csv" for number in range(2)]
    paths[0].write_bytes(written([]))
    paths[1].write_bytes(written([["a"] * 7]))
    assert read(source(paths[:1])).fingerprint == read(find(paths[0])).fingerprint
    both = read(source(paths)).fingerprint
    assert both not in {read(find(path)).fingerprint for path in paths}
    paths[1].write_bytes(written([["b"] * 7]))
    assert read(source(paths)).fingerprint != both
    assert dataclasses.replace(read(source(paths)), fingerprint="") != dataclasses.replace(
        read(source(paths[:1])), fingerprint=""
    )
