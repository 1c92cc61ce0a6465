"""How long Prometheus takes to evaluate the rules, and how that grows with the window and the feeds.

    python bench/rules.py [--sizes 35 400 50x35] [--prometheus prometheus …] [--rules FOLDER …] [--slowest 10]

A real Prometheus scrapes a page of generated partitions and evaluates the committed rules;
``50x35`` are fifty feeds of 35. Prints, for each size, program and folder of rules, samples of the page,
seconds per evaluation of each group (best and median), processor seconds that the server
uses per round, which other load affects less, and its memory. Give the rules of an
earlier version as a second folder for a ratio in one run.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the tests' own Prometheus, and handmade facts

from feeds import RULES as EVENTS_RULES
from made import CALENDAR, facts, profile
from prometheus_server import Prometheus, run_prometheus, serve_pages
from running import until

from exporter.discover.calendar import LEAD_IN_DAYS
from exporter.metrics.exposition import PartitionRenderer, merge_blocks, render_vitals
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.vitals import Vitals

ROOT = Path(__file__).parents[1]
RULES = ROOT / "prometheus" / "rules"
LAST = date(2025, 12, 31)
INTERVAL_SECONDS = 15
ALERTABLE = 3
COLUMNS = (
    *("size", "samples", "Prometheus", "rules"),
    *("trends s", "checks s", "others s", "sum s", "CPU s", "memory MB"),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["35", "400", "50x35"], metavar="[FEEDSx]PARTITIONS")
    parser.add_argument("--prometheus", nargs="+", default=[shutil.which("prometheus")], metavar="PROGRAM")
    parser.add_argument("--rules", nargs="+", default=[RULES], type=Path, metavar="FOLDER")
    parser.add_argument("--evaluations", type=int, default=5)
    parser.add_argument("--interval", type=int, default=INTERVAL_SECONDS, metavar="SECONDS")
    parser.add_argument("--slowest", type=int, default=0, metavar="RULES")
    chosen = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for size in chosen.sizes:
        feeds, _, partitions = size.rpartition("x")
        text = page(int(feeds or 1), int(partitions))
        samples = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
        for program in chosen.prometheus:
            for folder in chosen.rules:
                taken = measure(text, program, folder, chosen)
                cells = (size, f"{samples:,}", version(program), folder.name, *taken.cells())
                print(f"| {' | '.join(cells)} |", flush=True)
                for seconds, rule in taken.slowest(chosen.slowest):
                    print(f"  {seconds:.4f} {rule}")


def page(feeds: int, window: int) -> bytes:
    """Return a page with some partitions per feed, which differ only in their numbers."""
    days = [LAST - timedelta(days=number) for number in reversed(range(window + LEAD_IN_DAYS))]
    known = []
    for number, day in enumerate(days):
        rows = 1000 + 37 * (number % 7) + number % 11
        known.append(facts(day, raw=profile(rows=rows), alertable=number >= len(days) - ALERTABLE))
    now = CALENDAR.due_ns(LAST) + 1
    lead_in, exposed = known[:LEAD_IN_DAYS], known[LEAD_IN_DAYS:]
    shot = Assembler(EVENTS_RULES).assemble(lead_in, exposed, as_of_ns=now, generated_ns=now)
    names = [shot.feed, *(f"feed{number}" for number in range(1, feeds))]
    shown = [replace(shot, feed=name) for name in names]
    blocks = [PartitionRenderer().render_blocks(one) for one in shown]
    return (merge_blocks(blocks) + render_vitals(shot, Vitals())).text


@dataclass
class Taken:
    """Seconds of each evaluation, by group and by rule, and the memory at the end."""

    groups: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rules: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu_seconds: float = 0.0  # of the server, per round, including scrape and storage
    megabytes: int = 0

    def add(self, groups: dict[str, dict[str, Any]]) -> None:
        """Add an evaluation of all groups."""
        for name, group in groups.items():
            self.groups[name].append(group["evaluationTime"])
            for place, rule in enumerate(group["rules"]):
                self.rules[f"{name} {place:3} {rule['name']}"].append(rule["evaluationTime"])
        self.groups["sum"].append(sum(group["evaluationTime"] for group in groups.values()))

    def cells(self) -> tuple[str, ...]:
        """Return the best and the median of the groups, and what the server used."""
        named = ("puffy_trends", "puffy_checks")
        others = [lists for name, lists in self.groups.items() if name not in {*named, "sum"}]
        together = [sum(each) for each in zip(*others, strict=True)]
        columns = [*(self.groups[name] for name in named), together, self.groups["sum"]]
        written = [f"{min(taken):.3f} / {statistics.median(taken):.3f}" for taken in columns]
        return (*written, f"{self.cpu_seconds:.2f}", str(self.megabytes))

    def slowest(self, count: int) -> list[tuple[float, str]]:
        """Return the rules with the longest best times, and their seconds."""
        return sorted(((min(taken), rule) for rule, taken in self.rules.items()), reverse=True)[:count]


def measure(text: bytes, program: str, rules: Path, chosen: argparse.Namespace) -> Taken:
    """Have a server evaluate rules several times, and return the times."""
    taken = Taken()
    with serve_pages() as pages, tempfile.TemporaryDirectory() as folder:
        pages.bodies["/metrics"] = text
        config = configuration(rules, pages.port, chosen.interval)
        with run_prometheus(program, Path(folder), config) as server:
            rounds = evaluations(server)
            next(rounds), next(rounds)  # scraped, and evaluated dependent rules
            used = cpu_seconds(server)
            for _ in range(chosen.evaluations):
                taken.add(next(rounds))
            taken.cpu_seconds = (cpu_seconds(server) - used) / chosen.evaluations
            status = Path(f"/proc/{server.process.pid}/status").read_text()
    taken.megabytes = int(status.split("VmRSS:")[1].split()[0]) // 1024
    return taken


def cpu_seconds(server: Prometheus) -> float:
    """Return the processor seconds used so far by a server."""
    user, system = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def configuration(rules: Path, port: int, interval: int) -> dict[str, Any]:
    """Return a server's configuration."""
    return {
        "global": {"scrape_interval": f"{interval}s", "evaluation_interval": f"{interval}s"},
        "rule_files": [str(rules.resolve() / "*.yml")],
        "scrape_configs": [{"job_name": "puffy", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }


def evaluations(server: Prometheus) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield the groups each time all of them have been evaluated after a scrape."""
    assert until(lambda: bool(server.query("puffy_snapshot_as_of_timestamp_seconds")), 120)
    while True:
        before = {name: group["lastEvaluation"] for name, group in server.groups().items()}
        while any(group["lastEvaluation"] == before[name] for name, group in server.groups().items()):
            time.sleep(1)  # requests cost the server time, too
        yield server.groups()


def version(program: str) -> str:
    """Return the version of a server."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return (told.stdout + told.stderr).split("version ")[1].split("+")[0].split(" ")[0]


if __name__ == "__main__":
    main()
