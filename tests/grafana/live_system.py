"""A whole system for the dashboards' queries: demo data, exporter, rules, Prometheus, Alertmanager."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from alertmanager_server import run_alertmanager
from golden import ROOT
from prometheus_server import Prometheus, run_prometheus
from running import Exporter, until
from servers import find_generation

from exporter.demo.plan import write_pipeline

LAST = date(2025, 6, 30)
AS_OF = "2025-07-01"
ALERTMANAGER = "route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n"


@dataclass(frozen=True)
class System:
    """The system on which the queries run."""

    prometheus: Prometheus
    exporter: Exporter


@contextmanager
def run_system(prometheus: str, folder: Path) -> Iterator[System]:
    """Run it until an alert fires and all trends are recorded."""
    (folder / "data").mkdir()
    (folder / "puffy.yml").write_text("watch: {settle_seconds: 0.1, shrink_grace: 0s}\n")
    write_pipeline(folder / "data", LAST)
    (folder / "alertmanager.yml").write_text(ALERTMANAGER)
    with ExitStack() as stack:
        exporter = stack.enter_context(Exporter(folder, "--as-of", AS_OF))
        program = find_generation("system").program("prometheus-alertmanager")
        notifier = stack.enter_context(run_alertmanager(program, folder / "alertmanager.yml"))
        written = configuration(folder, exporter.port, notifier.port)
        server = stack.enter_context(run_prometheus(prometheus, folder / "prometheus", written))
        write_target(folder / "own.json", server.port)
        assert until(lambda: bool(server.query('ALERTS{alertstate="firing"}')), 40)
        assert until(lambda: bool(server.query('alertmanager_alerts{state="active"} > 0')), 40)
        failing = "increase(prometheus_rule_evaluation_failures_total[15s])"
        assert until(lambda: bool(server.query(failing)), 20)
        yield System(server, exporter)


def write_target(path: Path, port: int) -> None:
    """Add a target unknown before the start to Prometheus: itself."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"]}]))
    unfinished.replace(path)


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
