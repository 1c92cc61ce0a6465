"""Rules, dashboards and Alertmanager's configuration of the chart: those that ship, led where links say."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart import CHART, DATA, LINKS, documents, of_kind, render
from golden import ROOT
from running import call
from servers import Generation

RULES = ROOT / "prometheus" / "rules"
DASHBOARDS = ROOT / "grafana" / "dashboards"
ALERTMANAGER = ROOT / "alertmanager" / "alertmanager.yml"
MADE = CHART / "files" / "alertmanagerconfig.yml"
NAMES = ("checks", "incidents", "meta", "trends")
ADDRESSES = {
    "secretName": "acme-alerts",
    "smarthost": "mail.acme.test:25",
    "from": "alerts@acme.test",
    "heartbeatUrl": "https://beat.acme.test/a",
    "mail": {"analytics": "web-analytics@acme.test", "dataEngineering": "de@acme.test"},
    # Each as the example of the other: what was put in must not be replaced once more.
    "slack": {"analytics": "#data-engineering", "dataEngineering": "#analytics-data-quality"},
}


def rules(folder: Path, **values: Any) -> dict[str, Any]:
    """Return the groups of the chart's rules by the name of their file."""
    objects = render({**DATA, "prometheusRule": {"enabled": True}, **values}, folder)
    return {
        each["metadata"]["name"].removeprefix("puffy-exporter-"): each["spec"]["groups"]
        for each in of_kind(objects, "PrometheusRule")
    }


