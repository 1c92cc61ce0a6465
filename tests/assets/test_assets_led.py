"""The shipped files are those of the checkout, with the links of the configuration."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from golden import ROOT
from running import call
from servers import GENERATIONS, find_generation

from exporter.assets.found import find_assets
from exporter.assets.led import read_assets
from exporter.links import Links

OWN = Links(None, "https://g.example", "https://e.example/puffy", "https://a.example")
CONFIG = "links: {grafana: 'https://g.example', exporter: 'https://e.example/puffy', alertmanager: 'https://a.example'}\n"


def test_every_file_that_a_server_needs_is_shipped_and_no_secret() -> None:
    """Rules, configuration, templates, dashboards and provisioning; nothing of the demo."""
    found = find_assets()
    wanted = {
        *(ROOT / "prometheus").rglob("*.yml"),
        *(ROOT / "grafana" / "dashboards").iterdir(),
        *(ROOT / "grafana" / "provisioning").rglob("*.yml"),
        ROOT / "alertmanager" / "alertmanager.yml",
        ROOT / "alertmanager" / "check-secrets.sh",
        ROOT / "alertmanager" / "templates" / "puffy.tmpl",
    }
    assert set(found.values()) == wanted
    assert {name: ROOT / name for name in found} == found


def test_by_default_each_is_what_the_checkout_holds() -> None:
    """They are equal to the byte."""
    files = find_assets()
    assert read_assets(files, {}, Links()) == {name: path.read_bytes() for name, path in files.items()}


def test_dashboards_are_those_that_their_source_writes_for_these_links(tmp_path: Path) -> None:
    """Without a checkout nobody can run the program that generates them."""
    command = [sys.executable, ROOT / "grafana" / "source", "--folder", tmp_path]
    options = ["--exporter", OWN.exporter, "--alertmanager", OWN.alertmanager, "--runbooks", OWN.checks]
    subprocess.run([*command, *options], check=True)
    written = read_assets(find_assets(), {}, OWN)
    for path in tmp_path.glob("*.json"):
        assert json.loads(written[f"grafana/dashboards/{path.name}"]) == json.loads(path.read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide what the verb writes for a configuration with links."""
    place = tmp_path_factory.mktemp("assets")
    (place / "puffy.yml").write_text(CONFIG)
    done = call("assets", place / "assets", "--config.file", place / "puffy.yml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"{len(find_assets())} files written, 0 unchanged\n")
    assert f"{place / 'assets' / 'prometheus' / 'rules' / 'meta.yml'}: written\n" in done.stdout
    return place / "assets"


def test_no_link_leads_to_this_machine(folder: Path) -> None:
    """Rules, Grafana's own alerts and dashboards link to the configured addresses."""
    for path in folder.rglob("*"):
        if path.is_file():
            assert not re.search(r"http://localhost", path.read_text()), path
    assert "https://e.example/puffy/runbooks/meta#" in (folder / "prometheus/rules/meta.yml").read_text()
    assert (
        "https://e.example/puffy/runbooks/grafana#"
        in (folder / "grafana/provisioning/alerting/rules.yml").read_text()
    )


@pytest.mark.server
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_servers_own_tools_accept_what_was_written(folder: Path, generation: str) -> None:
    """Tools of both generations accept it."""
    programs = find_generation(generation)
    rules = sorted(map(str, (folder / "prometheus" / "rules").iterdir()))
    for command in (
        [programs.program("promtool"), "check", "rules", *rules],
        [programs.program("promtool"), "check", "config", str(folder / "prometheus" / "prometheus.yml")],
        [programs.program("amtool"), "check-config", str(folder / "alertmanager" / "alertmanager.yml")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_verb_refuses_in_lines_and_says_what_it_keeps(folder: Path) -> None:
    """A changed file is kept; if the shipped one changes too, each is named."""
    own = folder / "alertmanager" / "alertmanager.yml"
    own.write_text(own.read_text().replace("smtp.example.com", "smtp.own.example"))
    done = call("assets", folder, "--config.file", folder.parent / "puffy.yml")
    assert done.returncode == 0
    assert f"{own}: kept, because it was changed\n" in done.stdout
    meta = folder / "prometheus" / "rules" / "meta.yml"
    meta.write_text("groups: []\n")
    done = call("assets", folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0].startswith(f"puffy-exporter: error: {meta}: changed both here")
    assert meta.read_text() == "groups: []\n"
