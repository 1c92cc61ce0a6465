"""A real Prometheus with the pages of many feeds, with and without the shipped rules."""

import argparse
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_server import Prometheus, run_prometheus  # the tests' own; ``rules`` sets the path
from rules import RULES, cpu_seconds

from scale_parts.pages import one_feed, pages, samples, serve

SETTLED = 2  # intervals until the measurements are typical


def measure(options: argparse.Namespace) -> Iterator[Mapping[str, float]]:
    """Yield the cost of each number of feeds."""
    page = one_feed(options.kind)
    print(f"{len(samples(page)):,} series a feed")
    for feeds in options.feeds:
        bodies = pages(page, feeds)
        with serve(bodies) as port:
            bare, ruled = (_run(options, port, bodies, *rules) for rules in ((), (RULES / "*.yml",)))
        found = {
            "feeds": feeds,
            "series": bare["series"],
            "series of rules": ruled["series"] - bare["series"],
            "MB": bare["MB"],
            "MB with rules": ruled["MB"],
            "CPU s of a scrape": bare["CPU s"],
            "CPU s of rules": ruled["CPU s"] - bare["CPU s"],
            "s of trends": ruled["puffy_trends"],
            "s of checks": ruled["puffy_checks"],
            "s of all rules": ruled["rules"],
            "WAL MB of a scrape": bare["WAL MB"],
        }
        print(", ".join(f"{name} {value:,.4g}" for name, value in found.items()), flush=True)
        yield found


def _run(
    options: argparse.Namespace, port: int, bodies: Mapping[str, bytes], *rules: Path
) -> dict[str, float]:
    targets = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"__metrics_path__": path, "page": path}}
        for path in bodies
    ]
    every = f"{options.interval}s"
    config: dict[str, Any] = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": [{"job_name": "puffy", "static_configs": targets}],
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        run_prometheus(options.prometheus, Path(folder), config) as server,
    ):
        time.sleep(SETTLED * options.interval)
        wal = Path(folder) / "tsdb" / "wal"
        begun, used, written = time.monotonic(), cpu_seconds(server), _size(wal)
        time.sleep(options.rounds * options.interval)
        rounds = (time.monotonic() - begun) / options.interval
        found = {
            "CPU s": (cpu_seconds(server) - used) / rounds,
            "WAL MB": (_size(wal) - written) / rounds / 1e6,
            "MB": _memory(server),
            "series": _head_series(server),
        }
        groups = server.groups() if rules else {}
        assert all(target["health"] == "up" for target in server.get("targets")["activeTargets"])
        server.process.kill()  # a large one takes minutes to shut down, and nothing of it is needed
    taken = {name: float(group["evaluationTime"]) for name, group in groups.items()}
    return found | taken | {"rules": sum(taken.values())}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _memory(server: Prometheus) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def _head_series(server: Prometheus) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    found = re.search(r"^prometheus_tsdb_head_series (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])
