"""The threat model: every test that it names exists where it says, and every threat names one."""

import ast
import re
from pathlib import Path

import pytest
from golden import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
THREATS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.partition("## Threats")[2].partition("## Dependencies")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("|---", "| threat |"))
]
ROLES = set(re.findall(r"^\| \*\*([a-z ]+)\*\*", PAGE, re.MULTILINE))


def defined_in(path: Path) -> set[str]:
    """Return the names of a module's tests."""
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat[0])
def test_every_threat_is_held_off_by_a_test_that_exists(threat: list[str]) -> None:
    """In the module that its link leads to."""
    assert len(threat) == 4
    places = re.split(r"; (?=\[)", threat[3])
    for place in places:
        found = re.match(r"\[[^]]+\]\((tests/[\w/.]+\.py)\): ", place)
        assert found, place
        named = set(re.findall(r"`(test_\w+)`", place))
        assert named, place
        assert named <= defined_in(ROOT / found[1]), named - defined_in(ROOT / found[1])


def test_every_role_has_its_threats() -> None:
    """The five roles' permissions are described, and each of them is in a threat."""
    assert {
        "scraper",
        "reader",
        "acknowledging person",
        "writer of files",
        "writer of contracts",
    } == ROLES
    by = " ".join(threat[1] for threat in THREATS)
    for role in ROLES:
        assert role in by, role


def test_the_sql_of_contracts_is_among_the_threats() -> None:
    """It is the one thing here that runs what somebody else wrote."""
    assert any(
        "SQL" in threat[0] and "test_no_statement_reaches_beyond_the_file" in threat[3] for threat in THREATS
    )
