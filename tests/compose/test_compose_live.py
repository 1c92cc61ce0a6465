"""Three lines lead from the demo to one's own pipeline, Slack and PagerDuty; the README's are run here."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from running import until
from stack import Stack, copy_checkout

from exporter.demo.feed import newest_arrived
from exporter.demo.plan import write_pipeline

SERVICES = ("hooks.slack.com", "events.pagerduty.com", "heartbeat.example.com")
MAIL = "smtp.example.com"  # nobody listens there: a mail that cannot be sent must keep nothing else back
ANSWERS = (
    "https://hooks.slack.com/services/T0/B0/analytics",
    "https://hooks.slack.com/services/T0/B0/engineering",
    "oncall-key",
    "lead-key",
    "mail-password",
    "heartbeat-token",
    "",
)

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.xdist_group("docker")]


@pytest.fixture
def stack(docker: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    """Provide a checkout in which a recorder bears the names of Slack, PagerDuty and all else outside."""
    stack = Stack(copy_checkout(tmp_path / "checkout"), docker)
    put_a_recorder(stack.checkout, tmp_path / "certificates")
    try:
        yield stack
    finally:
        stack.down()


def put_a_recorder(checkout: Path, folder: Path) -> None:
    """Add what compose merges by itself: the recorder, and an Alertmanager that trusts its certificate."""
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(*SERVICES).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    mounted = [f"{folder}:/certificates:ro"]
    recorder = {
        "image": "puffy-exporter:0.1.0",
        "entrypoint": ["python", "-u", "/tests/recorder_tls.py"],
        "volumes": [*mounted, f"{Path(__file__).parent}:/tests:ro"],
        "networks": {"default": {"aliases": [*SERVICES, MAIL]}},
        "healthcheck": {"disable": True},
    }
    alertmanager = {"volumes": mounted, "environment": {"SSL_CERT_FILE": "/certificates/ca.pem"}}
    override = {"services": {"recorder": recorder, "alertmanager": alertmanager}}
    (checkout / "docker-compose.override.yml").write_text(yaml.safe_dump(override))


def follow_the_readme(stack: Stack, data: Path) -> None:
    """Run the lines that stand under "real" in the README, with this test's folder and answers."""
    section = (stack.checkout / "README.md").read_text().partition("\n## Docker\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line.removeprefix("$ ").partition("  #")[0].strip() for line in blocks[-1].splitlines()]
    assert len(lines) == 3
    for line in lines:
        done = stack.run("sh", "-c", line.replace("/data/puffy", str(data)), given="\n".join(ANSWERS))
        assert done.returncode == 0, done.stdout + done.stderr


def recorded(stack: Stack, host: str) -> list[dict[str, Any]]:
    """Return what was posted to a service."""
    lines = stack.compose("logs", "--no-log-prefix", "--no-color", "recorder").splitlines()
    posts = [json.loads(line) for line in lines if line.startswith("{")]
    return [post for post in posts if post["host"] == host]


def listing(folder: Path) -> dict[str, float]:
    """Return every file and when it was changed."""
    return {str(path): path.stat().st_mtime for path in folder.rglob("*")}


def test_three_lines_lead_to_real_slack_and_pagerduty(stack: Stack, tmp_path: Path) -> None:
    """A bad day is told at their real addresses with one's own keys; the data stays as it is."""
    data = tmp_path / "data"
    newest = newest_arrived(datetime.now(UTC))
    write_pipeline(data, newest, 12)
    before = listing(data)
    follow_the_readme(stack, data)
    title = f"events {newest - timedelta(days=1)}: column referrer is missing"

    def told() -> bool:
        time.sleep(1)  # each look starts two programs
        slack, pages = recorded(stack, SERVICES[0]), recorded(stack, SERVICES[1])
        return f"CRITICAL {title}" in json.dumps(slack) and json.dumps(pages).count(f'"{title}') == 2

    assert until(told, 150), stack.compose("logs", "--tail", "30", "alertmanager", "recorder")
    assert {post["path"] for post in recorded(stack, SERVICES[0])} == {"/services/T0/B0/analytics"}
    pages = recorded(stack, SERVICES[1])
    assert {page["path"] for page in pages} == {"/v2/enqueue"}
    assert {page["body"]["routing_key"] for page in pages} == {"oncall-key", "lead-key"}
    assert until(lambda: bool(recorded(stack, SERVICES[2])), 60), "the heartbeat"
    assert recorded(stack, SERVICES[2])[0]["token"] == "Bearer heartbeat-token"
    assert listing(data) == before
    nothing_of_the_demo(stack)


def nothing_of_the_demo(stack: Stack) -> None:
    """See neither its containers nor its credentials; the password that was not given is a random one."""
    assert set(stack.containers()) == {"exporter", "prometheus", "alertmanager", "grafana", "recorder"}
    mounted = json.dumps([one["Mounts"] for one in stack.containers().values()])
    assert "live-secrets" in mounted
    assert "demo" not in mounted.replace(str(stack.checkout), "")
    secrets = stack.checkout / "grafana" / "live-secrets"
    assert re.fullmatch(r"[0-9a-f]{32}\n", (secrets / "admin_password").read_text())
    assert secrets.stat().st_mode & 0o077 == 0, "others cannot enter the folder"
