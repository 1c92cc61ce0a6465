"""A real Alertmanager with the shipped configuration, its addresses pointed at a sink."""

import json
import re
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from golden import ROOT
from prometheus_server import LOOPBACK, free_port
from running import is_ready, until

from exporter.sink.inbox import Inbox
from exporter.sink.message import Channel, Message
from exporter.sink.run import run_sink

SHIPPED = ROOT / "alertmanager" / "alertmanager.yml"
SECRETS = "/run/secrets/"
KEEP = 3  # seconds that an alert fires without its condition
RETENTION = "2160h"  # as in docker-compose.yml
QUICK = {"group_wait: 20s": "group_wait: 2s", "group_interval: 5m": "group_interval: 2s"}


@dataclass
class Sink:
    """A running sink and its messages."""

    inbox: Inbox
    http_port: int = 0
    mail_port: int = 0

    def of(self, channel: Channel, text: str = "") -> list[Message]:
        """Return a channel's messages that contain a text, oldest first."""
        return [
            message
            for message in reversed(self.inbox.newest(channel))
            if text in json.dumps(message.body, ensure_ascii=False)
        ]


@contextmanager
def run_a_sink() -> Iterator[Sink]:
    """Run a sink on free ports."""
    sink, stop, listening = Sink(Inbox()), threading.Event(), threading.Event()

    def ready(port: int, mail_port: int | None) -> None:
        sink.http_port, sink.mail_port = port, mail_port or 0
        listening.set()

    addresses = f"{LOOPBACK}:0", f"{LOOPBACK}:0"
    thread = threading.Thread(
        target=run_sink, args=addresses, kwargs={"stop": stop, "inbox": sink.inbox, "ready": ready}
    )
    thread.start()
    try:
        assert listening.wait(10)
        yield sink
    finally:
        stop.set()
        thread.join(10)


def demo_text(text: str, http: str = "sink:8025", mail: str = "sink:1025") -> str:
    """Return the shipped configuration with only its addresses pointed at a sink."""
    for before, after in (
        ("smtp_smarthost: smtp.example.com:587", f"smtp_smarthost: {mail}"),
        ("smtp_require_tls: true", "smtp_require_tls: false"),
        (
            "pagerduty_url: https://events.pagerduty.com/v2/enqueue",
            f"pagerduty_url: http://{http}/v2/enqueue",
        ),
        ("url: https://heartbeat.example.com/puffy", f"url: http://{http}/webhook/heartbeat"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


def write_config(folder: Path, sink: Sink, changes: Mapping[str, str] = QUICK) -> Path:
    """Write configuration, templates and secrets; ``changes`` shorten waits."""
    secrets = folder / "secrets"
    shutil.copytree(SHIPPED.parent / "templates", folder / "templates")
    shutil.copytree(SHIPPED.parent / "demo-secrets", secrets)
    for path in secrets.glob("slack_*"):
        path.write_text(path.read_text().replace("sink:8025", f"{LOOPBACK}:{sink.http_port}"))
    text = demo_text(
        SHIPPED.read_text(), f"{LOOPBACK}:{sink.http_port}", f"{LOOPBACK}:{sink.mail_port}"
    ).replace(SECRETS, f"{secrets}/")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    path = folder / "alertmanager.yml"
    path.write_text(text)
    return path


def shipped_config(
    folder: Path, exporter_port: int, alertmanager_port: int, *, hold: int = 0, keep: int = KEEP
) -> dict[str, object]:
    """Return the shipped Prometheus configuration, at test speed and with a test's addresses."""
    text = (ROOT / "prometheus" / "prometheus.yml").read_text()
    text = text.replace("exporter:10110", f"{LOOPBACK}:{exporter_port}")
    config = yaml.safe_load(text.replace("alertmanager:9093", f"{LOOPBACK}:{alertmanager_port}"))
    rules = folder / "rules"
    rules.mkdir()
    for path in (ROOT / "prometheus" / "rules").glob("*.yml"):
        (rules / path.name).write_text(without_waiting(path.read_text(), hold, keep))
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(rules / "*.yml")]
    config["scrape_configs"] = [
        job for job in config["scrape_configs"] if job["job_name"] in ("puffy", "alertmanager")
    ]
    return dict(config)


class Alertmanager:
    """A running Alertmanager."""

    def __init__(self, program: str, config: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.log = config.with_suffix(".log")
        command = [
            program,
            f"--config.file={config}",
            f"--storage.path={config.parent / 'alertmanager'}",
            f"--web.listen-address={LOOPBACK}:{self.port}",
            f"--web.external-url=http://{LOOPBACK}:{self.port}",
            f"--data.retention={RETENTION}",
            "--cluster.listen-address=",
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log)
        assert until(lambda: is_ready(self.port), 20), self.log.read_text()

    def post(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Post alerts like Prometheus."""
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.port}/api/v2/alerts",
            json.dumps(alerts).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    def suppressed(self, **labels: str) -> set[str]:
        """Return the checks (or names) of suppressed alerts."""
        filters = [("filter", f'{name}="{value}"') for name, value in labels.items()]
        query = urllib.parse.urlencode([*filters, ("active", "true")])
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/api/v2/alerts?{query}") as answer:
            found = json.load(answer)
        return {
            alert["labels"].get("check", alert["labels"]["alertname"])
            for alert in found
            if alert["status"]["state"] == "suppressed"
        }

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def run_alertmanager(program: str, config: Path) -> Iterator[Alertmanager]:
    """Run an Alertmanager."""
    server = Alertmanager(program, config)
    try:
        yield server
    finally:
        server.stop()


def headline(message: Message) -> str:
    """Return what a person reads first."""
    body = message.body
    if message.channel is Channel.SLACK:
        return str(body["attachments"][0]["title"])
    return str(body["subject"] if message.channel is Channel.EMAIL else body["payload"]["summary"])


def slack_text(message: Message) -> str:
    """Return the text of a Slack message."""
    return str(message.body["attachments"][0]["text"])


def without_waiting(rules: str, hold: int = 0, keep: int = KEEP) -> str:
    """Return a rule file whose alerts fire after ``hold`` seconds, and end ``keep`` after their condition."""
    return re.sub(r"keep_firing_for: \w+", f"keep_firing_for: {keep}s", rules).replace(
        " for: 30s", f" for: {hold}s"
    )
