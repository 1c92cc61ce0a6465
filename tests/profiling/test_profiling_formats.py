"""The same rows have the same figures in every format, however they are split."""

import dataclasses
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from dirt import ALIASES
from feeds import TABLES
from hypothesis import given, settings
from hypothesis import strategies as st
from packing import PACK
from pyarrow import parquet as pq
from reference import profile as refer
from test_profiling_parts import NAMES, ROWS, Row, source, written
from test_profiling_run import DAY, find, plain
from test_profiling_unpack import reason

from exporter.feed import Column, Form, Table
from exporter.model import Profile, Stage
from exporter.profiling.format import Format
from exporter.profiling.grammar import NotCsvError
from exporter.profiling.json_lines import _by_arrow, _by_line, load
from exporter.profiling.records import Sizes
from exporter.profiling.run import FORMATS, open_rows, profile_file
from exporter.profiling.unpack import Expansion
from exporter.template import FORMATS as ENDINGS
from exporter.template import PathTemplate
from exporter.triage.records import read_records

RAW = TABLES[Stage.RAW]
LINES_ASIDE = {"malformed_lines": (), "repeated_header_lines": ()}
SMALL = Sizes(span=400, block=90, parse=80)


def parquet(path: Path, rows: Sequence[Row], names: Sequence[str] = NAMES, *, group: int = 5) -> None:
    """Write rows as Parquet; nothing is null."""
    columns = [[row[place] or None for row in rows] for place in range(len(names))]
    table = pa.table([pa.array(column, pa.string()) for column in columns], list(names))
    pq.write_table(table, path, row_group_size=group)


def ndjson(rows: Sequence[Row], names: Sequence[str] = NAMES, seed: int = 0) -> bytes:
    """Write rows as NDJSON; empty values are null, empty, or absent."""
    rng = random.Random(seed)
    lines = []
    for number, row in enumerate(rows):
        known: dict[str, str | None] = {}
        for name, cell in zip(names, row, strict=True):
            if cell or number == 0:
                known[name] = cell or None
            elif (chance := rng.random()) < 0.6:
                known[name] = "" if chance < 0.3 else None
        lines.append(json.dumps(known, ensure_ascii=bool(rng.random() < 0.5)))
    return "".join(line + rng.choice(["\n", "\n", "\r\n", "\n\n"]) for line in lines).encode()


def read(path: Path, table: Table = RAW, **options: Any) -> Profile:
    """Profile a file, cut into many ranges."""
    return profile_file(find(path), DAY, table=table, **{"threads": 2, "sizes": SMALL, **options})


def test_every_format_that_a_name_speaks_of_is_read() -> None:
    """Names are tested below, bytes here."""
    assert set(FORMATS) == set(ENDINGS.values())
    assert all(isinstance(form, Format) for form in FORMATS.values())


@settings(max_examples=80)
@given(
    rows=ROWS,
    cuts=st.lists(st.integers(0, 14), max_size=3),
    form=st.sampled_from(["parquet", "ndjson", "jsonl.gz", "json.zst", "parquet.gz"]),
    how=st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 6), st.booleans()),
)
def test_any_format_and_split_has_the_references_figures(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Row],
    cuts: list[int],
    form: str,
    how: tuple[int, int, bool],
) -> None:
    """Only NDJSON without rows lacks its columns."""
    threads, group, small = how
    folder = tmp_path_factory.mktemp("formats", numbered=True)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    paths = []
    kind, _, packed = form.partition(".")
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        path = folder / f"part-{number}.{kind}"
        if kind == "parquet":
            parquet(path, rows[start:end], group=group)
        else:
            path.write_bytes(ndjson(rows[start:end], seed=number))
        if packed:
            path = path.rename(f"{path}.{packed}")
            path.write_bytes(PACK[f".{packed}"](path.read_bytes()))
        paths.append(path)
    found = profile_file(source(paths), DAY, table=RAW, threads=threads, sizes=SMALL if small else Sizes())
    wanted = refer(written(rows), DAY, Stage.RAW, ALIASES)
    aside = LINES_ASIDE | {"differing_parts": {}}
    if kind != "parquet" and any(start == end for start, end in itertools.pairwise(edges)):
        aside |= {"columns": found.columns if not rows else wanted.columns}
    if kind == "parquet":  # which reads no column that no figure needs
        aside |= {"unread": {}}
    assert plain(found) | aside == plain(wanted) | aside
    if not found.differing_parts and rows:
        shown = [record.cells for path in paths for record in read_records(find(path).files[0], RAW)]
        assert shown == [tuple(row) for row in rows]


