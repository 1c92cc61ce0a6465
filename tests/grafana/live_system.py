"""A whole system for the dashboards' queries: demo data, exporter, rules, Prometheus, Alertmanager."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from golden import ROOT
from prometheus_server import Prometheus, free_port, run_prometheus
from running import Exporter, until

from exporter.demo.plan import write_pipeline

LAST = date(2025, 6, 30)
AS_OF = "2025-07-01"
ALERTMANAGER = "route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n"


@dataclass(frozen=True)
class System:
    """What the queries are asked of."""

    prometheus: Prometheus
    exporter: Exporter


def find_alertmanager() -> str:
    """Return where Alertmanager is; skip where it is not installed, which on CI is a failure."""
    found = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if found is None:
        assert not os.environ.get("CI"), "alertmanager must be installed on CI"
        pytest.skip("alertmanager is not installed")
    return found


@contextmanager
def run_system(prometheus: str, folder: Path) -> Iterator[System]:
    """Run it until an alert fires and all trends are recorded."""
    (folder / "data").mkdir()
    (folder / "puffy.yml").write_text("watch: {settle_seconds: 0.1}\n")
    write_pipeline(folder / "data", LAST)
    exporter = Exporter(folder, "--as-of", AS_OF)
    notifier, port = start_alertmanager(find_alertmanager(), folder)
    written = configuration(folder, exporter.port, port)
    try:
        with run_prometheus(prometheus, folder / "prometheus", written) as server:
            write_target(folder / "own.json", server.port)
            assert until(lambda: bool(server.query('ALERTS{alertstate="firing"}')), 40)
            assert until(lambda: bool(server.query('alertmanager_alerts{state="active"} > 0')), 40)
            assert until(
                lambda: bool(server.query("increase(prometheus_rule_evaluation_failures_total[15s])")), 20
            )
            yield System(server, exporter)
    finally:
        for process in (exporter.process, notifier):
            process.terminate()
            process.wait(20)


def start_alertmanager(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Run an Alertmanager that tells nobody."""
    (folder / "alertmanager.yml").write_text(ALERTMANAGER)
    port = free_port()
    command = [
        program,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (folder / "alertmanager.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    assert until(lambda: answers(f"http://127.0.0.1:{port}/-/ready"), 20)
    return process, port


def write_target(path: Path, port: int) -> None:
    """Tell Prometheus of a target that was not known before it started: itself."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"]}]))
    unfinished.replace(path)


def answers(address: str) -> bool:
    """Tell whether an address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def configuration(folder: Path, exporter: int, alertmanager: int) -> dict[str, object]:
    """Return Prometheus' configuration; alerts fire after a second instead of half a minute."""
    rules = folder / "rules"
    rules.mkdir()
    for path in (ROOT / "prometheus" / "rules").glob("*.yml"):
        (rules / path.name).write_text(path.read_text().replace("for: 30s", "for: 1s"))
    targets = {"puffy": exporter, "alertmanager": alertmanager}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [f"{rules}/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for job, port in targets.items()
        ]
        + [{"job_name": "prometheus", "file_sd_configs": [{"files": [str(folder / "own.json")]}]}],
    }
