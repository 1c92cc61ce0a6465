"""The list of surviving mutants and the arithmetic of a run; the run itself is `make mutants`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "trials" / "mutants"))

import survivors

ROOT = Path(__file__).parents[2]

SAME = survivors.Kind.EQUIVALENT
HARMLESS = survivors.Kind.HARMLESS


def entry(file: str, was: str, kind: survivors.Kind = SAME) -> survivors.Survivor:
    """Return a listed one-line mutant."""
    return survivors.Survivor(file, was, "pass", kind, "no input reaches it")


def test_every_listed_mutant_still_exists_is_unique_and_has_a_reason() -> None:
    """The list shrinks with the source that it covers."""
    listed = survivors.listed()
    assert survivors.stale(listed, ROOT) == []
    assert len({one.key for one in listed}) == len(listed)
    assert all(len(one.reason.split()) > 2 and one.was != one.becomes for one in listed)


def test_an_entry_whose_source_has_changed_is_stale(tmp_path: Path) -> None:
    """Lines match as a whole and without indentation; a deleted file has none."""
    (tmp_path / "a.py").write_text("def f():\n    if x:\n        return 1\n    return 10\n")
    found = survivors.stale(
        [
            entry("a.py", "if x:\nreturn 1"),
            entry("a.py", "return 10"),
            entry("a.py", "return"),
            entry("a.py", "return 2"),
            entry("b.py", "return 1"),
        ],
        tmp_path,
    )
    assert found == [
        "a.py: no longer there: return",
        "a.py: no longer there: return 2",
        "b.py: no longer there: return 1",
    ]


def test_a_list_with_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """A survivor is either equivalent or harmless."""
    (tmp_path / "list.toml").write_text(
        '[[survivor]]\nfile = "a.py"\nwas = "a"\nbecomes = "b"\nkind = "left"\nreason = "because"\n'
    )
    with pytest.raises(ValueError, match="left"):
        survivors.listed(tmp_path / "list.toml")


def test_a_sample_depends_only_on_seed_and_folder() -> None:
    """It is reproducible, has no duplicates, and is never larger than what there is."""
    assert survivors.draw("gate", 900, 60, 1) == survivors.draw("gate", 900, 60, 1)
    assert len(set(survivors.draw("gate", 900, 60, 1))) == 60
    assert survivors.draw("gate", 900, 60, 1) != survivors.draw("gate", 900, 60, 2)
    assert survivors.draw("gate", 900, 60, 1) != survivors.draw("checks", 900, 60, 1)
    assert survivors.draw("gate", 3, 60, 1) == survivors.draw("gate", 3, None, 1) == [0, 1, 2]


def test_equivalent_mutants_are_not_among_those_that_can_be_killed() -> None:
    """Harmless ones are: they count as survivors."""
    listed = [entry("a.py", "x"), entry("a.py", "y", HARMLESS)]
    alive = [("a.py", "x", "pass"), ("a.py", "y", "pass"), ("a.py", "z", "pass")]
    row = survivors.count("exporter/gate", 1900, 10, alive, listed)
    assert (row.killed, row.equivalent, row.left) == (7, 1, 2)
    assert row.share == pytest.approx(7 / 9)
    assert survivors.table([row]).splitlines()[-1] == "| `exporter/gate` | 1,900 | 10 | 7 | 1 | 2 | 77.8% |"
    assert survivors.count("exporter/gate", 5, 1, [("a.py", "x", "pass")], listed).share == 1


def test_a_constant_in_a_table_runs_with_its_statement(tmp_path: Path) -> None:
    """The compiler folds a tuple of constants: no line of it runs by itself, yet tests may notice."""
    mutations, covering = pytest.importorskip("mutations"), pytest.importorskip("covering")
    file = tmp_path / "a.py"
    file.write_text("TABLE = dict(\n    a=1,\n    b=(\n        'x',\n        'y',\n    ),\n)\n")
    source = mutations.Source(tmp_path, file)
    (folded,) = (one for at in range(len(source.places)) if "y" in (one := source.mutant(at)).was)
    run = {line: frozenset([covering.AT_IMPORT]) for line in (1, 2, 3)}
    covered = covering.Covered({"a.py": run}, {"test": 0.1}, frozenset(["test"]), ())
    assert covered.order(folded) == ("test",)
    assert covering.Covered({}, {"test": 0.1}, frozenset(["test"]), ()).order(folded) == ()