def typed_table() -> Table:
    """Return a table of orders with a column of each type."""
    kinds = {
        "id": "integer",
        "at": "timestamp",
        "amount": "number",
        "price": "number",
        "paid": "boolean",
        "day": "date",
        "state": "category",
        "note": "text",
    }
    columns = tuple(
        Column(name, kind, required=name != "note", event_time=name == "at") for name, kind in kinds.items()
    )
    return Table("orders", Stage.RAW, PathTemplate("o_{date:%Y%m%d}.csv"), columns, key=("id",))


MOMENTS = st.integers(0, 86_399_999).map(lambda ms: DAY.start_ns // 1_000_000 + ms)
TYPED = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-5, 5), st.integers(2**53, 2**63 - 1)),
        st.one_of(st.none(), MOMENTS),
        st.one_of(st.none(), st.sampled_from([0.0, 1.0, -2.5, 0.1, 1e22, 1e-7]), st.floats(-1e6, 1e6)),
        st.one_of(st.none(), st.decimals(-999, 999, places=2)),
        st.one_of(st.none(), st.booleans()),
        st.one_of(st.none(), st.dates()),
        st.sampled_from([None, "new", "paid", "é"]),
        st.one_of(st.none(), st.text(max_size=4).filter(str.isprintable)),
    ).filter(lambda row: any(value not in (None, "") for value in row)),  # in CSV that is no row
    min_size=1,
    max_size=12,
)


def in_text(value: object) -> str:
    """Write a value as a careful CSV writer does, without Arrow."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    return str(value)


@settings(max_examples=60)
@given(rows=TYPED, group=st.integers(1, 6), form=st.sampled_from(["parquet", "ndjson"]))
def test_typed_values_have_the_figures_of_their_text(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], group: int, form: str
) -> None:
    """Timestamps, decimals, floats, booleans, dates and null, in Parquet's types and in JSON's."""
    folder, table = tmp_path_factory.mktemp("typed", numbered=True), typed_table()
    names = [column.name for column in table.columns]
    moments = [None if row[1] is None else datetime.fromtimestamp(row[1] / 1000, UTC) for row in rows]
    stamps = ["" if at is None else at.isoformat(timespec="milliseconds")[:-6] + "Z" for at in moments]
    text = [[in_text(row[0]), at, *map(in_text, row[2:])] for row, at in zip(rows, stamps, strict=True)]
    usual = folder / "o.csv"
    usual.write_bytes(written(text, names))
    path = folder / f"o.{form}"
    if form == "parquet":
        kinds = [pa.int64(), pa.timestamp("ms", "UTC"), pa.float64(), pa.decimal128(9, 2), pa.bool_()]
        kinds += [pa.date32(), pa.dictionary(pa.int8(), pa.string()), pa.large_string()]
        columns = [moments if place == 1 else [row[place] for row in rows] for place in range(len(names))]
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        pq.write_table(pa.table(arrays, names), path, row_group_size=group)
    else:
        lines = [
            dict(zip(names, [row[0], at or None, *row[2:]], strict=True))
            for row, at in zip(rows, stamps, strict=True)
        ]
        plain_json = (json.dumps(line, default=in_text) for line in lines)
        path.write_text("".join(f"{line}\n" for line in plain_json))
    found, wanted = read(path, table), read(usual, table)
    assert plain(found) | LINES_ASIDE == plain(wanted) | LINES_ASIDE


LINES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "a": st.sampled_from([None, "", "x", "é", "\u0000", "\ud800"]),
                "n": st.sampled_from([None, 1, -0.0, 2.5, 1e300, 2**53, 2**70, 12345678901234567890]),
                "b": st.sampled_from([True, False, None]),
                "more": st.sampled_from([1, "x", [1], {"y": None}]),
            },
        ).map(json.dumps),
        st.sampled_from(
            ["{", "[1]", "", " ", '{"a":"x"} {"a":"y"}', '{"a":NaN}', '{"n":1,"n":2}', '{"a":\t1}']
        ),
        st.sampled_from(
            ['{"a":"\tx"}', '{"n":1.50}', '{"n":1e2}', '{"a":{"x":1.0}}', '{"é":1}', '{"a":"x",}']
        ),
    ),
    max_size=6,
).map("\n".join)


@settings(max_examples=250)
@given(text=LINES, end=st.sampled_from(["", "\n"]))
def test_both_ways_of_reading_lines_agree(text: str, end: str) -> None:
    """Where Arrow's way is taken it says what the other one says."""
    data = (text + end).encode()
    fast = _by_arrow(data, ("a", "n", "b"), 1 << 20) if data else None
    slow = _by_line(data, ("a", "n", "b"), (), 1 << 20)
    if fast is not None:
        assert (fast.rows, set(fast.keys)) == (slow.rows, set(slow.keys))
        values = {key: array.to_pylist() for key, array in fast.values.items()}
        lines = {key: array.to_pylist() for key, array in slow.values.items()}
        assert {**dict.fromkeys(lines, [""] * slow.rows), **values} == lines
        assert slow.malformed.count == 0