def without_interval(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return groups as a rule file has them."""
    return [{key: value for key, value in group.items() if key != "interval"} for group in groups]


def read(path: Path) -> Any:
    """Return the one document of a file."""
    [document] = documents(path.read_text())
    return document


def test_the_rules_are_those_that_ship(tmp_path: Path) -> None:
    """Each file is an object; only how often they are evaluated is added."""
    found = rules(tmp_path)
    assert tuple(sorted(found)) == NAMES
    assert {path.stem for path in RULES.glob("*.yml")} == set(NAMES)
    for name, groups in found.items():
        assert {group["interval"] for group in groups} == {"15s"}
        assert without_interval(groups) == read(RULES / f"{name}.yml")["groups"]


@pytest.mark.parametrize("links", [LINKS, LINKS | {"runbooks": "https://wiki.acme.test/checks"}])
def test_links_lead_where_the_program_would_lead_them(links: Mapping[str, str], tmp_path: Path) -> None:
    """The chart's rules are those that `puffy-exporter rules` writes for the same configuration."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "meta.yml").write_text((RULES / "meta.yml").read_text())
    config = tmp_path / "puffy.yml"
    config.write_text(yaml.safe_dump({"links": links}))
    assert call("rules", "--config.file", config, "--rules.dir", folder).returncode == 0
    for name, groups in rules(tmp_path, config={"links": links}).items():
        assert without_interval(groups) == read(folder / f"{name}.yml")["groups"], name


@pytest.mark.server
def test_prometheus_takes_the_rules(generation: Generation, tmp_path: Path) -> None:
    """Of both generations, as the operator would write them."""
    for name, groups in rules(tmp_path, config={"links": LINKS}).items():
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump({"groups": groups}))
        command = [generation.program("promtool"), "check", "rules", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "SUCCESS: 0 rules found" not in done.stdout


def test_rules_of_one_s_own_take_the_place_of_those_that_ship(tmp_path: Path) -> None:
    """For a check that the configuration adds."""
    own = "groups:\n- name: own\n  rules:\n  - {record: a, expr: '1'}\n"
    found = rules(tmp_path, prometheusRule={"enabled": True, "files": {"checks": own}})
    assert without_interval(found["checks"]) == yaml.safe_load(own)["groups"]
    assert without_interval(found["meta"]) == read(RULES / "meta.yml")["groups"]


def dashboards(folder: Path, **values: Any) -> dict[str, str]:
    """Return the chart's dashboards by the name of their file."""
    objects = render({**DATA, "dashboards": {"enabled": True}, **values}, folder)
    found = [each for each in of_kind(objects, "ConfigMap") if "-dashboard-" in each["metadata"]["name"]]
    assert all(each["metadata"]["labels"]["grafana_dashboard"] == "1" for each in found)
    return {file: text for each in found for file, text in each["data"].items()}


def test_the_dashboards_are_those_that_ship(tmp_path: Path) -> None:
    """To the letter, one ConfigMap each, with the label that the sidecar looks for."""
    assert dashboards(tmp_path) == {path.name: path.read_text() for path in DASHBOARDS.glob("*.json")}


def test_the_dashboards_links_lead_where_the_source_would_lead_them(tmp_path: Path) -> None:
    """As their own program writes them for the same addresses."""
    boards = tmp_path / "boards"
    led = [f"--{name}={LINKS[name]}" for name in ("alertmanager", "exporter")]
    command = [sys.executable, ROOT / "grafana" / "source", "--folder", boards, *led]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    found = dashboards(tmp_path, config={"links": {key: LINKS[key] for key in ("alertmanager", "exporter")}})
    assert found == {path.name: path.read_text() for path in boards.glob("*.json")}
    assert "localhost" not in "".join(found.values())


def alertmanager(folder: Path, kind: str, **values: Any) -> list[dict[str, Any]]:
    """Return the objects for Alertmanager."""
    objects = render({**DATA, "alertmanager": {"kind": kind, **values}}, folder)
    return [each for each in objects if each["kind"] in ("Secret", "AlertmanagerConfig")]


@pytest.mark.server
def test_alertmanager_takes_the_secret(generation: Generation, tmp_path: Path) -> None:
    """Of both generations, with the template beside it, where the operator mounts it."""
    [secret] = alertmanager(tmp_path, "secret", **ADDRESSES)
    for name, text in secret["stringData"].items():
        (tmp_path / name).write_text(text.replace("/etc/alertmanager/config", str(tmp_path)))
    command = [generation.program("amtool"), "check-config", tmp_path / "alertmanager.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout


def test_the_secret_says_what_the_shipped_configuration_says(tmp_path: Path) -> None:
    """But for where files are mounted."""
    [secret] = alertmanager(tmp_path, "secret")
    text = secret["stringData"]["alertmanager.yaml"]
    text = text.replace("/etc/alertmanager/secrets/puffy-alertmanager/", "/run/secrets/")
    assert text.replace("/etc/alertmanager/config/", "templates/") == ALERTMANAGER.read_text()
    assert (
        secret["stringData"]["puffy.tmpl"] == (ALERTMANAGER.parent / "templates" / "puffy.tmpl").read_text()
    )


@pytest.mark.parametrize("kind", ["secret", "config"])
def test_no_example_is_left_where_every_address_is_given(kind: str, tmp_path: Path) -> None:
    """And each has come where its example was, once."""
    [found] = alertmanager(tmp_path, kind, **ADDRESSES)
    text = found["stringData"]["alertmanager.yaml"] if kind == "secret" else yaml.safe_dump(found["spec"])
    assert "example.com" not in text
    assert "acme-alerts" in text
    configs = yaml.safe_load(text)["receivers"]
    slack = {
        receiver["name"]: each["channel"]
        for receiver in configs
        for each in receiver.get("slack_configs", receiver.get("slackConfigs", []))
    }
    assert slack == {"analytics-slack": "#data-engineering", "data-engineering": "#analytics-data-quality"}
    assert "web-analytics@acme.test" in text


def test_the_custom_resource_is_up_to_date() -> None:
    """It is made from the shipped configuration, and a difference is noticed."""
    command = [sys.executable, ROOT / "deploy" / "alertmanagerconfig.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_custom_resource_says_what_the_shipped_configuration_says() -> None:
    """Routes, inhibitions and receivers, read back key by key."""
    shipped, made = yaml.safe_load(ALERTMANAGER.read_text()), yaml.safe_load(MADE.read_text())
    assert plain(made["route"]) == shipped["route"]
    assert plain(made["inhibitRules"]) == shipped["inhibit_rules"]
    common = shipped["global"]
    for receiver, wanted in zip(plain(made["receivers"]), shipped["receivers"], strict=True):
        for mail in receiver.get("email_configs", ()):
            assert mail.pop("smarthost") == common["smtp_smarthost"]
            assert mail.pop("from") == common["smtp_from"]
            assert mail.pop("require_tls") == common["smtp_require_tls"]
            assert mail.pop("auth_username") == common["smtp_auth_username"]
            assert mail.pop("auth_password_file") == common["smtp_auth_password_file"]
        for page in receiver.get("pagerduty_configs", ()):
            assert page.pop("url") == common["pagerduty_url"]
        assert receiver == wanted


def plain(value: Any) -> Any:
    """Return a part of the custom resource as Alertmanager's own configuration writes it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return dict(_entries(value)) if isinstance(value, dict) else value


def _entries(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    spelt = {"sourceMatch": "source_matchers", "targetMatch": "target_matchers", "apiURL": "api_url"}
    spelt |= {"clientURL": "client_url", "requireTLS": "require_tls"}
    for key, value in part.items():
        name = spelt.get(key) or "".join(
            f"_{letter.lower()}" if letter.isupper() else letter for letter in key
        )
        if name.endswith("matchers"):
            yield name, [f'{each["name"]}{each["matchType"]}"{each["value"]}"' for each in value]
        elif name in ("headers", "details"):
            yield name, {each["key"]: each["value"] for each in value}
        elif isinstance(value, dict) and value.keys() == {"name", "key"}:
            yield f"{name}_file", f"/run/secrets/{value['key']}"
        else:
            yield name, plain(value)
