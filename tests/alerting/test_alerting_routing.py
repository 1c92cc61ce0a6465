"""The configuration that ships: valid, complete, and each alert with those it concerns."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from alertmanager_server import SECRETS, SHIPPED, demo_text
from feeds import CHECKS
from golden import ROOT, matches
from servers import Generation

CHECK_SECRETS = ROOT / "alertmanager" / "check-secrets.sh"
DAY = "feed=events partition=2025-03-07"
ROUTES = [
    ("alertname=Watchdog severity=none", "heartbeat"),
    (
        f"alertname=PuffySilence check=silence {DAY} severity=warning owner=data-engineering",
        "analytics-slack,nobody",
    ),
    (
        f"alertname=PuffySchemaMismatch check=schema_mismatch {DAY} severity=critical owner=data-engineering",
        "analytics-slack,page,data-engineering-mail",
    ),
    (
        f"alertname=PuffyZeroRevenue check=zero_revenue {DAY} severity=critical owner=analytics",
        "analytics-slack,page,analytics-mail",
    ),
    (
        "alertname=PuffyExporterDown severity=critical owner=data-engineering",
        "page-data-engineering,data-engineering",
    ),
    ("alertname=PuffyRulesSlow severity=warning owner=data-engineering", "data-engineering"),
    ("alertname=SomethingElse", "data-engineering"),
]


def amtool(generation: Generation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Alertmanager's own tool."""
    command = [generation.program("amtool"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.server
@pytest.mark.parametrize("name", ["alertmanager.yml", "demo.yml"])
def test_the_configuration_is_valid(generation: Generation, name: str) -> None:
    """Alertmanager of both generations takes it, templates included."""
    found = amtool(generation, "check-config", str(SHIPPED.with_name(name)))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "1 templates" in found.stdout


@pytest.mark.server
@pytest.mark.parametrize(("labels", "receivers"), ROUTES)
def test_an_alert_goes_to_those_it_concerns(generation: Generation, labels: str, receivers: str) -> None:
    """Severity, owner and partition decide who is told; nothing is told to nobody by accident."""
    found = amtool(
        generation,
        *("config", "routes", "test", f"--config.file={SHIPPED}", f"--verify.receivers={receivers}"),
        *labels.split(),
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_demo_golden_differs_in_addresses_only() -> None:
    """The demo's configuration is the one that ships, led to the sink."""
    assert matches("alertmanager/demo.yml", demo_text(SHIPPED.read_text()))


def test_every_secret_is_a_file_that_the_demo_has() -> None:
    """No secret stands in the configuration, and the demo brings a harmless one for each."""
    text = SHIPPED.read_text()
    named = set(re.findall(rf"_file: {SECRETS}(\S+)", text))
    assert named == {path.name for path in SHIPPED.with_name("demo-secrets").iterdir()}
    assert not re.search(r"(routing_key|service_key|api_url|auth_password|credentials): \S", text)


@pytest.mark.parametrize("config", [SHIPPED, SHIPPED.with_name("demo.yml")], ids=lambda path: path.stem)
def test_what_a_check_explains_is_inhibited_while_it_fires(config: Path) -> None:
    """The catalogue says it once; Alertmanager inhibits just that, an acknowledgement covers just that."""
    checks = CHECKS
    inhibited: dict[str, set[str]] = {check.name: set() for check in checks}
    for rule in yaml.safe_load(config.read_text())["inhibit_rules"]:
        sources, targets = (
            checks_matched(rule[side], inhibited) for side in ("source_matchers", "target_matchers")
        )
        if sources and targets:
            assert rule["equal"] == ["feed", "partition"]
            for source in sources:
                inhibited[source] |= targets
    assert inhibited == {check.name: set(check.explains) for check in checks}


def checks_matched(matchers: list[str], names: Iterable[str]) -> set[str]:
    """Return the checks that matchers choose, none where they do not speak of checks."""
    patterns = [found[1] for matcher in matchers if (found := re.fullmatch(r'check=~?"(.+)"', matcher))]
    return {name for name in names if patterns and all(re.fullmatch(part, name) for part in patterns)}


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    """The script names each secret file that is absent or empty, and is silent where all are there."""
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