def test_both_ways_tell_the_keys_of_the_first_lines_in_their_order() -> None:
    """Also of those that nobody asked for."""
    data = b'{"a":1}\n{"new":2,"n":3}\n'
    fast, slow = _by_arrow(data, ("a", "n"), 1 << 20), _by_line(data, ("a", "n"), (), 1 << 20)
    assert fast is not None
    assert list(fast.keys) == list(slow.keys) == ["a", "new", "n"]


def test_usual_lines_take_the_fast_way() -> None:
    """Strings, whole numbers, fractions and booleans."""
    lines = [{"a": "x", "n": 1, "f": 2.5, "b": True, "c": None}, {"a": None, "n": 3, "f": 1, "b": None}]
    block = _by_arrow(
        "".join(json.dumps(line) + "\n" for line in lines).encode(), ("a", "n", "f", "b", "c", "d"), 1 << 20
    )
    assert block is not None
    assert {key: array.to_pylist() for key, array in block.values.items()} == {
        "a": ["x", ""],
        "n": ["1", "3"],
        "f": ["2.5", "1"],
        "b": ["true", ""],
        "c": ["", ""],
    }
    assert list(block.keys) == ["a", "n", "f", "b", "c"]


def test_lines_that_are_no_objects_are_malformed_rows(tmp_path: Path) -> None:
    """With their places, and with those that speak of an order; the rows beside them count."""
    row = {"client_id": "a", "timestamp": "2025-03-30T01:00:00Z", "event_name": "page_viewed"}
    good = json.dumps(row)
    path = tmp_path / "x.ndjson"
    lines = [good, "", '{"event_name": "checkout_completed"', good, "[1]", good, '{"client']
    path.write_text("\n".join(lines))
    found = read(path)
    assert (found.rows, found.malformed_rows, found.malformed_lines) == (6, 3, (3, 5, 7))
    assert found.truncated
    assert found.packs["web-orders"].malformed_orders == 1  # type: ignore[attr-defined]
    path.write_text(f"{good}\n[1]\n  ")
    assert not read(path).truncated
    path.write_text("\n".join(lines[:6]) + "\n")
    assert not read(path).truncated
    shown = [(record.line, record.row is not None) for record in read_records(find(path).files[0], RAW)]
    assert shown == [(1, True), (2, False), (3, True), (4, False), (5, True)]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("more", range(5))
def test_a_line_that_is_too_long_is_malformed_whatever_is_read_at_once(
    tmp_path: Path, start: bytes, more: int
) -> None:
    """Even if it is an object; what is odd in it is not counted, as only its beginning is kept."""
    line = b'{"client_id": "a", "timestamp": "2025-03-30T01:00:00Z"%b}\n'
    longest = len(line % b"") - 1
    odd = line % (b', "a": "' + b"\r\xff" * 30 + b'"')
    path = tmp_path / "x.ndjson"
    path.write_bytes(start + line % (b" " * more) + odd)
    for size in (1, 7, 60, 1 << 20):
        found = read(path, sizes=Sizes(block=size, record=longest))
        assert (found.malformed_rows, found.invalid_utf8_lines) == (1 + (more > 0), 0), size


def test_bytes_that_are_no_text_are_counted(tmp_path: Path) -> None:
    """In lines of JSON, and in the rows of Parquet."""
    line = b'{"client_id": "h\xff", "timestamp": "2025-03-30T01:00:00Z", "event_name": "a"}\n'
    (tmp_path / "x.ndjson").write_bytes(line + line.replace(b"\xff", b"") + line.replace(b"\xff", b"\\u0000"))
    found = read(tmp_path / "x.ndjson")
    assert (found.rows, found.invalid_utf8_lines) == (3, 2)
    assert found.odd_bytes == {"0xa0 to 0xff": 1, "NUL": 1}
    values = pa.array([b"h\xff", b"h", b"h\0"], pa.binary()).view(pa.binary())
    odd = pa.StringArray.from_buffers(3, values.buffers()[1], values.buffers()[2])
    times = pa.array(["2025-03-30T01:00:00Z"] * 3)
    pq.write_table(pa.table({"client_id": odd, "timestamp": times}), tmp_path / "x.parquet")
    found = read(tmp_path / "x.parquet")
    assert (found.rows, found.invalid_utf8_lines) == (3, 2)


