"""The shipped configuration: valid, complete, and each alert reaches those it concerns."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from alertmanager_server import RETENTION, SECRETS, SHIPPED, demo_text
from golden import ROOT, matches
from servers import Generation

META = {
    rule["alert"]
    for group in yaml.safe_load((ROOT / "prometheus" / "rules" / "meta.yml").read_text())["groups"]
    for rule in group["rules"]
}
CHECK_SECRETS = ROOT / "alertmanager" / "check-secrets.sh"
VERDICT = "check=schema_mismatch feed=events partition=2025-03-07 owner=data-engineering"
INCIDENT = "feed=events incident=5f3a cause=schema_mismatch"
ROUTES = [
    ("alertname=Watchdog severity=none", "heartbeat"),
    (f"alertname=PuffySchemaMismatch {VERDICT} severity=critical", "nobody"),
    (f"alertname=PuffyTrendAnomaly {VERDICT} severity=warning", "nobody"),
    (f"alertname=PuffyIncident {INCIDENT} severity=warning owner=data-engineering", "analytics-slack"),
    (
        f"alertname=PuffyIncident {INCIDENT} severity=critical owner=data-engineering",
        "analytics-slack,page,data-engineering-mail",
    ),
    (
        f"alertname=PuffyIncident {INCIDENT} severity=critical owner=analytics",
        "analytics-slack,page,analytics-mail",
    ),
    (f"alertname=PuffyIncidentEnded {INCIDENT} severity=none why=repaired", "analytics-slack"),
    ("alertname=PuffyDigest severity=none", "analytics-slack"),
    (
        "alertname=PuffyExporterDown severity=critical owner=data-engineering",
        "page-data-engineering,data-engineering",
    ),
    ("alertname=PuffyIncidentsDisagree feed=events severity=warning", "data-engineering"),
    ("alertname=SomethingElse", "data-engineering"),
]


def amtool(generation: Generation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Alertmanager's own tool."""
    command = [generation.program("amtool"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.server
@pytest.mark.parametrize("name", ["alertmanager.yml", "demo.yml"])
def test_the_configuration_is_valid(generation: Generation, name: str) -> None:
    """Alertmanager of both generations accepts it, including templates."""
    found = amtool(generation, "check-config", str(SHIPPED.with_name(name)))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "1 templates" in found.stdout


@pytest.mark.server
@pytest.mark.parametrize(("labels", "receivers"), ROUTES)
def test_an_alert_goes_to_those_it_concerns(generation: Generation, labels: str, receivers: str) -> None:
    """Name, severity and owner decide who is notified; verdicts notify nobody, all else somebody."""
    found = amtool(
        generation,
        *("config", "routes", "test", f"--config.file={SHIPPED}", f"--verify.receivers={receivers}"),
        *labels.split(),
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_demo_golden_differs_in_addresses_only() -> None:
    """The demo's configuration is the shipped one, pointed at the sink."""
    assert matches("alertmanager/demo.yml", demo_text(SHIPPED.read_text()))


def test_every_secret_is_a_file_that_the_demo_has() -> None:
    """The configuration contains no secret, and the demo has a harmless one for each."""
    text = SHIPPED.read_text()
    named = set(re.findall(rf"_file: {SECRETS}(\S+)", text))
    assert named == {path.name for path in SHIPPED.with_name("demo-secrets").iterdir()}
    assert not re.search(r"(routing_key|service_key|api_url|auth_password|credentials): \S", text)


@pytest.mark.parametrize("config", [SHIPPED, SHIPPED.with_name("demo.yml")], ids=lambda path: path.stem)
def test_no_inhibition_speaks_of_incidents_or_checks(config: Path) -> None:
    """After a restart a target may arrive long before its source, and would be sent."""
    for rule in yaml.safe_load(config.read_text())["inhibit_rules"]:
        for side in ("source_matchers", "target_matchers"):
            (matcher,) = rule[side]
            names = set(re.fullmatch(r'alertname=~?"(.+)"', matcher)[1].split("|"))  # type: ignore[index]
            assert names <= META


def test_alertmanager_remembers_for_longer_than_it_is_to_be_silent() -> None:
    """An entry of its log is kept for twice the repeat interval, but never longer than the data retention."""
    compose = (ROOT / "docker-compose.yml").read_text()
    (retention,) = re.findall(r"--data\.retention=(\d+)h$", compose, re.MULTILINE)
    assert f"{retention}h" == RETENTION
    assert f"--data.retention={retention}h" in (ROOT / "docs" / "notifications.md").read_text()
    longest = max(map(hours, re.findall(r"repeat_interval: (\w+)", SHIPPED.read_text())))
    assert int(retention) >= longest + 24
    assert hours("4w") <= longest, "open incidents are sent once; the digest repeats them"


def hours(interval: str) -> int:
    """Return the hours of an interval of weeks, days or hours."""
    return int(interval[:-1]) * {"w": 168, "d": 24, "h": 1}[interval[-1]]


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    """The script names each missing or empty secret file, and is silent if all exist."""
    secrets = tmp_path / "secrets"
    shutil.copytree(SHIPPED.with_name("demo-secrets"), secrets)
    config = tmp_path / "alertmanager.yml"
    config.write_text(SHIPPED.read_text().replace(SECRETS, f"{secrets}/"))
    assert check_secrets(config).returncode == 0
    (secrets / "pagerduty_oncall_key").unlink()
    (secrets / "smtp_password").write_text(" \n")
    found = check_secrets(config)
    assert found.returncode == 1
    assert len(found.stderr.splitlines()) == 2
    assert "pagerduty_oncall_key" in found.stderr
    assert "smtp_password" in found.stderr


def check_secrets(config: Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    command = ["sh", str(CHECK_SECRETS), str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
