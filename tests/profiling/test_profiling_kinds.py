"""Column types are found where they lie, and say all that they give."""

import subprocess
import sys
from pathlib import Path

import pytest
from typed import chunked, figures, reading, tally_absent

from exporter.feed import Column
from exporter.profiling.kinds import FIGURES, TYPES

TEXTS = ["1", "2025-03-30", "2025-03-30T12:00:00Z", "true", "https://example.com", "", "\u00e9"]


def test_the_types_are_those_of_a_contract() -> None:
    """A module more is a type more."""
    assert {*TYPES} == {"text", "category", "number", "integer", "boolean", "timestamp", "date", "url"}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_gives_the_figures_that_it_declares(name: str) -> None:
    """All of them where it reads some values, and no other ones."""
    declared = [figure.name for figure in TYPES[name].figures]
    assert len({*declared}) == len(declared)
    assert {*figures(TEXTS, Column("any", name)).numbers} == {*declared}
    assert {*tally_absent(2, Column("any", name)).seal().numbers} <= {*declared}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_a_test(name: str) -> None:
    """Next to this one."""
    assert (Path(__file__).parent / f"test_profiling_types_{name}.py").is_file()


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("chunks", [[], [[]], [[], ["", " "], []]])
def test_a_part_without_values_is_no_trouble(name: str, chunks: list[list[str]]) -> None:
    """Nor is one without rows."""
    state = TYPES[name].tally(chunked(chunks), reading(Column("any", name)))
    rows = sum(map(len, chunks))
    assert state.seal() == tally_absent(rows, Column("any", name)).seal()


def test_a_figure_of_several_types_means_one_thing() -> None:
    """So that a metric has one help text."""
    for kind in TYPES.values():
        for figure in kind.figures:
            assert FIGURES[figure.name] == figure


def test_no_type_imports_pandas() -> None:
    """It would cost more than reading a file."""
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "import pyarrow as pa; from datetime import date\n"
        "from exporter.feed import Column, Limits; from exporter.model import Day\n"
        "from exporter.profiling.kinds import TYPES, Reading\n"
        "from exporter.profiling.missing import NO_VALUE\n"
        "from exporter.profiling.strings import text_array\n"
        f"values = pa.chunked_array([text_array({TEXTS!r} * 900)], pa.string())\n"
        "limits = Limits(values=('1',), pattern='[0-9]', shortest=1)\n"
        "for name, kind in TYPES.items():\n"
        "    reading = Reading(Column('any', name, limits=limits), Day(date(2025, 3, 30), 0, 1), NO_VALUE)\n"
        "    kind.tally(values, reading).seal()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
