"""`docker compose up` from a clean checkout, on images that stand in for the pinned ones."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import until
from stack import Stack, copy_checkout

HEALTHY_WITHIN = 120
TOLD_WITHIN = 120
STOPPED_WITHIN = 5  # seconds; Docker kills after ten
LOST_COLUMN = "column referrer is missing"

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.xdist_group("docker")]


@pytest.fixture(scope="module")
def stack(docker: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Build, start, and wait until everything is healthy."""
    stack = Stack(copy_checkout(tmp_path_factory.mktemp("demo")), docker)
    try:
        stack.timed("build", "compose", "build")
        stack.timed("healthy", "compose", "up", "-d", "--wait", "--wait-timeout", str(HEALTHY_WITHIN))
        yield stack
    finally:
        stack.down()


def received(stack: Stack, channel: str, text: str) -> list[dict[str, Any]]:
    """Return what the sink received on a channel and holds a text."""
    messages = stack.fetch("sink", f"/api/messages?channel={channel}")["messages"]
    return [message for message in messages if text in json.dumps(message["body"])]


def test_one_command_brings_everything_up_healthy(stack: Stack) -> None:
    """Six containers, each healthy, none as root, in under two minutes."""
    containers = stack.containers()
    assert len(containers) == 6
    assert {one["State"]["Health"]["Status"] for one in containers.values()} == {"healthy"}
    assert stack.took["healthy"] < HEALTHY_WITHIN
    for name in containers:
        running = stack.compose("exec", "-T", name, "sh", "-c", "id -u; cat /proc/1/status")
        assert running.splitlines()[0] != "0", name
        assert re.search(r"^CapEff:\s+0+$", running, re.MULTILINE), name
        assert re.search(r"^NoNewPrivs:\s+1$", running, re.MULTILINE), name


def test_prometheus_reaches_its_targets_and_evaluates_its_rules(stack: Stack) -> None:
    """All four targets are up, every rule of the four files is loaded and works."""

    def health() -> list[str]:
        return [
            target["health"]
            for target in stack.fetch("prometheus", "/api/v1/targets")["data"]["activeTargets"]
        ]

    def groups() -> list[dict[str, Any]]:
        return list(stack.fetch("prometheus", "/api/v1/rules")["data"]["groups"])

    assert until(lambda: health() == ["up"] * 4, 40), health()
    assert {Path(group["file"]).name for group in groups()} == {
        "checks.yml",
        "incidents.yml",
        "meta.yml",
        "trends.yml",
    }

    def evaluated() -> set[str]:
        return {rule["health"] for group in groups() for rule in group["rules"]}

    assert until(lambda: evaluated() == {"ok"}, 60), evaluated()


def test_the_bad_day_reaches_slack_pagerduty_and_mail(stack: Stack) -> None:
    """The day that lost a column pages two people, tells Slack once with a link to the silence, and mails."""
    begun = time.monotonic()
    assert until(lambda: len(received(stack, "pagerduty", LOST_COLUMN)) == 2, TOLD_WITHIN), stack.fetch(
        "sink", "/api/messages"
    )
    assert until(lambda: bool(slack_told(stack)), 10)
    assert until(lambda: bool(received(stack, "email", LOST_COLUMN)), 10)
    stack.took["told"] = time.monotonic() - begun
    (told,) = slack_told(stack)
    assert "|Silence>" in told["text"]
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.ports['sink']}/") as page:
        shown = page.read().decode()
    assert "http://localhost:9093/#/silences/new?" in shown
    assert not received(stack, "slack", "PuffyPartitionMissing"), (
        "the newest days come before anybody misses them"
    )


def slack_told(stack: Stack) -> list[dict[str, Any]]:
    """Return Slack's messages about the lost column, except a digest, which may come at this hour."""
    told = [message["body"]["attachments"][0] for message in received(stack, "slack", LOST_COLUMN)]
    return [attachment for attachment in told if LOST_COLUMN in attachment["title"]]


def test_the_gate_is_closed_until_somebody_answers_for_the_day(stack: Stack) -> None:
    """Over HTTP nobody can, as the port has no password; inside the container one can."""
    status = stack.run("docker", "compose", "exec", "-T", "exporter", "puffy-exporter", "gate", "status")
    assert status.returncode == 3
    held = dict(reversed(line) for line in re.findall(r"^  (\S+) (\w+) since", status.stdout, re.MULTILINE))
    assert held.keys() == {"schema_mismatch", "partition_empty"}
    answer = ["gate", "ack", *held.values(), "--by", "Ann", "--reason", "seen"]
    assert stack.compose("exec", "-T", "exporter", "puffy-exporter", *answer).endswith("open")


def test_the_exporter_writes_its_output_alone(stack: Stack) -> None:
    """Neither the data nor the image can be changed from inside."""
    for path in ("/data/x", "/opt/puffy/x", "/x"):
        assert stack.run("docker", "compose", "exec", "-T", "exporter", "touch", path).returncode != 0
    assert "monitoring_report.json" in stack.compose("exec", "-T", "exporter", "ls", "/output")
    secrets = stack.compose("exec", "-T", "alertmanager", "sh", "/etc/alertmanager/check-secrets.sh")
    assert secrets == "", "each secret is there and readable"


@pytest.mark.parametrize("service", ["exporter", "simulator", "sink"])
def test_a_container_stops_when_it_is_asked_to(stack: Stack, service: str) -> None:
    """In half the time that Docker gives it, with exit code 0."""
    name = stack.containers()[service]["Name"]
    assert stack.timed(f"{service} stopped", "stop", name) < STOPPED_WITHIN
    assert stack.containers()[service]["State"]["ExitCode"] == 0


def test_down_leaves_nothing(stack: Stack) -> None:
    """No container, no volume, no network."""
    stack.timed("down", "compose", "down", "-v")
    assert stack.docker("ps", "-aq") == ""
    assert stack.docker("volume", "ls", "-q") == ""
    assert stack.docker("network", "ls", "-q", "--filter", "type=custom") == ""
    print({name: round(seconds, 1) for name, seconds in stack.took.items()})  # noqa: T201  shown by -s or -rP
