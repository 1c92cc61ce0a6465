"""Whatever a folder contains, the result is a contract that can be loaded or a readable error."""

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sniff_files import days, write

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.errors import UserError
from exporter.sniff.names import group_files
from exporter.sniff.sniff import sniff
from exporter.sniff.walk import Found

CELLS = st.one_of(
    st.text(max_size=12),
    st.text('",;|\t\n\r\0 \\', max_size=6),
    st.from_regex(r"[+-]?[0-9]{0,4}[.,]?[0-9]{0,3}", fullmatch=True),
    st.sampled_from(
        ["", "NULL", "true", "0", "007", "1e400", "nan", "https://a.example/?b=1", "a@b.cd", "-"]
    ),
    st.datetimes().map(lambda when: when.isoformat(" ")),
    st.dates().map(lambda day: f"{day:%d.%m.%Y}"),
)
NAMES = st.one_of(
    st.text(max_size=10), st.sampled_from(["id", "price", "client_id", "ts", "a(b)", "#", "null", "1"])
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=40)


def written(header: list[str], rows: list[list[str]], delimiter: str, *, quoted: bool) -> bytes:
    """Return a table as a file, quoted or not."""

    def cell(text: str) -> str:
        escaped = text.replace('"', '""')
        return f'"{escaped}"' if quoted else text

    lines = [delimiter.join(map(cell, row)) for row in [header, *rows]]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


@settings(max_examples=50)
@given(
    header=st.lists(NAMES, min_size=1, max_size=5),
    tables=st.lists(ROWS, min_size=1, max_size=3),
    delimiter=st.sampled_from([",", ";", "\t", "|", "\x01"]),
    quoted=st.booleans(),
)
def test_any_table_becomes_a_contract_or_an_error(
    header: list[str], tables: list[list[list[str]]], delimiter: str, *, quoted: bool
) -> None:
    """The loaded contract equals the proposed one."""
    with tempfile.TemporaryDirectory() as name:
        files = {
            f"x_{day}.csv": written(header, rows, delimiter, quoted=quoted)
            for day, rows in zip(days(len(tables)), tables, strict=True)
        }
        told(write(Path(name), files))


@settings(max_examples=50)
@given(contents=st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_any_bytes_become_a_contract_or_an_error(contents: list[bytes]) -> None:
    """Images, archives and corrupted files."""
    with tempfile.TemporaryDirectory() as name:
        files = {f"x_{day}.csv": content for day, content in zip(days(len(contents)), contents, strict=True)}
        told(write(Path(name), files))


def told(folder: Path) -> None:
    """Propose a contract and load it; an error must be one printable line."""
    said = ""
    try:
        proposal = sniff([folder])
    except UserError as error:
        said = str(error)
    if said:
        assert said.isprintable()
        return
    loaded = parse_feed(contract_text(proposal.feed, proposal.notes), "x.yaml")
    assert loaded.feed == proposal.feed


PIECES = st.sampled_from(
    [
        "2025",
        "25",
        "03",
        "13",
        "0309",
        "20250309",
        "2025-03-09",
        "Mar",
        "march",
        "/",
        "-",
        "_",
        ".",
        "x",
        "{",
        "%",
        ".csv",
        "9",
        "068",
    ]
)


@settings(max_examples=100)
@given(names=st.lists(st.lists(PIECES, min_size=1, max_size=8).map("".join), max_size=12, unique=True))
def test_any_names_are_grouped_by_templates_that_read_them(names: list[str]) -> None:
    """Each file is in at most one group, under the day that the group's template parses."""
    found = [Found(Path(name), name, 1, 0) for name in names]
    grouped = group_files(found)
    seen: set[str] = set()
    for group in grouped.groups:
        for day, one in group.files.items():
            assert isinstance(day, date)
            assert group.template.date_of(one.relative) == day
            assert one.relative not in seen
            seen.add(one.relative)
