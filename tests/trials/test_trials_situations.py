"""The tables of situations: every test they name exists, and only what holds is reported as such."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from golden import ROOT

LISTED = yaml.safe_load((ROOT / "trials" / "situations.yaml").read_text())
SITUATIONS = [one for table in LISTED for one in table["situations"]]
PROGRAMS = ("crowd", "scrapes", "situations", "storm")
DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest, situations
seen = situations.Seen()
pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={sys.argv[2]}", sys.argv[2]], plugins=[seen])
ids = {"holds": "test_it.py::test_fine", "fails": "test_it.py::test_bad", "skips": "test_it.py::test_none"}
for name, test in ids.items():
    tests = tuple(dict.fromkeys(["test_it.py::test_fine", test]))
    print("row", seen.row(situations.Situation(name, "must", tests)), end="")
print("row", seen.row(situations.Situation("absent", "must", ("test_it.py::test_absent",))), end="")
"""
TESTS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_fine(number, request):
    request.node.user_properties.append(("measured", f"{number} s"))

@pytest.mark.parametrize("number", [1, 2])
def test_bad(number):
    assert number == 1

def test_none():
    pytest.skip("no server")
"""


def functions(path: Path) -> Iterator[str]:
    """Yield the names of a module's tests."""
    yield from (node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("listed", SITUATIONS, ids=lambda one: str(one["situation"]))
def test_every_situation_has_tests_that_exist(listed: dict[str, list[str]]) -> None:
    """Both the file and the function exist under this name."""
    assert listed["tests"]
    for test in listed["tests"]:
        path, _, name = test.partition("::")
        assert name in functions(ROOT / path), test


def test_the_tables_have_every_situation() -> None:
    """In the listed order; `make situations` writes them."""
    page = (ROOT / "docs" / "reliability.md").read_text().partition("## Situations")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith("| ")]
    told = [[f"| {one['situation']}", one["must"]] for one in SITUATIONS]
    assert [row for row in rows if row[0] != "| situation"] == told


def test_a_situation_holds_only_if_each_of_its_tests_ran_and_passed(tmp_path: Path) -> None:
    """The row has the measurements; a test that failed, was skipped or did not run is named."""
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-c", DRIVER, str(ROOT / "trials"), str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split(" | ")[1:4] for line in said.splitlines() if line.startswith("row")]
    assert rows == [
        ["holds", "must", "holds; 1 s; 2 s"],
        ["fails", "must", "**failed**"],
        ["skips", "must", "**skipped**"],
        ["absent", "must", "**not run**"],
    ]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_finds_what_it_imports(program: str) -> None:
    """Its usage is printed once all imports work."""
    command = [sys.executable, str(ROOT / "trials" / f"{program}.py"), "--help"]
    assert "usage:" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