def test_times_that_are_times_need_no_format(tmp_path: Path) -> None:
    """The contract's is that of the text in other files."""
    table = typed_table()
    columns = tuple(
        dataclasses.replace(column, format="%d.%m.%Y %H:%M") if column.name == "at" else column
        for column in table.columns
    )
    moment = datetime(2025, 3, 30, 12, tzinfo=UTC)
    pq.write_table(pa.table({"id": [1], "at": [moment]}), tmp_path / "o.parquet")
    found = read(tmp_path / "o.parquet", dataclasses.replace(table, columns=columns))
    assert (found.unparseable_timestamps, found.out_of_day_rows, found.rows) == (0, 0, 1)


def test_aliases_and_nested_values_are_read(tmp_path: Path) -> None:
    """Orders stored as objects, not as text."""
    order = {"transaction_id": "a", "revenue": 12.5, "items": [{"item_id": "x", "item_price": 12.5}]}
    row = {"clientId": "c", "timestamp": "2025-03-30T01:00:00Z", "event_name": "checkout_completed"}
    (tmp_path / "x.ndjson").write_text(json.dumps({**row, "event_data": order}) + "\n")
    pq.write_table(pa.Table.from_pylist([{**row, "event_data": order}]), tmp_path / "x.parquet")
    for name in ("x.ndjson", "x.parquet"):
        found = read(tmp_path / name)
        assert found.columns == ("client_id", "timestamp", "event_name", "event_data")
        assert found.packs["web-orders"].revenue == 12.5  # type: ignore[attr-defined]
        assert found.missing["client_id"] == 0
        with open_rows(find(tmp_path / name)) as rows:
            text = Path(f"/proc/self/fd/{rows.file.descriptor}").read_text()
        assert '""revenue"":12.5' in text


