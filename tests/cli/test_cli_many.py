"""Verbs over several contracts at once."""

from pathlib import Path

from many import DAYS, contract, write_rows
from running import call


def test_all_contracts_are_checked_and_all_that_is_wrong_is_said(tmp_path: Path) -> None:
    """It exits with 1 if any is invalid; two with one id are both named."""
    for name, text in {
        "a": contract("a", "/data/a"),
        "b": contract("b", "/data/b").replace("schema:", "shema:"),
        "c": contract("a", "/data/c"),
    }.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    told = call("check-config", "--feeds.dir", tmp_path)
    assert told.returncode == 1
    assert f"{tmp_path / 'a.yaml'}: ok, " in told.stdout
    assert "3 contracts, 2 refused" in told.stdout
    assert f"{tmp_path / 'b.yaml'}:9: shema" in told.stderr
    assert f"{tmp_path / 'c.yaml'}: the id a is also used by {tmp_path / 'a.yaml'}" in told.stderr


def test_several_good_contracts_are_fine(tmp_path: Path) -> None:
    """It exits with 0."""
    named: list[str | Path] = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(contract(name, f"/data/{name}"))
        named += ["--feed.file", tmp_path / f"{name}.yaml"]
    told = call("check-config", *named)
    assert (told.returncode, told.stdout.count(": ok, "), told.stderr) == (0, 2, "")


def test_run_makes_a_pass_over_each_and_writes_each(tmp_path: Path) -> None:
    """One that fails does not affect the others, and creates no folder."""
    for name, rows in (("a", 5), ("b", 7)):
        for day in DAYS:
            write_rows(tmp_path / name, day, rows)
    (tmp_path / "contracts").mkdir()
    for name in ("a", "b", "gone"):
        (tmp_path / "contracts" / f"{name}.yaml").write_text(contract(name, tmp_path / name))
    told = call("run", "--feeds.dir", tmp_path / "contracts")
    assert told.returncode == 1
    assert f"{tmp_path / 'gone'}: does not exist" in told.stderr
    for name in ("a", "b"):
        assert f"{tmp_path / 'contracts' / name}.yaml:\n" in told.stdout
        assert (tmp_path / name / "monitoring" / name / "monitoring_report.json").is_file()
    assert not (tmp_path / "gone").exists()
