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
    """It exits with 0; links that are as shipped are one warning."""
    named: list[str | Path] = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(contract(name, f"/data/{name}"))
        named += ["--feed.file", tmp_path / f"{name}.yaml"]
    told = call("check-config", *named)
    assert (told.returncode, told.stdout.count(": ok, ")) == (0, 2)
    assert "links.exporter" in told.stderr
    (tmp_path / "puffy.yml").write_text(
        "links: {exporter: 'https://e.example', grafana: 'https://g.example', alertmanager: 'https://a.example'}"
    )
    told = call("check-config", *named, "--config.file", tmp_path / "puffy.yml")
    assert (told.returncode, told.stdout.count(": ok, "), told.stderr) == (0, 2, "")


def test_a_configuration_of_many_is_checked_without_any_contract(tmp_path: Path) -> None:
    """Its mistakes are said once, however many contracts there are."""
    (tmp_path / "puffy.yml").write_text("calender: {}\n")
    (tmp_path / "feeds").mkdir()
    for name in ("a", "b", "c"):
        told = call(
            "check-config", "--feeds.dir", tmp_path / "feeds", "--config.file", tmp_path / "puffy.yml"
        )
        (tmp_path / "feeds" / f"{name}.yaml").write_text(contract(name, f"/data/{name}"))
        assert (told.returncode, told.stderr.count("calender: unknown key")) == (1, 1)


def test_one_contract_is_one_feed_however_its_path_is_spelled(tmp_path: Path) -> None:
    """Given twice, or given and in the folder."""
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "a.yaml"
    file.write_text(contract("a", tmp_path / "a"))
    write_rows(tmp_path / "a", DAYS[-1], 5)
    for options in (
        ("--feed.file", "folder/a.yaml", "--feeds.dir", tmp_path / "folder"),
        ("--feed.file", "folder/a.yaml", "--feed.file", file),
        ("--feed.file", "folder/../folder/a.yaml", "--feeds.dir", "folder"),
    ):
        told = call("check-config", *options, folder=tmp_path)
        assert (told.returncode, told.stdout.count(": ok, ")) == (0, 1)
        assert call("run", *options, folder=tmp_path).returncode == 0


def test_a_run_over_no_contract_is_an_error(tmp_path: Path) -> None:
    """Nothing was judged; silence would look healthy."""
    told = call("run", "--feeds.dir", tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    assert (
        told.stderr
        == f"puffy-exporter: error: --feeds.dir: {tmp_path}: contains no contract (*.yaml, *.yml)\n"
    )


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