def test_odd_names_of_columns_are_read(tmp_path: Path) -> None:
    """One with a dot, a duplicate, one with blanks around it, and a nested one with the same name."""
    times = ["2025-03-30T01:00:00Z"] * 2
    nested = pa.array([{"b": 1}, {"b": None}])
    arrays = [pa.array(["x", None]), nested, pa.array(["c", None]), pa.array([None, None]), pa.array(times)]
    names = ["a.b", "a", "client_id", "client_id", " timestamp "]
    pq.write_table(pa.Table.from_arrays(arrays, names), tmp_path / "x.parquet")
    table = dataclasses.replace(RAW, columns=(*RAW.columns, Column("a.b", "text"), Column("a", "text")))
    found = read(tmp_path / "x.parquet", table)
    assert found.columns == ("a.b", "a", "client_id", "client_id", "timestamp")
    assert (found.missing["client_id"], found.missing["timestamp"], found.out_of_day_rows) == (1, 0, 0)
    missing = {name: found.figures[name].numbers["missing_rows"] for name in ("a.b", "a")}
    assert missing == {"a.b": 1, "a": 0}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Nothing of it is made up."""
    path = tmp_path / "x.parquet"
    rows = [["c", "/p", "", "2025-03-30T01:00:00Z", "page_viewed", "", "agent"]] * 400
    parquet(path, rows, group=100)
    whole = path.read_bytes()
    middle = len(whole) // 3
    for data, words in (
        (whole[:-1], f"Parquet file is cut off after {len(whole) - 1:,} bytes"),
        (b"text", "not a Parquet file, although its name says so"),
        (whole[:-4] + b"PARE", "Parquet file is encrypted and cannot be read"),
        (whole[:middle] + b"\xff" * 40 + whole[middle + 40 :], "Parquet file of "),
    ):
        path.write_bytes(data)
        assert reason(lambda: read(path)).startswith(words)
    parquet(path, rows, [f"other_{name}" for name in NAMES])
    with pytest.raises(NotCsvError, match="none of its 7 columns is an expected one"):
        read(path)
    path.write_bytes(whole)
    with pytest.raises(NotCsvError, match="expands to more than 1,000 bytes"):
        read(path, expansion=Expansion(largest=1000))
    lines = tmp_path / "x.ndjson"
    for data, words in (
        (b'[{"a": 1}]', "one JSON array"),
        (b"PAR1", "a Parquet file"),
        (b"a,b\n", "no JSON"),
        (b'{\n "a": 1\n}\n{\n "a": {\n  "b": 2}\n}', "its objects are spread over several lines"),
        (b'\xef\xbb\xbf{"a": 1}{"a": 2}\n{"a": 3} {"a"', "its lines hold more than one object"),
        (b'{"a": 1},\n{"a": 2},\n{"a": 3}\n', "its lines end with a comma"),
    ):
        lines.write_bytes(data)
        with pytest.raises(NotCsvError, match=words):
            read(lines)


@pytest.mark.parametrize(
    ("data", "malformed"),
    [
        (b'{"client_id": "a"}{"client_id": "b"}\n{"client_id": "c"}\n', 1),  # a line end was lost
        (b'{"client_id": "a"}{"client_id": "b"}\n{"client_id\n{"client_id": "c"}\n', 2),
        (b'{"client_id\n{"client_id": "c"}\n', 1),
        (b'{"client_id": "a"\n', 1),
        (b'{"client_id": "' + b"x" * 9000 + b'"}\n{"client_id": "b"} {}\n', 1),
    ],
)
def test_a_few_odd_lines_are_malformed_rows(tmp_path: Path, data: bytes, malformed: int) -> None:
    """The file is read as long as some line is an object, or the only one is cut off."""
    path = tmp_path / "x.ndjson"
    path.write_bytes(data)
    assert read(path).malformed_rows == malformed


def test_encrypted_columns_are_named(tmp_path: Path) -> None:
    """Also where the footer is there to be read."""
    path = tmp_path / "x.parquet"
    from pyarrow.parquet import encryption as pe  # noqa: PLC0415  not in every build

    class Kms(pe.KmsClient):  # type: ignore[misc]
        def wrap_key(self, key_bytes: bytes, _: str) -> bytes:
            return key_bytes

        def unwrap_key(self, wrapped_key: bytes, _: str) -> bytes:
            return wrapped_key

    factory = pe.CryptoFactory(lambda _: Kms())
    for plaintext in (True, False):
        wanted = pe.EncryptionConfiguration(
            footer_key="f", column_keys={"c": ["client_id"]}, plaintext_footer=plaintext
        )
        properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), wanted)
        table = pa.table({"client_id": ["a"], "timestamp": ["2025-03-30T01:00:00Z"]})
        with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
            writer.write_table(table)
        assert reason(lambda: read(path)) == "Parquet file is encrypted and cannot be read"


def test_a_name_without_an_ending_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    """And the contract's word wins over a name's."""
    row = ["c", "/p", "", "2025-03-30T01:00:00Z", "page_viewed", "", "agent"]
    parquet(tmp_path / "one", [row])
    (tmp_path / "two").write_bytes(ndjson([row]))
    (tmp_path / "three").write_bytes(written([row]))
    assert [read(tmp_path / name).rows for name in ("one", "two", "three")] == [1, 1, 1]
    (tmp_path / "two").rename(tmp_path / "two.txt")
    assert read(tmp_path / "two.txt", dataclasses.replace(RAW, form=Form("ndjson"))).rows == 1


def test_long_numbers_and_odd_letters_are_not_lost() -> None:
    """Whole numbers of any length stay whole."""
    assert load(b'{"n": 123456789012345678901234}') == {"n": 123456789012345678901234}
    assert load(b'{"a": "\\ud800"}') == {"a": "\ud800"}
    assert load(b"[1]") is None
    assert load(b"[" * 100_000) is None
    assert Decimal(str(load(b'{"n": 1.10}')["n"])) == Decimal("1.1")  # type: ignore[index]


MEMORY = """
import sys, resource, pathlib
from datetime import date
sys.path[:0] = [{tests!r}]
from exporter.contract.load import shipped_feed
from exporter.discover.calendar import Calendar
from exporter.discover.found import take_stamp
from exporter.model import SourceFile, Stage
from exporter.profiling.run import profile_file
path = pathlib.Path(sys.argv[1])
source = SourceFile(date(2031, 5, 17), Stage.RAW, path, take_stamp(path.stat()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
profile_file(source, Calendar().day(source.partition), table=shipped_feed().raw, threads=2)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str) -> None:
    """Four times as many rows take no more, give or take what the allocator keeps."""
    peaks = []
    row = ["client", "/p" * 50, "", "2031-05-17T01:00:00Z", "page_viewed", "", "agent" * 20]
    for factor in (1, 4):
        path = tmp_path / f"x.{form}"
        rows = [row] * (60_000 * factor)
        if form == "parquet":
            parquet(path, rows, group=1_000_000)
        else:
            path.write_bytes(ndjson(rows))
        command = [sys.executable, "-c", MEMORY.format(tests=str(Path(__file__).parent)), str(path)]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        peaks.append(int(said.stdout))
    assert peaks[1] < peaks[0] + 60, peaks
